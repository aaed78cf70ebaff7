// What a person types when a command asks, on a stand-in of a terminal.

import { PassThrough } from 'node:stream';
import { askOn } from '../../../infra/cli/ask';

const answering = (keys: string) => {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const interruption = new AbortController();
  const answer = askOn(input, output, interruption)('Go on? [y/N] ');
  input.write(keys);
  return { answer, output, interruption };
};

const CTRL_C = '\x03';
const CTRL_D = '\x04';

it.each([
  ['y', 'y\r', 'y'],
  ['nothing', '\r', ''],
  ['Ctrl-D', CTRL_D, ''],
])('takes %s for an answer', async (_, keys, answer) => {
  const asked = answering(keys);
  expect(await asked.answer).toBe(answer);
  expect(asked.interruption.signal.aborted).toBe(false);
  expect(String(asked.output.read())).toContain('Go on? [y/N] ');
});

it('takes Ctrl-C for the end of the command, as while it works', async () => {
  const { answer, interruption } = answering(CTRL_C);
  await expect(answer).rejects.toBe(interruption.signal.reason);
  expect(interruption.signal.aborted).toBe(true);
});

it('takes the end of the input for no answer', async () => {
  const input = new PassThrough();
  const asked = askOn(input, new PassThrough(), new AbortController())('Go on? [y/N] ');
  input.end();
  expect(await asked).toBe('');
});
