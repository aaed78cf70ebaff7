// `relay forget` on the running local stack: no file that it keeps has a trace of the person, the queue's database and
// its journal among them, and it goes on working.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { relayCli } from '../support/relay-cli';
import { type RunningStack, sqsClientFor, startFreshStack } from '../support/running-stack';
import { GIVE_UP_MS, until } from '../support/until';

const PLANTED = /planted/i;

let stack: RunningStack & { stop(): Promise<void> };

beforeAll(async () => {
  stack = await startFreshStack();
}, 3 * GIVE_UP_MS);

afterAll(() => stack.stop());

/** Each file of the stack's data that has the person, with all its bytes looked at. */
const tracesOf = async (person: RegExp): Promise<string[]> => {
  const folder = stack.environment['LOCAL_DATA_DIR'] ?? '';
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map(async (file) => (await readFile(file)).toString('latin1')));
  return files.filter((_, index) => person.test(texts[index] ?? ''));
};

const put = async (event: object): Promise<void> => {
  const sqs = sqsClientFor(stack.ports);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.queueUrl('events'),
      MessageBody: JSON.stringify(event),
    }),
  );
  sqs.destroy();
};

const relay = (words: string) => relayCli(words.split(' '), { env: stack.environment });

it(
  'leaves nothing of a person in the files of the local stack',
  async () => {
    await put({ type: 'identify', userId: 'u-planted', traits: { email: 'Planted@example.com' } });
    await put({ type: 'track', userId: 'u-planted', event: '' });
    await put({
      type: 'track',
      userId: 'u-other',
      event: 'Invited',
      properties: { by: 'planted@example.com' },
    });
    await until(
      async () => JSON.parse((await relay('trace u-planted --json')).out).lines.length === 2,
      GIVE_UP_MS,
    );
    await until(async () => (await relay('trace u-other')).out.includes('Invited'));

    expect((await tracesOf(PLANTED)).join()).toMatch(/fauxqs\.db.*ndjson|ndjson.*fauxqs\.db/);
    const { code, out } = await relay('forget PLANTED@example.com --yes --json');

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ deadLetters: 1, lines: 3 });
    expect(await tracesOf(PLANTED)).toEqual([]);
    expect((await relay('trace u-other')).out).toContain('Invited');
    await put({ type: 'track', userId: 'u-other', event: 'Ordered' });
    await until(async () => (await relay('trace u-other')).out.includes('Ordered'));
  },
  3 * GIVE_UP_MS,
);
