// A stage whose SQS hangs, is gone, or says that it is asked too much, at one call or at all of them: what the page is
// told, and where the dead letters are afterwards.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openTarget } from '../../../../infra/cli/target';
import { awsBackend } from '../../../../infra/console/aws/aws-backend';
import { type Stage, startStage } from '../../../support/relay-cli';

/** Longer than the client's own retries of what is throttled. */
const PATIENCE_MS = 3_000;
const IN_TIME_MS = 25_000;

let stage: Stage;
let folder: string;
let gate: Gate;

/** Stands before SQS, and does to the calls of that name what it is told. */
interface Gate {
  readonly url: string;
  trouble: Trouble | undefined;
  close(): Promise<void>;
}

interface Trouble {
  /** The calls it happens to: those whose action of the API has this in its name. The empty text is in all. */
  readonly call: string;
  /** `lose`: done, and never answered. */
  readonly how: 'hang' | 'lose' | 'throttle' | 'fail';
}

const troubleOf = (call: string): Trouble['how'] | undefined =>
  gate.trouble !== undefined && call.includes(gate.trouble.call) ? gate.trouble.how : undefined;

const startGate = async (behind: string): Promise<Gate> => {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = String(request.headers['x-amz-target']);
    const how = troubleOf(call);
    if (how === 'hang') return;
    if (how === 'throttle') {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      return void response.end('{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"}');
    }
    if (how === 'fail') return void response.writeHead(503).end('{}');
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      ['host', 'connection', 'content-length', 'expect'].includes(name) ? [] : [[name, String(value)]],
    );
    // No long poll: what these tests wait for is not that a message may still come.
    const body = Buffer.concat(chunks).toString().replace('"WaitTimeSeconds":1', '"WaitTimeSeconds":0');
    const answer = await fetch(behind, { method: 'POST', headers, body });
    const text = await answer.text();
    if (how !== 'lose')
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

beforeEach(async () => {
  stage = await startStage();
  gate = await startGate(stage.sqs.endpoint);
  process.env['AWS_ENDPOINT_URL_SQS'] = gate.url;
  folder = await mkdtemp(join(tmpdir(), 'relay-patience-'));
});

afterEach(async () => {
  await gate.close();
  await stage.stop();
  await rm(folder, { recursive: true });
});

const openDesk = async () => {
  const target = await openTarget(
    { stage: 'test' },
    { env: { ...stage.env, AWS_ENDPOINT_URL_SQS: gate.url } },
  );
  const { deadLetters } = await awsBackend({
    target,
    stage: 'test',
    cloudWatch: new CloudWatchClient({ region: 'us-east-1' }),
    openArchive: async () => undefined,
    discardFolder: folder,
    signal: new AbortController().signal,
    patienceMs: PATIENCE_MS,
  });
  if (deadLetters?.write === undefined) throw new Error('It may not write.');
  return { list: deadLetters.list, ...deadLetters.write };
};

const put = (event: string) =>
  stage.put('dead-letters', `{"type":"track","userId":"u1","event":"${event}"}`, {
    reason: 'missing_identifier',
    source: 'web',
    messageId: `m-${event}`,
  });

/** What the page is told, and that it is told in time. */
const told = async (promise: Promise<unknown>): Promise<string> => {
  const startedAt = Date.now();
  const words = await promise.then(
    (done) => JSON.stringify(done),
    (error: Error) => error.message,
  );
  expect(Date.now() - startedAt).toBeLessThan(IN_TIME_MS);
  return words;
};

const NO_ANSWER = 'SQS did not answer within 3 seconds.';

it.each([
  [{ call: '', how: 'hang' }, NO_ANSWER],
  [{ call: 'Receive', how: 'throttle' }, 'Rate exceeded. AWS is asked more than it takes at this moment'],
  [{ call: '', how: 'fail' }, ''],
] as const)(
  'Dead letters that cannot be read are told in time, and can be read afterwards: %j',
  async (trouble, words) => {
    await put('One');
    const desk = await openDesk();
    gate.trouble = trouble;

    const problem = await told(desk.list());

    expect(problem).toContain('The dead letters cannot be read: ');
    expect(problem).toContain(words);
    expect(problem).toContain('None is lost: what was received comes back to its queue by itself');
    gate.trouble = undefined;
    expect((await desk.list()).letters).toHaveLength(1);
  },
);

