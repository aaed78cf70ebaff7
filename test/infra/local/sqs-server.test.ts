import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { QueueDefinition } from '../../../infra/local/queue-definitions';
import { type SqsServer, startSqsServer } from '../../../infra/local/sqs-server';
import { until } from '../../support/until';

const REGION = 'us-east-1';
const arn = (name: string): string => `arn:aws:sqs:${REGION}:000000000000:${name}`;
const DEAD_LETTERS: QueueDefinition = {
  logicalId: 'DeadLetterQueue',
  name: 'dead-letters',
  arn: arn('dead-letters'),
  attributes: {},
};
const EVENTS: QueueDefinition = {
  logicalId: 'EventQueue',
  name: 'events',
  arn: arn('events'),
  attributes: {
    VisibilityTimeout: '600',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead-letters'), maxReceiveCount: 2 }),
  },
};

let dataDir: string;
let server: SqsServer;

const start = async (queues: readonly QueueDefinition[] = [EVENTS, DEAD_LETTERS]): Promise<void> => {
  server = await startSqsServer({ port: 0, region: REGION, dataDir, queues });
};

const send = (body: string) =>
  server.client.send(new SendMessageCommand({ QueueUrl: server.queueUrl('events'), MessageBody: body }));

const receive = async (queue = 'events') => {
  const { Messages: [message] = [] } = await server.client.send(
    new ReceiveMessageCommand({ QueueUrl: server.queueUrl(queue), MessageSystemAttributeNames: ['All'] }),
  );
  return message;
};

const setVisibility = (receiptHandle: string | undefined, seconds: number) =>
  server.client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: server.queueUrl('events'),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cio-relay-sqs-'));
  await start();
});

afterEach(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true });
});

it('What was queued is there after a restart', async () => {
  await send('kept');

  await server.stop();
  await start();

  expect(await receive()).toMatchObject({ Body: 'kept', Attributes: { ApproximateReceiveCount: '1' } });
});

it.each(['🎉', 'Grüße', '漢字', '\u{10FFFF}', '\t\r\n'])(
  'It takes every character that SQS takes: %j',
  async (text) => {
    await send(text);

    expect(await receive()).toMatchObject({ Body: text });
  },
);

it.each(['\u0000', '\u001F', '\uFFFE', '\uFFFF'])('It refuses what SQS refuses: %j', async (text) => {
  await expect(send(text)).rejects.toThrow('Invalid characters');
});

it('What a function held when the stack stopped is visible at once after a restart, with its receive count', async () => {
  await send('held');
  await receive();

  await server.stop();
  await start();

  expect(await receive()).toMatchObject({ Body: 'held', Attributes: { ApproximateReceiveCount: '2' } });
});

it('A message whose visibility is set to 0 is visible again at once, and after a restart', async () => {
  await send('returned');
  const first = await receive();

  await setVisibility(first?.ReceiptHandle, 0);
  await server.stop();
  await start();

  expect(await receive()).toMatchObject({ Body: 'returned', Attributes: { ApproximateReceiveCount: '2' } });
});

it('A message received too often moves to the dead-letter queue', async () => {
  await send('poison');
  for (let receives = 0; receives < 2; receives += 1) {
    await setVisibility((await receive())?.ReceiptHandle, 0);
  }

  expect(await receive()).toBeUndefined();
  expect(await receive('dead-letters')).toMatchObject({ Body: 'poison' });
});

it('A changed attribute takes effect at the next start, and costs no message', async () => {
  await send('kept');

  await server.stop();
  await start([{ ...EVENTS, attributes: { ...EVENTS.attributes, VisibilityTimeout: '5' } }, DEAD_LETTERS]);
  const { Attributes: attributes } = await server.client.send(
    new GetQueueAttributesCommand({ QueueUrl: server.queueUrl('events'), AttributeNames: ['All'] }),
  );

  expect(attributes).toMatchObject({ VisibilityTimeout: '5', ApproximateNumberOfMessages: '1' });
});

it('listens for this machine alone', async () => {
  const { port } = new URL(server.endpoint);
  const isTaken = (host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), host, () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });

  expect(await isTaken('127.0.0.1')).toBe(true);
  // Another address of the same machine stands for those of its networks.
  expect(await isTaken('127.0.0.2')).toBe(false);
});

it.each([
  ['http://evil.example', 403],
  ['null', 403],
  ['http://127.0.0.1.evil.example:4566', 403],
  ['http://localhost:5173', 200],
  ['http://127.0.0.1:3030', 200],
])('a page of %s is answered %i', async (origin, status) => {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.ReceiveMessage',
    origin,
  };
  const body = JSON.stringify({ QueueUrl: server.queueUrl('events') });

  expect((await fetch(server.endpoint, { method: 'POST', headers, body })).status).toBe(status);
});

/** With the Host of the page: `fetch` names none but its own. */
const readAs = (host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const url = `${server.endpoint}/_fauxqs/queues/events`;
    // With another type fauxqs takes the first word of the Host for a bucket, and finds none.
    const headers = { host, 'content-type': 'application/x-amz-json-1.0' };
    get(url, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

it.each([
  ['evil.example:4566', 403],
  ['localhost:4566', 200],
  ['127.0.0.1:4566', 200],
])('What a page of http://%s reads without naming itself is answered %i', async (host, status) => {
  expect(await readAs(host)).toBe(status);
});

it('Whoever asks is told of each message that is sent to a dead-letter queue, once, and of no other', async () => {
  await server.stop();
  const told: [string, string | undefined][] = [];
  server = await startSqsServer({
    port: 0,
    region: REGION,
    queues: [EVENTS, DEAD_LETTERS],
    onDeadLetter: ({ body, attribute }) => told.push([body, attribute('reason')]),
  });
  const MessageAttributes = { reason: { DataType: 'String', StringValue: 'invalid_event' } };
  const QueueUrl = server.queueUrl('dead-letters');

  await send('an event');
  for (let count = 0; count < 3; count += 1) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: `${index}`,
      MessageBody: `${count}${index}`,
      MessageAttributes,
    }));
    await server.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }

  await until(async () => told.length >= 30);
  expect(told.map(([body]) => body).sort()).toEqual(
    Array.from({ length: 30 }, (_, index) => `${index}`.padStart(2, '0')),
  );
  expect(new Set(told.map(([, reason]) => reason))).toEqual(new Set(['invalid_event']));
});

it('Whoever asks is told of the messages of queues that were there before this start', async () => {
  await send('from before');
  await server.stop();
  const told: string[] = [];
  server = await startSqsServer({
    port: 0,
    region: REGION,
    dataDir,
    queues: [EVENTS, DEAD_LETTERS],
    onSent: ({ body, queueLogicalId }) => told.push(`${queueLogicalId}: ${body}`),
    onDeadLetter: ({ body }) => told.push(`given up: ${body}`),
  });

  await send('an event');
  await server.client.send(
    new SendMessageCommand({ QueueUrl: server.queueUrl('dead-letters'), MessageBody: 'a dead letter' }),
  );

  await until(async () => told.length >= 3, 2_000).catch(() => {});
  expect(told).toEqual(['EventQueue: an event', 'DeadLetterQueue: a dead letter', 'given up: a dead letter']);
});
