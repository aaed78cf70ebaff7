// Dead letters on a real queue: what is done to them, and what is there before anything is deleted.

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readExported } from '../../../../infra/cli/dead-letters/export-file';
import { readLetter } from '../../../../infra/cli/dead-letters/letter';
import { countMessages } from '../../../../infra/cli/dead-letters/move-task';
import type { Queue } from '../../../../infra/cli/target';
import { exportLines } from '../../../../infra/console/page/dead-letter-groups';
import { deadLetterQueues } from '../../../../infra/console/server/dead-letter-queues';
import { type QueueSuffix, type Stage, startStage } from '../../../support/relay-cli';

let stage: Stage;
let folder: string;

beforeEach(async () => {
  stage = await startStage();
  folder = await mkdtemp(join(tmpdir(), 'relay-console-letters-'));
});

afterEach(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

const queue = (name: QueueSuffix): Queue => ({
  sqs: stage.sqs.client,
  url: stage.queueUrl(name),
  name: `cio-relay-test-${name}`,
});

const deskOf = (discardFolder: string | undefined = join(folder, 'discarded')) => {
  const peek = ({ name }: Queue, limit: number) =>
    stage.sqs
      .peek(name)
      .slice(0, limit)
      .map(({ sqsMessageId, body, attributes, sentAtMs }) =>
        readLetter({
          MessageId: sqsMessageId,
          Body: body,
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([key, value]) => [
              key,
              { DataType: 'String', StringValue: value },
            ]),
          ),
          Attributes: { SentTimestamp: `${sentAtMs}` },
        }),
      );
  return deadLetterQueues({
    queues: [
      { deadLetters: queue('dead-letters'), origin: queue('events') },
      { deadLetters: queue('activity-dead-letters'), origin: queue('activity') },
    ],
    read: async (from, limit) => peek(from, limit),
    countAll: countMessages,
    discardFolder,
    signal: new AbortController().signal,
  });
};

const letter = (name: string, to: QueueSuffix = 'dead-letters') =>
  stage.put(to, `{"type":"track","userId":"u1","event":"${name}","big":12345678901234567890}`, {
    reason: 'missing_identifier',
    detail: 'userId: expected one',
    source: 'web',
    messageId: `m-${name}`,
    failedAt: '2026-11-28T10:00:00.000Z',
  });

const bodiesOn = async (name: QueueSuffix): Promise<string[]> =>
  (await stage.takeAll(name)).map(({ Body = '' }) => Body).sort();

it('Letters of both queues are listed with their own queue, and go back to the one they came from', async () => {
  await letter('One');
  await letter('Two', 'activity-dead-letters');
  const desk = deskOf();
  const { letters, total } = await desk.list();

  expect(letters.map(({ queue: from, origin, messageId }) => [from, origin, messageId])).toEqual([
    ['cio-relay-test-dead-letters', 'cio-relay-test-events', 'm-One'],
    ['cio-relay-test-activity-dead-letters', 'cio-relay-test-activity', 'm-Two'],
  ]);
  expect(total).toBe(2);
  expect(await desk.write?.sendAgain(letters.map(({ id }) => id))).toEqual({ done: 2, left: 0 });
  expect(await bodiesOn('events')).toEqual([
    expect.stringContaining('"event":"One","big":12345678901234567890'),
  ]);
  expect(await bodiesOn('activity')).toEqual([expect.stringContaining('Two')]);
  expect((await desk.list()).letters).toEqual([]);
});

it('Many are sent again at once, the others stay, and one that is gone is told', async () => {
  for (let number = 0; number < 25; number += 1) await letter(`E${number}`);
  const desk = deskOf();
  const ids = (await desk.list()).letters.map(({ id }) => id).slice(0, 23);

  expect(await desk.write?.sendAgain([...ids, 'no-such-id'])).toEqual({ done: 23, left: 1 });
  expect(await stage.count('dead-letters')).toBe(2);
  expect(await bodiesOn('events')).toHaveLength(23);
});

it('One with another body goes with that, and keeps its attributes', async () => {
  await letter('Old');
  const desk = deskOf();
  const [found] = (await desk.list()).letters;

  await desk.write?.sendAgain([found?.id ?? ''], '{"event":"New","big":12345678901234567890}');

  const [sent] = await stage.takeAll('events');
  expect(sent?.Body).toBe('{"event":"New","big":12345678901234567890}');
  expect(sent?.MessageAttributes?.['messageId']?.StringValue).toBe('m-Old');
});

it('What is discarded stands in a file that only its owner reads, and that the command line knows, before it is deleted', async () => {
  await letter('Gone');
  await letter('Kept');
  const desk = deskOf();
  const gone = (await desk.list()).letters.filter(({ body }) => body.includes('Gone'));
  const refuse = jest
    .spyOn(SQSClient.prototype, 'send')
    .mockImplementation(() => Promise.reject(new Error('down')));
  await expect(desk.write?.discard(gone.map(({ id }) => id))).rejects.toThrow('down');
  refuse.mockRestore();

  const done = await desk.write?.discard(gone.map(({ id }) => id));

  expect(done).toMatchObject({ done: 1, left: 0, storedIn: expect.stringContaining('.ndjson') });
  const files = await readdir(join(folder, 'discarded'));
  const path = join(folder, 'discarded', files.sort().at(-1) ?? '');
  expect((await readExported(path, {})).size).toBe(1);
  expect(await readFile(path, 'utf8')).toContain('Gone');
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect(await bodiesOn('dead-letters')).toEqual([expect.stringContaining('Kept')]);
});

it('A letter that was not stored or sent is not deleted, and why is told', async () => {
  await letter('Safe');
  const desk = deskOf();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  const commands: unknown[] = [];
  const { send } = SQSClient.prototype;
  jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (this: SQSClient, command: unknown) {
    commands.push(command);
    if (command instanceof SendMessageBatchCommand)
      return Promise.resolve({ Failed: [{ Id: '0', Code: 'AccessDenied' }] });
    return Reflect.apply(send, this, [command]);
  });

  expect(await desk.write?.sendAgain(ids)).toEqual({
    done: 0,
    left: 1,
    why: 'SQS did not take them: access is denied (AccessDenied). Ask for the permissions that docs/operations.md lists for this task.',
  });
  expect(commands.some((command) => command instanceof DeleteMessageBatchCommand)).toBe(false);
  jest.restoreAllMocks();
  expect(await bodiesOn('dead-letters')).toHaveLength(1);
});

it('Where nothing may be written there is nothing to write with', () => {
  const { write } = deadLetterQueues({
    queues: [],
    read: async () => [],
    countAll: async () => 0,
    discardFolder: undefined,
    signal: new AbortController().signal,
  });
  expect(write).toBeUndefined();
});

it('What the page exports is what the command line takes as exported', async () => {
  await letter('Out');
  const { letters } = await deskOf().list();
  const path = join(folder, 'export.ndjson');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, exportLines(letters));

  expect((await readExported(path, {})).size).toBe(1);
  const { code, out } = await stage.run(`dead-letters discard --exported ${path} --yes`);
  expect([code, out]).toEqual([0, expect.stringContaining('1 dead letter discarded')]);
});
