// Customer.io's reporting webhooks -> the activity queue. Once a signature holds the answer is 200 as soon as
// the webhook is stored, and nothing else: an error answer makes Customer.io hold back all that follow.

import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { activityDeadLetterQueueUrl, activityQueueUrl } from '../config/environment';
import { loadSettings } from '../config/load-settings';
import { lookUpName, type Settings } from '../config/settings';
import type { Source } from '../config/source';
import { type Answer, refusalAnswer, SUCCESS } from '../http/answer';
import { answerInTime } from '../http/answer-in-time';
import { countRefusal } from '../http/count-refusal';
import { type LogContext, refuseFailure, reportDeadLetters } from '../http/door';
import { minuteTally, tellSums } from '../http/minute-tally';
import { QUEUE_UNAVAILABLE, type Refusal, refuse, SETTINGS_UNUSABLE } from '../http/refusal';
import { emitMetrics, logger } from '../observability';
import { sqs } from '../queue/client';
import { sendMessages } from '../queue/producer';
import { readWebhook, type StoredWebhook } from './reporting-webhook';
import {
  checkSignature,
  SIGNATURE_HEADER,
  type SignatureCheck,
  type SignedRequest,
  TIMESTAMP_HEADER,
} from './webhook-signature';

/** Customer.io hangs up after 4 s. What is left of them is for the network, and for a cold start. */
const ANSWER_WITHIN_MS = 2_500;

export const handleWebhook = async (event: APIGatewayProxyEventV2, context: Context): Promise<Answer> => {
  const { awsRequestId } = context;
  const result = await answerInTime(ANSWER_WITHIN_MS, () => receiveLogged(event, context), {
    late: () => refuseLate(awsRequestId),
    failed: (error) => refuseFailure(error, awsRequestId),
  });
  if ('code' in result) countRefusal(result, event.headers['user-agent']);
  tellSums();
  return 'code' in result ? refusalAnswer(result) : result;
};

const receiveLogged = (event: APIGatewayProxyEventV2, context: Context): Promise<Answer | Refusal> => {
  logger.addContext(context);
  return receive(event);
};

const refuseLate = (requestId: string): Refusal => {
  logger.error('A webhook could not be stored in time; Customer.io will send it again', { requestId });
  return QUEUE_UNAVAILABLE;
};

const INVALID_SIGNATURE = refuse(
  'invalid_signature',
  'There is no such source, or its signing keys did not sign this. Compare the URL and the signing key with the settings.',
);

const receive = async (event: APIGatewayProxyEventV2): Promise<Answer | Refusal> => {
  const name = event.pathParameters?.['source'] ?? '';
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const request = signedRequest(event, body);
  const judgement = await judge(name, request);
  if (judgement.kind !== 'signed') return refusalOf(judgement, request);
  const { source } = judgement;
  const queueUrls: QueueUrls = { activity: activityQueueUrl(), dead_letter: activityDeadLetterQueueUrl() };
  const { requestId } = event.requestContext;
  const stored = readWebhook(body, source, { requestId, receivedAt: new Date() });
  return store(stored, queueUrls, { requestId, source: source.name });
};

/** What the settings say of a request. */
type Judgement =
  | { readonly kind: 'signed'; readonly source: Source }
  /** It cannot be known now whose it is. The mistake in the settings was told when they were read. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'refused'; readonly check: 'unknown_source' }
  | { readonly kind: 'refused'; readonly check: Exclude<SignatureCheck, 'valid'>; readonly source: string };

/**
 * Source and key may have been added a moment ago, so the settings are read again before a request is refused. One
 * without a signature is nobody's by any settings.
 */
const judge = async (name: string, request: SignedRequest): Promise<Judgement> => {
  const settings = await loadSettings();
  const judgement = judgeBy(settings, name, request);
  if (judgement.kind === 'signed' || !request.signature) return judgement;
  const newer = await loadSettings(() => false);
  return newer === settings ? judgement : judgeBy(newer, name, request);
};

const judgeBy = (settings: Settings, name: string, request: SignedRequest): Judgement => {
  const lookup = lookUpName(settings, name);
  if (lookup.kind === 'unknown') return { kind: 'refused', check: 'unknown_source' };
  if (lookup.kind !== 'source') return { kind: 'undecided' };
  const { source } = lookup;
  const check = checkSignature(request, source, Date.now());
  if (check === 'valid') return { kind: 'signed', source };
  if (settings.mayBeOutdated && request.signature) return { kind: 'undecided' };
  return { kind: 'refused', check, source: source.name };
};

/** The log says which check failed; the caller, who may be anyone, is told the same for each. */
const refusalOf = (
  judgement: Exclude<Judgement, { kind: 'signed' }>,
  { signature }: SignedRequest,
): Refusal => {
  if (judgement.kind === 'undecided') return SETTINGS_UNUSABLE;
  const { kind: _, ...told } = judgement;
  // Customer.io signs every webhook: one without a signature is a stranger's, and must not wake an operator.
  if ('source' in told && signature) refusedSignatures.add({ source: told.source }, 1);
  return { ...INVALID_SIGNATURE, ...told };
};

type QueueUrls = Readonly<Record<StoredWebhook['queue'], string>>;

/** API Gateway writes the names of headers in lower case. */
const signedRequest = ({ headers }: APIGatewayProxyEventV2, body: Buffer): SignedRequest => ({
  signature: headers[SIGNATURE_HEADER],
  timestamp: headers[TIMESTAMP_HEADER],
  body,
});

/**
 * Counts what must wake an operator, because Customer.io waits an hour before it sends again. The log line is that
 * of the refusal.
 */
const refusedSignatures = minuteTally<{ readonly source: string }>((sums) => {
  for (const { label, count } of sums) emitMetrics(label.source, { WebhooksRefused: count });
});

const store = async (
  stored: StoredWebhook,
  queueUrls: QueueUrls,
  logContext: LogContext,
): Promise<Answer | Refusal> => {
  const queueUrl = queueUrls[stored.queue];
  const { notSent, failure } = await sendMessages(sqs, queueUrl, [stored.message]);
  if (notSent.length > 0) {
    logger.error('SQS did not take a webhook; Customer.io will send it again', { failure, ...logContext });
    return QUEUE_UNAVAILABLE;
  }
  if (stored.queue === 'dead_letter') reportDeadLetters([stored.reason], logContext);
  return SUCCESS;
};
