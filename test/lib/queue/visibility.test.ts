import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { changeVisibility } from '../../../lib/queue/visibility';

const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1:4566/000000000000/events';
const changesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ receiptHandle: `r${index}`, visibleInSeconds: index }));

beforeEach(() => sqsMock.reset());

const change = (count: number) => changeVisibility(new SQSClient({}), QUEUE_URL, changesOf(count));
const calls = () =>
  sqsMock.commandCalls(ChangeMessageVisibilityBatchCommand).map((call) => call.args[0].input);

it('changes each message once, in calls of ten at the most', async () => {
  sqsMock.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [], Failed: [] });

  const failed = await change(25);

  expect(failed).toBe(0);
  expect(
    calls()
      .map(({ Entries }) => Entries?.length)
      .sort(),
  ).toEqual([10, 10, 5]);
  const changed = calls().flatMap(({ Entries = [] }) => Entries);
  expect(changed.map(({ ReceiptHandle }) => ReceiptHandle).sort()).toEqual(
    changesOf(25)
      .map((c) => c.receiptHandle)
      .sort(),
  );
  for (const { ReceiptHandle, VisibilityTimeout } of changed)
    expect(ReceiptHandle).toBe(`r${VisibilityTimeout}`);
  for (const { QueueUrl, Entries = [] } of calls()) {
    expect(QueueUrl).toBe(QUEUE_URL);
    expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
  }
});

it('counts the changes SQS did not take', async () => {
  let call = 0;
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(() => {
    call += 1;
    if (call === 1) return { Successful: [], Failed: [{ Id: '0', SenderFault: true, Code: 'X' }] };
    if (call === 2) throw new Error('unreachable');
    return { Successful: [] };
  });

  await expect(change(30)).resolves.toBe(11);
});

it('asks nothing when there is nothing to change', async () => {
  await expect(change(0)).resolves.toBe(0);
  expect(calls()).toEqual([]);
});

it('has as many calls under way as an invocation has time for, no more, and waits for all of them', async () => {
  let [underWay, most] = [0, 0];
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(async ({ Entries }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return { Failed: Entries.slice(1) };
  });

  const failed = await change(500);

  expect(most).toBe(20);
  expect(underWay).toBe(0);
  expect(failed).toBe(450);
});

it('gives up at the deadline, and without one sets none', async () => {
  sqsMock.on(ChangeMessageVisibilityBatchCommand).resolves({});
  const { signal } = new AbortController();

  await changeVisibility(new SQSClient({}), QUEUE_URL, changesOf(1), signal);
  await change(1);

  const options = sqsMock
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .map(({ args }) => (args as readonly unknown[])[1]);
  expect(options).toEqual([{ abortSignal: signal }, undefined]);
});
