// Customer.io's reporting webhooks -> the activity queue. Once a signature holds the answer is 200 as soon as
// the webhook is stored, and nothing else: an error answer makes Customer.io hold back all that follow.

import { once } from 'node:events';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { activityDeadLetterQueueUrl, activityQueueUrl } from '../lib/config/environment';
import { loadSources } from '../lib/config/load-sources';
import { SettingsError } from '../lib/errors';
import { type Answer, refusalAnswer, SUCCESS } from '../lib/http/answer';
import { refuse } from '../lib/http/refusal';
import { describeError, emitDeadLetters, emitMetrics, logger } from '../lib/observability';
import { sqs } from '../lib/queue/client';
import { sendMessages } from '../lib/queue/producer';
import { readWebhook, type StoredWebhook } from '../lib/webhook/reporting-webhook';
import {
  checkSignature,
  SIGNATURE_HEADER,
  type SignatureCheck,
  type SignedRequest,
  TIMESTAMP_HEADER,
} from '../lib/webhook/webhook-signature';

/** Customer.io hangs up after 4 s. What is left of them is for the network, and for a cold start. */
const ANSWER_WITHIN_MS = 2_500;

export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<Answer> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), ANSWER_WITHIN_MS);
  try {
    logger.addContext(context);
    return await Promise.race([receive(event, deadline.signal), answerLate(event, deadline.signal)]);
  } catch (error) {
    return answerFailure(error);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * What is still under way then may end after the answer, and even store the webhook. That is harmless:
 * Customer.io sends it again, with the same `event_id`.
 */
const answerLate = async ({ requestContext }: APIGatewayProxyEventV2, deadline: AbortSignal) => {
  await once(deadline, 'abort');
  const { requestId } = requestContext;
  logger.error('A webhook could not be stored in time; Customer.io will send it again', { requestId });
  return refusalAnswer(QUEUE_UNAVAILABLE);
};

const INVALID_SIGNATURE = refuse(
  'invalid_signature',
  'There is no such source, or its signing keys did not sign this. Compare the URL and the signing key with the settings.',
);
const QUEUE_UNAVAILABLE = refuse('queue_unavailable', 'The webhook could not be stored. Send it again.');
const SETTINGS_UNUSABLE = refuse('settings_unusable', 'The relay is not set up correctly. Its log says how.');
const INTERNAL_ERROR = refuse('internal_error', 'Something unexpected happened. Send the webhook again.');

const receive = async (event: APIGatewayProxyEventV2, deadline: AbortSignal): Promise<Answer> => {
  const sources = await loadSources();
  const queueUrls: QueueUrls = { activity: activityQueueUrl(), dead_letter: activityDeadLetterQueueUrl() };
  const source = sources.find(({ name }) => name === event.pathParameters?.['source']);
  const { requestId } = event.requestContext;
  if (source === undefined) return answerUnsigned(event, 'unknown_source', { requestId });
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const receivedAt = new Date();
  const check = checkSignature(signedRequest(event, body), source, receivedAt.getTime());
  if (check !== 'valid') return answerUnsigned(event, check, { requestId, source: source.name });
  const stored = readWebhook(body, source, { requestId, receivedAt });
  return store(stored, queueUrls, deadline, { requestId, source: source.name });
};

/** The dimension of what is refused before its source is known. */
const UNKNOWN_SOURCE = 'unknown';

type QueueUrls = Readonly<Record<StoredWebhook['queue'], string>>;

/** What a log line may name. */
interface LogContext {
  readonly requestId: string;
  readonly source: string;
}

/** API Gateway writes the names of headers in lower case. */
const signedRequest = ({ headers }: APIGatewayProxyEventV2, body: Buffer): SignedRequest => ({
  signature: headers[SIGNATURE_HEADER],
  timestamp: headers[TIMESTAMP_HEADER],
  body,
});

/** The log says which check failed; the caller, who may be anyone, is told the same for each. */
const answerUnsigned = (
  { headers }: APIGatewayProxyEventV2,
  check: SignatureCheck | 'unknown_source',
  logContext: Partial<LogContext>,
): Answer => {
  // Customer.io signs every webhook: one without a signature is a stranger's, and must not wake an operator.
  if (!headers[SIGNATURE_HEADER]) {
    logger.info('A request without a signature was refused', { check, ...logContext });
    return refusalAnswer(INVALID_SIGNATURE);
  }
  logger.warn('A webhook was refused; Customer.io waits an hour before it sends again', {
    check,
    ...logContext,
  });
  emitMetrics(logContext.source ?? UNKNOWN_SOURCE, { WebhooksRefused: 1 });
  return refusalAnswer(INVALID_SIGNATURE);
};

const store = async (
  stored: StoredWebhook,
  queueUrls: QueueUrls,
  deadline: AbortSignal,
  logContext: LogContext,
): Promise<Answer> => {
  const queueUrl = queueUrls[stored.queue];
  const { notSent, failure } = await sendMessages(sqs, queueUrl, [stored.message], deadline);
  if (notSent.length > 0) {
    logger.error('SQS did not take a webhook; Customer.io will send it again', { failure, ...logContext });
    return refusalAnswer(QUEUE_UNAVAILABLE);
  }
  report(stored, logContext);
  return SUCCESS;
};

const report = (stored: StoredWebhook, logContext: LogContext): void => {
  // The forwarder counts what is on the activity queue.
  if (stored.queue === 'activity') return;
  const { source } = logContext;
  const { reason } = stored;
  emitMetrics(source, { EventsReceived: 1 });
  emitDeadLetters(source, reason, 1);
  logger.warn('A webhook was dead-lettered', { reason, ...logContext });
};

/** Never an error of the function itself: API Gateway would answer 500, and Customer.io would wait an hour. */
const answerFailure = (error: unknown): Answer => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable; no webhook is taken', { mistake: error.message });
    return refusalAnswer(SETTINGS_UNUSABLE);
  }
  logger.error('A webhook could not be received; Customer.io will send it again', describeError(error));
  return refusalAnswer(INTERNAL_ERROR);
};
