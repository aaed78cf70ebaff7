// The Lambda side of a relay: settings, clock, deadline and clients meet the engine here. It always answers
// Lambda with a list of message ids: an answer of any other shape would delete, or return, the whole batch.

import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Archive } from '../archive/archive';
import { isDryRun, maxConsumers } from '../config/environment';
import type { Settings } from '../config/settings';
import type { Source } from '../config/source';
import { SettingsError } from '../errors';
import { describeError, emitMetrics, logger } from '../observability';
import { sqs } from '../queue/client';
import { readMessage } from '../queue/message';
import type { Connector } from './connector';
import { dryRun } from './dry-run';
import { loadHttpClient, post } from './http-client';
import { relay } from './relay';
import { report } from './report';
import type { RetryDelay } from './retry-policy';
import { type ReturnContext, returnLater } from './return-later';
import { loadSettingsFor, reportWaiting, sortRecords, type WaitingMessage } from './source-at-hand';

export interface RelaySettings {
  readonly connector: (maxConsumers: number) => Connector;
  /** The sources, each as often as there are places that its events go to. */
  readonly sourcesOf: (settings: Settings) => readonly Source[];
  readonly queueUrl: () => string;
  readonly deadLetterQueueUrl: () => string;
  /** Left out, or undefined: nothing is archived. */
  readonly archive?: () => Archive | undefined;
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
  { connector, sourcesOf, queueUrl, deadLetterQueueUrl, archive }: RelaySettings,
): Promise<SQSBatchResponse> => {
  const [loaded] = await Promise.all([loadSettingsFor(records), loadHttpClient()]);
  const sources = sourcesOf(loaded);
  const { ready, waiting } = sortRecords(records, loaded);
  if (isDryRun()) return keepToo(waiting, dryRun(ready, sources, connector(maxConsumers())));
  const returning = returnLater(waiting, returnContext(context, queueUrl));
  const result = await relay(ready, sources, connector(maxConsumers()), {
    sqs,
    queueUrl: queueUrl(),
    deadLetterQueueUrl: deadLetterQueueUrl(),
    remainingMs: () => context.getRemainingTimeInMillis(),
    send: post,
    random: Math.random,
    now: () => new Date(),
    archive: archive?.(),
  });
  report(result, new Date());
  const staying = await returning;
  reportWaiting(waiting, new Date());
  return keepToo(staying, result.response);
};

/** The answer for what was relayed, with the messages that were not added to those that stay. */
const keepToo = (
  waiting: readonly Pick<WaitingMessage, 'message'>[],
  { batchItemFailures }: SQSBatchResponse,
) => ({
  batchItemFailures: [
    ...batchItemFailures,
    ...waiting.map(({ message }) => ({ itemIdentifier: message.sqsMessageId })),
  ],
});

/**
 * Nothing was decided, so nothing is acknowledged. A mistake in the settings waits for an operator; a store that could
 * not be asked is an outage like any other.
 */
const keepAll = async (
  records: readonly SQSRecord[],
  error: unknown,
  context: Context,
  { queueUrl }: RelaySettings,
): Promise<SQSBatchResponse> => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable; all messages stay on the queue', { mistake: error.message });
    const delay: RetryDelay = { kind: error.needsOperator ? 'operator' : 'backoff' };
    const waiting = records.map((record) => ({ message: readMessage(record), delay }));
    return keepToo(await returnLater(waiting, returnContext(context, queueUrl)), NONE_KEPT);
  }
  logger.error('The invocation failed; all messages stay on the queue', describeError(error));
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

const NONE_KEPT: SQSBatchResponse = { batchItemFailures: [] };

const returnContext = (context: Context, queueUrl: () => string): ReturnContext => ({
  sqs,
  queueUrl,
  remainingMs: () => context.getRemainingTimeInMillis(),
});
