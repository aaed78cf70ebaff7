// docs/operations.md, Redrive, as an operator follows it: every line of its blocks is run, in order, and what stands
// in the text is what happens.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sqsCommands from '@aws-sdk/client-sqs';
import { toMessage } from '../../../lib/queue/dead-letter';
import { type Stage, startStage } from '../../support/relay-cli';
import { ROOT } from '../../support/running-stack';
import { until } from '../../support/until';

let stage: Stage;
let folder: string;

beforeEach(async () => {
  stage = await startStage();
  folder = await mkdtemp(join(tmpdir(), 'relay-runbook-'));
});

afterEach(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

/** The commands of the section, as they are to be typed for the stage `test`. */
const readRunbook = async (): Promise<string[]> => {
  const page = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const [, section = ''] = /\n## Redrive\n([\s\S]*?)\n## /.exec(page) ?? [];
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) =>
      block
        .replace(/\\\n\s*/g, '')
        .trim()
        .split('\n'),
    )
    .map((line) =>
      line
        .replaceAll('prod', 'test')
        .replace('given-up.ndjson', join(folder, 'given-up.ndjson'))
        .replaceAll('<region>:<account>', 'us-east-1:000000000000'),
    );
};

const runLine = async (line: string): Promise<string> => {
  if (line.startsWith('aws sqs ')) return runAws(line.slice('aws sqs '.length));
  expect(line).toMatch(/^npx relay /);
  const argv = line.replace('npx relay ', '').replace(' --stage test', '');
  const { code, out, err } = await stage.run(argv, { answer: 'y' });
  expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' });
  return out;
};

const pascal = (words: string): string => words.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());

/** As the AWS CLI does: its verb is the API's action, its options are the action's fields. */
const runAws = async (line: string): Promise<string> => {
  const [verb = '', ...options] = line.split(/ (?:--)?/);
  const input: Record<string, unknown> = {};
  for (let index = 0; index < options.length; index += 2) {
    const value = options[index + 1] ?? '';
    input[pascal(options[index] ?? '')] = /^\d+$/.test(value) ? Number(value) : value;
  }
  const Command = Object.entries(sqsCommands).find(([name]) => name === `${pascal(verb)}Command`)?.[1];
  if (typeof Command !== 'function') throw new Error(`There is no aws sqs ${verb}.`);
  return JSON.stringify(await stage.sqs.client.send(Reflect.construct(Command, [input])));
};

const put = (userId: string, reason: 'missing_event_name' | 'illegal_identifier' | 'invalid_event') => {
  const body = JSON.stringify({ type: 'track', userId, event: 'Ordered' });
  const letter = { body, reason, source: 'shop', messageId: `m-${userId}` };
  return stage.put('dead-letters', body, toMessage(letter, new Date()).attributes);
};

it('is followed line by line: looked at, a part sent back, all moved, the hopeless given up', async () => {
  const lines = await readRunbook();
  expect(lines).toHaveLength(8);
  const [list = '', rehearse = '', some = '', all = '', awsMove = '', awsList = '', copy = '', discard = ''] =
    lines;
  await put('u1', 'missing_event_name');
  await put('u2', 'invalid_event');
  expect(await runLine(list)).toContain('2 dead letters');
  expect(await runLine(rehearse)).toContain('1 dead letter would go');
  expect(await runLine(some)).toBe('1 dead letter sent back.\n');
  expect(await stage.count('events')).toBe(1);
  expect(await runLine(all)).toBe('1 message moved back.\n');
  expect(await stage.count('events')).toBe(2);

  await put('u3', 'invalid_event');
  await runLine(awsMove);
  await until(async () => JSON.parse(await runLine(awsList)).Results[0].Status === 'COMPLETED');
  expect(await stage.count('events')).toBe(3);

  await put('u4', 'illegal_identifier');
  await put('u5', 'invalid_event');
  await runLine(copy);
  expect(await runLine(discard)).toContain('1 dead letter discarded');
  expect(await stage.count('dead-letters')).toBe(1);
});
