// The Segment HTTP API -> the event queue. An answer of 200 means that SQS has every event of the request;
// until then the sender keeps them. Nothing of a body is ever logged.

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  allowedOrigins,
  deadLetterQueueUrl,
  publicApiHost,
  queueUrl,
  servesAnalyticsJs,
} from '../lib/config/environment';
import { loadSources } from '../lib/config/load-sources';
import type { Source } from '../lib/config/source';
import { SettingsError } from '../lib/errors';
import {
  type Answer,
  documentAnswer,
  emptyAnswer,
  methodNotAllowedAnswer,
  refusalAnswer,
  SUCCESS,
} from '../lib/http/answer';
import { refuse } from '../lib/http/refusal';
import { type Acceptance, acceptEvents, type RejectedEvent } from '../lib/ingest/accept';
import { analyticsJsAnswer, analyticsJsChunkAnswer } from '../lib/ingest/analytics-js';
import { corsHeaders, preflightHeaders } from '../lib/ingest/cors';
import { type Envelope, parseEnvelope } from '../lib/ingest/envelope';
import { readBody } from '../lib/ingest/read-body';
import { type BodyRoute, findRoute, type Route, stagePrefix } from '../lib/ingest/routes';
import { ownAddress, SETTINGS_CACHE_CONTROL, settingsDocument } from '../lib/ingest/settings-document';
import { basicUser, findSource } from '../lib/ingest/write-key';
import { describeError, emitDeadLetters, emitMetrics, logger } from '../lib/observability';
import { sqs } from '../lib/queue/client';
import { sendDeadLetters } from '../lib/queue/dead-letter';
import { ATTRIBUTES } from '../lib/queue/message';
import type { OutgoingMessage } from '../lib/queue/outgoing-message';
import { packEvents, type SendResult, sendMessages } from '../lib/queue/producer';

type Request = APIGatewayProxyEventV2;

export const handler = async (request: Request): Promise<APIGatewayProxyStructuredResultV2> => {
  let reply: Answer;
  try {
    reply = await answer(request);
  } catch (error) {
    reply = answerError(error, request.requestContext.requestId);
  }
  const headers = { ...corsHeaders(request.headers['origin'], allowedOrigins()), ...reply.headers };
  return methodOf(request) === 'HEAD' ? { ...reply, headers, body: '' } : { ...reply, headers };
};

const methodOf = (request: Request): string => request.requestContext.http.method;

const answerError = (error: unknown, requestId: string): Answer => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable', { requestId, mistake: error.message });
    return refusalAnswer(SETTINGS_UNUSABLE);
  }
  logger.error('A request failed unexpectedly', { requestId, ...describeError(error) });
  return refusalAnswer(INTERNAL_ERROR);
};

const SETTINGS_UNUSABLE = refuse(
  'settings_unusable',
  'This endpoint is not set up correctly. Try again later.',
);
const INTERNAL_ERROR = refuse(
  'internal_error',
  'Something unexpected happened. Send the same request again.',
);
const QUEUE_UNAVAILABLE = refuse(
  'queue_unavailable',
  'The events could not be stored. Send the same request again.',
);
const NOT_FOUND = refuse('not_found', 'There is nothing at this path. Events go to /v1/batch or /v1/{type}.');
const UNKNOWN_KEY = refuse(
  'invalid_write_key',
  'No source has this write key. Check the key, and which endpoint it is for.',
);

const answer = (request: Request): Promise<Answer> | Answer => {
  const route = routeOf(request);
  switch (route.kind) {
    case 'event':
    case 'batch':
      return answerEvents(request, route);
    case 'telemetry':
    case 'health':
      return SUCCESS;
    case 'settings':
      return answerSettings(request, route.writeKey);
    case 'analytics_js':
    case 'analytics_js_chunk':
      return answerScript(request, route);
    case 'preflight':
      return emptyAnswer(preflightHeaders(request.headers['access-control-request-headers']));
    case 'method_not_allowed':
      return methodNotAllowedAnswer(methodOf(request), route.allow);
    case 'not_found':
      return refusalAnswer(NOT_FOUND);
  }
};

const prefixOf = ({ rawPath, requestContext }: Request): string => stagePrefix(rawPath, requestContext.stage);

const routeOf = (request: Request): Route =>
  findRoute(methodOf(request), request.rawPath.slice(prefixOf(request).length));

