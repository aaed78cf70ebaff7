import { DeleteMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { deleteMessages } from '../../../lib/queue/delete-messages';

const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1:4566/000000000000/events';
const handlesOf = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);

beforeEach(() => sqsMock.reset());

it('deletes each message once, in calls of ten at the most', async () => {
  sqsMock.on(DeleteMessageBatchCommand).resolves({ Successful: [], Failed: [] });

  await deleteMessages(new SQSClient({}), QUEUE_URL, handlesOf(23));

  const inputs = sqsMock.commandCalls(DeleteMessageBatchCommand).map(({ args }) => args[0].input);
  const handles = inputs.flatMap(({ Entries = [] }) => Entries.map(({ ReceiptHandle }) => ReceiptHandle));
  expect(handles.sort()).toEqual(handlesOf(23).sort());
  for (const { QueueUrl, Entries = [] } of inputs) {
    expect(QueueUrl).toBe(QUEUE_URL);
    expect(Entries.length).toBeLessThanOrEqual(10);
    expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
  }
});

it('leaves to Lambda what SQS does not delete', async () => {
  sqsMock.on(DeleteMessageBatchCommand).rejects(new Error('unreachable'));

  await expect(deleteMessages(new SQSClient({}), QUEUE_URL, ['r'])).resolves.toBeUndefined();
});

it('gives up at the deadline, and without one sets none', async () => {
  sqsMock.on(DeleteMessageBatchCommand).resolves({});
  const { signal } = new AbortController();

  await deleteMessages(new SQSClient({}), QUEUE_URL, ['r'], signal);
  await deleteMessages(new SQSClient({}), QUEUE_URL, ['r']);

  const options = sqsMock
    .commandCalls(DeleteMessageBatchCommand)
    .map(({ args }) => (args as readonly unknown[])[1]);
  expect(options).toEqual([{ abortSignal: signal }, undefined]);
});
