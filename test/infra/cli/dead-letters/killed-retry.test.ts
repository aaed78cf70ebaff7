// Dead letters that are sent back by a process which is killed in the middle of it, and sent back again: at the sandbox
// none is missing and none is there twice.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChangeMessageVisibilityBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACTIVITY_TYPES, type Activity } from '../../../../infra/local/sandbox/activity-log';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { toMessage } from '../../../../lib/queue/dead-letter';
import { deliverAll } from '../../../support/deliver-queue';
import { runRelayProcess, sourceFor } from '../../../support/killed-import';
import { type Outcome, type Stage, startStage } from '../../../support/relay-cli';
import { until } from '../../../support/until';

const LETTERS = 60;
/** As the relay writes it beside an event that has no time of its own. */
const AT = '2026-03-01T10:00:00.000Z';
const DEAD_LETTERS = 'cio-relay-test-dead-letters';
const RETRY = ['dead-letters', 'retry', '--yes', '--source', 'local', '--stage', 'test'];

let stage: Stage;
let sandbox: Sandbox;
const activities: Activity[] = [];

beforeEach(async () => {
  activities.length = 0;
  stage = await startStage();
  sandbox = await startSandbox({ onActivity: (activity) => activities.push(activity) });
  stage.setSources([sourceFor(sandbox.url)]);
  await putLetters();
});

afterEach(async () => {
  await Promise.all([stage.stop(), sandbox.close()]);
});

const putLetters = async (): Promise<void> => {
  await Promise.all(Array.from({ length: LETTERS }, (_, index) => putLetter(index)));
};

const putLetter = (index: number): Promise<void> => {
  const body = JSON.stringify({ type: 'track', userId: `u${index}`, event: `Letter ${index}` });
  const letter = {
    body,
    reason: 'rejected_by_customerio',
    source: 'local',
    messageId: `m${index}`,
    timestamp: AT,
  } as const;
  return stage.put('dead-letters', body, toMessage(letter, new Date()).attributes);
};

/** A random moment after the first letters have been sent back. */
const whileSending = async (): Promise<void> => {
  const before = await stage.count('events');
  await until(async () => (await stage.count('events')) > before);
  await delay(Math.random() * 500);
};

const retry = (rate: number, killWhen?: () => Promise<void>): Promise<number | null> =>
  runRelayProcess([...RETRY, '--rate', String(rate)], stage.env, killWhen);

/** What a killed process held comes back, as it does after two minutes; also what its last question was answered. */
const release = async (): Promise<void> => {
  await delay(1_200);
  await stage.sqs.release(DEAD_LETTERS);
};

const delivered = (): string[] =>
  activities
    .flatMap(({ activity_type: type, activity_name: name }) => (type === ACTIVITY_TYPES.event ? [name] : []))
    .sort();

const ALL = Array.from({ length: LETTERS }, (_, index) => `Letter ${index}`).sort();

it('delivers each once, however often the process is killed, and when they are retried a second time', async () => {
  for (let kill = 0; kill < 2; kill += 1) {
    expect(await retry(30, whileSending)).toBeNull();
    await release();
  }
  const left = await stage.count('dead-letters');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(LETTERS);
  expect(await retry(1_000)).toBe(0);
  expect(await stage.count('dead-letters')).toBe(0);
  await deliverAll(stage, [sourceFor(sandbox.url)]);
  expect(delivered()).toEqual(ALL);
  await putLetters();
  expect(await retry(1_000)).toBe(0);
  await deliverAll(stage, [sourceFor(sandbox.url)]);
  expect(delivered()).toEqual(ALL);
});

it('leaves the move of all to SQS when it is killed, and the same command waits for its end', async () => {
  const all = ['dead-letters', 'retry', '--yes', '--stage', 'test', '--rate', '20'];
  expect(await runRelayProcess(all, stage.env, whileSending)).toBeNull();
  const { code, err } = await stage.run('dead-letters retry --yes');
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringContaining('A move that was begun before goes on'),
  });
  expect(await stage.count('dead-letters')).toBe(0);
  await deliverAll(stage, [sourceFor(sandbox.url)]);
  expect(delivered()).toEqual(ALL);
});

/** Interrupted while SQS is asked for more, at a moment at which it has given them out and the answer is on its way. */
const interruptWhileReceiving = async (
  words: string,
  beforeSending: (command: unknown) => void = () => {},
): Promise<Outcome> => {
  const ctrlC = new AbortController();
  const { send } = SQSClient.prototype;
  let receives = 0;
  const sending = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(async function (
    this: SQSClient,
    command: unknown,
    options?: { readonly abortSignal?: { readonly aborted: boolean } },
  ) {
    beforeSending(command);
    const answer: unknown = await Reflect.apply(send, this, [command]);
    if (!(command instanceof ReceiveMessageCommand)) return answer;
    receives += 1;
    if (receives === 2) ctrlC.abort();
    if (options?.abortSignal?.aborted) throw new Error('aborted');
    return answer;
  });
  const outcome = await stage.run(words, { signal: ctrlC.signal });
  sending.mockRestore();
  return outcome;
};

it.each(['list', 'show', 'export -', 'retry --yes --source none', 'retry --dry-run --source shop'])(
  'puts back at Ctrl-C what SQS was giving out: %s',
  async (words) => {
    const { code, err } = await interruptWhileReceiving(`dead-letters ${words}`);

    expect(await stage.count('dead-letters')).toBe(LETTERS);
    expect({ code, err }).toEqual({
      code: 130,
      err: expect.stringContaining('Interrupted. 20 dead letters that were looked at are back on the queue.'),
    });
  },
);

it('leaves no file of an export that Ctrl-C ends, so that the same command begins anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-export-'));
  const path = join(folder, 'letters.ndjson');

  expect(await interruptWhileReceiving(`dead-letters export ${path}`)).toMatchObject({ code: 130 });
  expect(await readdir(folder)).toEqual([]);

  expect(await stage.run(`dead-letters export ${path}`)).toMatchObject({ code: 0 });
  expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(LETTERS);
  expect(await readdir(folder)).toEqual(['letters.ndjson']);
  await rm(folder, { recursive: true });
});

it('says at Ctrl-C which dead letters SQS does not take back', async () => {
  const { code, err } = await interruptWhileReceiving('dead-letters list', (command) => {
    if (command instanceof ChangeMessageVisibilityBatchCommand) throw new Error('no network');
  });

  expect(code).toBe(130);
  expect(err).toContain('Interrupted. 20 of 20 dead letters that were looked at are hidden for 2 minutes.');
});

it('says at Ctrl-C that SQS goes on with the move of all', async () => {
  const ctrlC = new AbortController();
  const retrying = stage.run('dead-letters retry --yes --rate 20', { signal: ctrlC.signal });
  await until(async () => (await stage.count('events')) > 0);
  ctrlC.abort();
  expect(await retrying).toMatchObject({
    code: 130,
    err: expect.stringContaining('Interrupted; SQS goes on with the move.'),
  });
});