it('What is received is read, though it cannot be put back at once', async () => {
  await put('One');
  const desk = await openDesk();
  gate.trouble = { call: 'ChangeMessageVisibility', how: 'hang' };

  expect(await told(desk.list())).toContain('m-One');
});

it('A send without an answer is said to be unknown, nothing is deleted, and the same call sends it once', async () => {
  await put('One');
  const desk = await openDesk();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  gate.trouble = { call: 'SendMessageBatch', how: 'lose' };

  expect(await told(desk.sendAgain(ids))).toBe(
    `It is not known whether a dead letter was sent: ${NO_ANSWER} None is lost. Look whether they arrive before you send them once more; sent twice, they become one operation.`,
  );
  expect([await stage.count('events'), await stage.count('dead-letters')]).toEqual([1, 1]);
});

it.each([
  [{ call: 'SendMessageBatch', how: 'hang' }, 'It is not known whether a dead letter was sent'],
  [{ call: 'SendMessageBatch', how: 'fail' }, 'It is not known whether a dead letter was sent'],
  [{ call: 'SendMessageBatch', how: 'throttle' }, 'RequestThrottled: Rate exceeded'],
  [{ call: 'Receive', how: 'hang' }, NO_ANSWER],
] as const)('What was not sent stays where it is, and is sent afterwards: %j', async (trouble, words) => {
  await put('One');
  const desk = await openDesk();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  gate.trouble = trouble;

  const problem = await told(desk.sendAgain(ids));

  expect(problem).toContain(words);
  if (trouble.how === 'throttle') expect(problem).not.toContain('not known');
  gate.trouble = undefined;
  expect(await stage.count('events')).toBe(0);
  expect(await desk.sendAgain(ids)).toEqual({ done: 1, left: 0 });
  expect([await stage.count('events'), await stage.count('dead-letters')]).toEqual([1, 0]);
});

it.each([
  ['hang', `It is not known whether a dead letter was deleted: ${NO_ANSWER}`],
  ['throttle', 'A dead letter was sent, but not deleted: RequestThrottled: Rate exceeded'],
] as const)('What was sent and not deleted is said to be in both places: %s', async (how, words) => {
  await put('One');
  const desk = await openDesk();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  gate.trouble = { call: 'DeleteMessageBatch', how };

  const problem = await told(desk.sendAgain(ids));

  expect(problem).toContain(words);
  expect(problem).toContain('what is sent twice becomes one operation');
  expect([await stage.count('events'), await stage.count('dead-letters')]).toEqual([1, 1]);
});

it('Of large ones and small ones, those with a copy are deleted though another call has no answer', async () => {
  await put('Small');
  await put(`Large ${'x'.repeat(150_000)}`);
  const desk = await openDesk();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  const { send } = SQSClient.prototype;
  jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (this: SQSClient, ...given: unknown[]) {
    const isLarge = JSON.stringify((given[0] as { input: unknown }).input).includes('Large');
    if (isLarge) return Promise.reject(Object.assign(new Error('hung up'), { code: 'ECONNRESET' }));
    return Reflect.apply(send, this, given);
  });

  const problem = await told(desk.sendAgain(ids));
  jest.restoreAllMocks();

  expect(problem).toContain('It is not known whether a dead letter was sent: hung up. The connection broke');
  expect([await stage.count('events'), await stage.count('dead-letters')]).toEqual([1, 1]);
});

it('What is discarded is in its file, and that is said, though the answer to its deletion is lost', async () => {
  await put('One');
  const desk = await openDesk();
  const ids = (await desk.list()).letters.map(({ id }) => id);
  gate.trouble = { call: 'DeleteMessageBatch', how: 'hang' };

  const problem = await told(desk.discard(ids));

  expect(problem).toContain(`It is not known whether a dead letter was deleted: ${NO_ANSWER}`);
  const [file = ''] = await readdir(folder);
  expect(problem).toContain(`Kept in ${join(folder, file)}.`);
  expect(await readFile(join(folder, file), 'utf8')).toContain('"event\\":\\"One');
  expect(await stage.count('dead-letters')).toBe(1);
});

it('A stage whose SQS does not answer is told before anything is served', async () => {
  gate.trouble = { call: '', how: 'hang' };

  expect(await told(openDesk())).toBe('SQS does not say where the queues of the stage are.');
});
