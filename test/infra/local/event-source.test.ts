import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { type EventSourceOptions, startEventSource } from '../../../infra/local/event-source';
import { type SqsServer, startSqsServer } from '../../../infra/local/sqs-server';
import { until } from '../../support/until';

const REGION = 'us-east-1';
const NAME = 'events';
const ARN = `arn:aws:sqs:${REGION}:000000000000:${NAME}`;

let server: SqsServer;
const problems: string[] = [];

beforeEach(async () => {
  problems.length = 0;
  server = await startSqsServer({
    port: 0,
    region: REGION,
    queues: [{ logicalId: 'EventQueue', name: NAME, arn: ARN, attributes: { VisibilityTimeout: '600' } }],
  });
});

afterEach(() => server.stop());

const send = async (...bodies: string[]): Promise<string[]> => {
  const sent = bodies.map((body) =>
    server.client.send(
      new SendMessageCommand({
        QueueUrl: server.queueUrl(NAME),
        MessageBody: body,
        MessageAttributes: { source: { DataType: 'String', StringValue: 'local' } },
      }),
    ),
  );
  return (await Promise.all(sent)).map(({ MessageId: id }) => id ?? '');
};

const counts = async (): Promise<{ visible: number; inFlight: number }> => {
  const { Attributes: attributes = {} } = await server.client.send(
    new GetQueueAttributesCommand({ QueueUrl: server.queueUrl(NAME), AttributeNames: ['All'] }),
  );
  return {
    visible: Number(attributes.ApproximateNumberOfMessages),
    inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible),
  };
};

const start = (invoke: EventSourceOptions['invoke'], settings: Partial<EventSourceOptions> = {}) =>
  startEventSource({
    sqs: server.client,
    queueUrl: server.queueUrl(NAME),
    queue: { arn: ARN, region: REGION },
    batchSize: 100,
    batchingWindowSeconds: 0.2,
    maximumConcurrency: 1,
    reportsBatchItemFailures: true,
    onProblem: (problem) => problems.push(problem),
    invoke,
    ...settings,
  });

/** Runs one source over what is queued until the function was called often enough, then stops it. */
const run = async (
  answer: (event: SQSEvent) => unknown,
  settings: Partial<EventSourceOptions> = {},
  calls = 1,
): Promise<SQSEvent[]> => {
  const events: SQSEvent[] = [];
  const source = start(async (event) => {
    events.push(event);
    return answer(event);
  }, settings);
  await until(() => events.length >= calls);
  await source.stop();
  return events;
};

const sizes = (events: readonly SQSEvent[]): number[] => events.map(({ Records: records }) => records.length);

it('Messages of more than one receive arrive in one batch and are deleted', async () => {
  const ids = await send(...Array.from({ length: 25 }, (_, index) => `${index}`));

  const [event] = await run(() => ({ batchItemFailures: [] }));

  expect(new Set(event?.Records.map(({ messageId }) => messageId))).toEqual(new Set(ids));
  expect(event?.Records[0]).toMatchObject({
    messageAttributes: { source: { stringValue: 'local', dataType: 'String' } },
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    eventSourceARN: ARN,
  });
  expect(await counts()).toEqual({ visible: 0, inFlight: 0 });
});

it('Only the messages that succeeded are deleted, and the failed ones keep their visibility timeout', async () => {
  const [, failed] = await send('a', 'b', 'c');

  await run(() => ({ batchItemFailures: [{ itemIdentifier: failed }] }));

  expect(await counts()).toEqual({ visible: 0, inFlight: 1 });
});

it.each([
  ['throws', () => Promise.reject(new Error('down'))],
  ['answers with a wrong key', () => ({ batchItemFailures: [{ id: 'x' }] })],
  ['names a message that was not in the batch', () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
])('Nothing is deleted when the function %s', async (_, answer) => {
  await send('a', 'b');

  await run(answer);

  expect(await counts()).toEqual({ visible: 0, inFlight: 2 });
  expect(problems).toHaveLength(1);
});

it('Without ReportBatchItemFailures the answer does not matter', async () => {
  const [id] = await send('a');

  await run(() => ({ batchItemFailures: [{ itemIdentifier: id }] }), { reportsBatchItemFailures: false });

  expect(await counts()).toEqual({ visible: 0, inFlight: 0 });
});

it('A batch never holds more messages than the batch size', async () => {
  await send(...Array.from({ length: 25 }, (_, index) => `${index}`));

  const events = await run(() => null, { batchSize: 12 }, 3);

  expect(sizes(events)).toEqual([12, 12, 1]);
});

it('A batch never exceeds the payload limit, and what does not fit comes in the next one', async () => {
  const megabyte = 'x'.repeat(1_000_000);
  await send(...Array.from({ length: 8 }, () => megabyte));

  const events = await run(() => null, {}, 2);

  expect(sizes(events)).toEqual([6, 2]);
  expect(await counts()).toEqual({ visible: 0, inFlight: 0 });
});

it('As many batches run at once as the maximum concurrency, and not one more', async () => {
  await send('a', 'b', 'c');
  let running = 0;
  let most = 0;
  const release = Promise.withResolvers<void>();
  const source = start(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await release.promise;
      running -= 1;
    },
    { batchSize: 1, batchingWindowSeconds: 0, maximumConcurrency: 2 },
  );

  await until(() => running === 2);
  release.resolve();
  await until(async () => (await counts()).inFlight === 0);
  await source.stop();

  expect(most).toBe(2);
});

it('Stopping waits for the batch that is running and deletes its messages', async () => {
  await send('a');
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const source = start(async () => {
    started.resolve();
    await release.promise;
  });
  await started.promise;

  const stopped = source.stop();
  release.resolve();
  await stopped;

  expect(await counts()).toEqual({ visible: 0, inFlight: 0 });
});

it('After stopping, nothing is received any more', async () => {
  const invoke = jest.fn();
  const source = start(invoke);
  await source.stop();

  await send('a');

  expect(await counts()).toEqual({ visible: 1, inFlight: 0 });
  expect(invoke).not.toHaveBeenCalled();
});

it('A queue that cannot be received from is reported and asked again', async () => {
  const source = start(async () => null, { queueUrl: server.queueUrl('missing') });

  await until(() => problems.length > 1);
  await source.stop();

  expect(problems[0]).toContain('Receiving messages failed');
});