const answerEvents = async (request: Request, route: BodyRoute): Promise<Answer> => {
  const receivedAtMs = Date.now();
  const { requestId, http } = request.requestContext;
  const text = readBody(request);
  if (typeof text !== 'string') return refusalAnswer(text);
  const envelope = parseEnvelope(text, route);
  if ('code' in envelope) return refusalAnswer(envelope);
  const source = sourceOf(request, envelope, await loadSources());
  if (source === undefined) return refusalAnswer(UNKNOWN_KEY);
  const acceptance = acceptEvents(envelope, route, {
    receivedAtMs,
    ip: http.sourceIp,
    isBrowser: request.headers['origin'] !== undefined,
    newMessageId: randomUUID,
  });
  if (acceptance.kind === 'refused') return refusalAnswer(acceptance);
  const { notSent, failure } = await store(acceptance, { requestId, source: source.name });
  // What was stored before a failure is stored again when the sender repeats it, harmlessly.
  if (notSent.length === 0) return SUCCESS;
  logger.error('SQS did not take all of a request', { requestId, source: source.name, failure });
  return refusalAnswer(QUEUE_UNAVAILABLE);
};

/** Every place where an SDK puts its key; the first that is some source's decides. */
const sourceOf = (
  { headers, queryStringParameters }: Request,
  { writeKeys }: Envelope,
  sources: readonly Source[],
): Source | undefined =>
  findSource(sources, [basicUser(headers['authorization'])]) ??
  findSource(sources, [...writeKeys, queryStringParameters?.['writeKey']]);

/** What a log line may name. */
interface LogContext {
  readonly requestId: string;
  readonly source: string;
}

const store = ({ events, rejected }: Acceptance, logContext: LogContext): Promise<SendResult> => {
  const messages = packEvents(events, { [ATTRIBUTES.source]: logContext.source });
  return rejected.length === 0
    ? sendMessages(sqs, queueUrl(), messages)
    : storeWithRejected(messages, rejected, logContext);
};

/** The result of the dead letters unless they are stored, else that of the events. */
const storeWithRejected = async (
  messages: readonly OutgoingMessage[],
  rejected: readonly RejectedEvent[],
  logContext: LogContext,
): Promise<SendResult> => {
  const deadLetters = rejected.map((event) => ({ ...event, source: logContext.source }));
  // Both settings are read before anything is sent.
  const [eventsUrl, deadLettersUrl] = [queueUrl(), deadLetterQueueUrl()];
  const [queued, stored] = await Promise.all([
    sendMessages(sqs, eventsUrl, messages),
    sendDeadLetters(sqs, deadLettersUrl, deadLetters, new Date()),
  ]);
  if (stored.notSent.length > 0) return stored;
  reportRejected(rejected, logContext);
  return queued;
};

/** What is queued is counted by the consumer: a line for each request would cost more than the request. */
const reportRejected = (rejected: readonly RejectedEvent[], logContext: LogContext): void => {
  const { source } = logContext;
  emitMetrics(source, { EventsReceived: rejected.length });
  for (const [reason, ofReason] of Map.groupBy(rejected, (event) => event.reason)) {
    const events = ofReason.length;
    logger.warn('Events dead-lettered', { reason, events, ...logContext });
    emitDeadLetters(source, reason, events);
  }
};

const answerSettings = async (request: Request, writeKey: string): Promise<Answer> => {
  if (findSource(await loadSources(), [writeKey]) === undefined) return refusalAnswer(UNKNOWN_KEY_PATH);
  const { headers, requestContext } = request;
  const address = ownAddress(
    {
      forwardedProtocol: headers['x-forwarded-proto'],
      host: headers['host'] ?? requestContext.domainName,
      stagePrefix: prefixOf(request),
    },
    publicApiHost(),
  );
  const document = settingsDocument({ writeKey, ...address });
  return documentAnswer(JSON.stringify(document), 'application/json', SETTINGS_CACHE_CONTROL);
};

const UNKNOWN_KEY_PATH = refuse('not_found', 'No source has the write key of this path.');

type ScriptRoute = Extract<Route, { kind: 'analytics_js' | 'analytics_js_chunk' }>;

const answerScript = async (request: Request, route: ScriptRoute): Promise<Answer> => {
  if (!servesAnalyticsJs()) return refusalAnswer(NOT_FOUND);
  const encoding = request.headers['accept-encoding'];
  if (route.kind === 'analytics_js_chunk') {
    return (await analyticsJsChunkAnswer(route.file, encoding)) ?? refusalAnswer(NOT_FOUND);
  }
  if (findSource(await loadSources(), [route.writeKey]) === undefined) return refusalAnswer(UNKNOWN_KEY_PATH);
  return (await analyticsJsAnswer(encoding)) ?? refusalAnswer(NOT_FOUND);
};
