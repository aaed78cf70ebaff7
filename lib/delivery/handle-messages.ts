// The Lambda side of a relay: settings, clock, deadline and clients meet the engine here. It always answers
// Lambda with a list of message ids: an answer of any other shape would delete, or return, the whole batch.

import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isDryRun, maxConsumers } from '../config/environment';
import { usableSources } from '../config/settings';
import { SettingsError } from '../errors';
import { describeError, emitMetrics, logger } from '../observability';
import { sqs } from '../queue/client';
import { readMessage } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import type { Connector } from './connector';
import { Deadline } from './deadline';
import { dryRun } from './dry-run';
import { pastOf } from './give-up';
import { loadHttpClient, post } from './http-client';
import { relay } from './relay';
import { report } from './report';
import { ANSWER_RESERVE_MS, backoffSeconds, type RetryDelay } from './retry-policy';
import { loadSettingsFor, reportWaiting, sortRecords, type WaitingMessage } from './source-at-hand';

export interface RelaySettings {
  readonly connector: (maxConsumers: number) => Connector;
  readonly queueUrl: () => string;
  readonly deadLetterQueueUrl: () => string;
}

export const handleMessages = async (
  event: SQSEvent,
  context: Context,
  settings: RelaySettings,
): Promise<SQSBatchResponse> => {
  logger.addContext(context);
  try {
    return await relayOrPrint(event.Records, context, settings);
  } catch (error) {
    return keepAll(event.Records, error, context, settings);
  }
};

const relayOrPrint = async (
  records: readonly SQSRecord[],
  context: Context,
  { connector, queueUrl, deadLetterQueueUrl }: RelaySettings,
): Promise<SQSBatchResponse> => {
  const [loaded] = await Promise.all([loadSettingsFor(records), loadHttpClient()]);
  const sources = usableSources(loaded);
  const { ready, waiting } = sortRecords(records, loaded);
  if (isDryRun()) return keepToo(waiting, dryRun(ready, sources, connector(maxConsumers())));
  const returning = returnLater(waiting, context, queueUrl);
  const result = await relay(ready, sources, connector(maxConsumers()), {
    sqs,
    queueUrl: queueUrl(),
    deadLetterQueueUrl: deadLetterQueueUrl(),
    remainingMs: () => context.getRemainingTimeInMillis(),
    send: post,
    random: Math.random,
    now: () => new Date(),
  });
  report(result, new Date());
  await returning;
  reportWaiting(waiting, new Date());
  return keepToo(waiting, result.response);
};

/** The answer for what was relayed, and for what was not. */
const keepToo = (waiting: readonly WaitingMessage[], { batchItemFailures }: SQSBatchResponse) => ({
  batchItemFailures: [
    ...batchItemFailures,
    ...waiting.map(({ message }) => ({ itemIdentifier: message.sqsMessageId })),
  ],
});

/** Nothing was decided, so nothing is acknowledged. A mistake in the settings waits for an operator. */
const keepAll = async (
  records: readonly SQSRecord[],
  error: unknown,
  context: Context,
  { queueUrl }: RelaySettings,
): Promise<SQSBatchResponse> => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable; all messages stay on the queue', { mistake: error.message });
    const delay: RetryDelay = { kind: 'operator' };
    await returnLater(
      records.map(readMessage).map((message) => ({ message, delay })),
      context,
      queueUrl,
    );
  } else {
    logger.error('The invocation failed; all messages stay on the queue', describeError(error));
  }
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

/** Never rejects, and ends before the invocation does: what is not put back comes back by itself. */
const returnLater = async (
  waiting: readonly Pick<WaitingMessage, 'message' | 'delay'>[],
  context: Context,
  queueUrl: () => string,
): Promise<void> => {
  const now = new Date();
  const changes = waiting.map(({ message, delay }) => ({
    receiptHandle: message.receiptHandle,
    visibleInSeconds: backoffSeconds(delay, pastOf(message, now), Math.random),
  }));
  const deadline = new Deadline(() => context.getRemainingTimeInMillis(), ANSWER_RESERVE_MS);
  try {
    await changeVisibility(sqs, queueUrl(), changes, deadline.signal);
  } catch (error) {
    // Without a queue URL the queue's own visibility timeout brings them back.
    logger.warn('Messages come back after the visibility timeout', describeError(error));
  } finally {
    deadline.clear();
  }
};
