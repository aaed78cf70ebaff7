// Two workspaces of which one is slow: the other's messages do not wait for it.

import {
  DeleteMessageBatchCommand,
  type DeleteMessageBatchRequestEntry,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { ACKNOWLEDGE_AFTER_MS } from '../../../lib/delivery/acknowledge-early';
import type { HttpAnswer, HttpRequest } from '../../../lib/delivery/connector';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { response } from '../../support/destination';
import { QUEUE_URL, resetSqs, run, sqsMock, takeAll, track, visibility } from '../../support/relay';
import { recordOf } from '../../support/sqs-record';

const SECONDS = 1_000;
let deleted: { handles: (string | undefined)[]; atMs: number }[];
let startedAt: number;

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
  deleted = [];
  startedAt = Date.now();
  sqsMock.on(DeleteMessageBatchCommand).callsFake(({ Entries, QueueUrl }) => {
    expect(QueueUrl).toBe(QUEUE_URL);
    const handles = Entries.map(({ ReceiptHandle }: DeleteMessageBatchRequestEntry) => ReceiptHandle);
    deleted.push({ handles, atMs: Date.now() - startedAt });
    return takeAll({ Entries });
  });
});
afterEach(() => {
  jest.useRealTimers();
});

const RECORDS = [
  recordOf({ messageId: 'm1', body: track() }),
  recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
  recordOf({ messageId: 'm3', body: 'no JSON', attributes: { source: 'nobody' } }),
];

/** The workspace of `blog` takes so long for its answer. */
const slowBy =
  (ms: number, ofBlog: HttpAnswer, ofShop: HttpAnswer = response(200)) =>
  async ({ username }: HttpRequest): Promise<HttpAnswer> => {
    if (username !== 'blog-site') return ofShop;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ofBlog;
  };

it('finished messages are deleted while another workspace keeps the invocation', async () => {
  const { kept, outcomes } = await run(RECORDS, slowBy(20 * SECONDS, response(200)));

  expect(kept).toEqual([]);
  expect(outcomes).toEqual(['delivered', 'delivered', 'dead_lettered']);
  expect(deleted.flatMap(({ handles }) => handles).sort()).toEqual(['receipt-m1', 'receipt-m3']);
  for (const { atMs } of deleted) {
    expect(atMs).toBeGreaterThanOrEqual(ACKNOWLEDGE_AFTER_MS);
    expect(atMs).toBeLessThan(ACKNOWLEDGE_AFTER_MS + SECONDS);
  }
});

it('what must come back is not deleted, and is told at once when', async () => {
  const answers = slowBy(20 * SECONDS, response(200), response(503));
  let toldAtMs = Infinity;
  const running = run(RECORDS.slice(0, 2), answers);
  void running.then(() => undefined);
  while (visibility().length === 0) await jest.advanceTimersByTimeAsync(100);
  toldAtMs = Date.now() - startedAt;

  const { kept } = await running;

  expect(toldAtMs).toBeLessThan(5 * SECONDS);
  expect(kept).toEqual(['m1']);
  expect(deleted).toEqual([]);
});

it('Lambda deletes them itself when all workspaces are done soon', async () => {
  const { kept } = await run(RECORDS, slowBy(ACKNOWLEDGE_AFTER_MS - SECONDS, response(200)));

  expect(kept).toEqual([]);
  expect(deleted).toEqual([]);
});

it('an SQS that does not delete does no harm', async () => {
  sqsMock.on(DeleteMessageBatchCommand).rejects(new Error('unreachable'));

  const { kept, outcomes } = await run(RECORDS, slowBy(20 * SECONDS, response(503)));

  expect(kept).toEqual(['m2']);
  expect(outcomes).toEqual(['delivered', 'retried', 'dead_lettered']);
});

it('a message whose dead letter is not stored is not deleted', async () => {
  sqsMock.on(SendMessageBatchCommand).rejects(new Error('unreachable'));

  const { kept } = await run(RECORDS, slowBy(20 * SECONDS, response(200)));

  expect(kept).toEqual(['m3']);
  expect(deleted.flatMap(({ handles }) => handles)).toEqual(['receipt-m1']);
});

it('an error while one workspace is settled keeps its messages, and no others', async () => {
  const unhandled = jest.fn();
  process.once('unhandledRejection', unhandled);
  const remainingMs = (): number => {
    if (Date.now() - startedAt >= 5 * SECONDS) throw new Error('A bug.');
    return 60 * SECONDS;
  };

  const answers = slowBy(5 * SECONDS, response(401));
  const { kept } = await run(RECORDS, answers, customerIoConnector(1), remainingMs);

  process.off('unhandledRejection', unhandled);
  expect(kept).toEqual(['m2']);
  expect(unhandled).not.toHaveBeenCalled();
});
