// The Lambda side of a relay: settings, clock, deadline and clients meet the engine here. It always answers
// Lambda with a list of message ids: an answer of any other shape would delete, or return, the whole batch.

import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isDryRun, maxConsumers } from '../config/environment';
import { loadSources } from '../config/load-sources';
import { SettingsError } from '../errors';
import { describeError, emitMetrics, logger } from '../observability';
import { sqs } from '../queue/client';
import { readMessage } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import type { Connector } from './connector';
import { dryRun } from './dry-run';
import { loadHttpClient, post } from './http-client';
import { relay } from './relay';
import { report } from './report';
import { backoffSeconds } from './retry-policy';

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
    return keepAll(event.Records, error, settings);
  }
};

const relayOrPrint = async (
  records: readonly SQSRecord[],
  context: Context,
  { connector, queueUrl, deadLetterQueueUrl }: RelaySettings,
): Promise<SQSBatchResponse> => {
  const [sources] = await Promise.all([loadSources(), loadHttpClient()]);
  if (isDryRun()) return dryRun(records, sources, connector(maxConsumers()));
  const result = await relay(records, sources, connector(maxConsumers()), {
    sqs,
    queueUrl: queueUrl(),
    deadLetterQueueUrl: deadLetterQueueUrl(),
    remainingMs: () => context.getRemainingTimeInMillis(),
    send: post,
    random: Math.random,
    now: () => new Date(),
  });
  report(result, new Date());
  return result.response;
};

/** Nothing was decided, so nothing is acknowledged. A mistake in the settings waits for an operator. */
const keepAll = async (
  records: readonly SQSRecord[],
  error: unknown,
  { queueUrl }: RelaySettings,
): Promise<SQSBatchResponse> => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable; all messages stay on the queue', { mistake: error.message });
    await returnLater(records, queueUrl);
  } else {
    logger.error('The invocation failed; all messages stay on the queue', describeError(error));
  }
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

const returnLater = async (records: readonly SQSRecord[], queueUrl: () => string): Promise<void> => {
  const changes = records.map(readMessage).map(({ receiptHandle, receiveCount }) => ({
    receiptHandle,
    visibleInSeconds: backoffSeconds({ kind: 'operator' }, receiveCount, Math.random),
  }));
  try {
    await changeVisibility(sqs, queueUrl(), changes);
  } catch (error) {
    // Without a queue URL the queue's own visibility timeout brings them back.
    logger.warn('Messages come back after the visibility timeout', describeError(error));
  }
};
