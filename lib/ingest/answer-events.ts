// A request that holds events: read, matched to its source, sorted, stored. It is answered 200 when SQS has all of it.

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { loadSources } from '../config/load-sources';
import type { Source } from '../config/source';
import { type Answer, SUCCESS } from '../http/answer';
import { QUEUE_UNAVAILABLE, type Refusal } from '../http/refusal';
import { logger } from '../observability';
import { acceptEvents } from './accept';
import { type Envelope, parseEnvelope } from './envelope';
import { readBody } from './read-body';
import type { BodyRoute } from './routes';
import { storeEvents } from './store-events';
import { basicUser, findSource, UNKNOWN_KEY } from './write-key';

export const answerEvents = async (
  request: APIGatewayProxyEventV2,
  route: BodyRoute,
  deadline: AbortSignal,
): Promise<Answer | Refusal> => {
  const receivedAtMs = Date.now();
  const { requestId, http } = request.requestContext;
  const text = readBody(request);
  if (typeof text !== 'string') return text;
  const envelope = parseEnvelope(text, route);
  if ('code' in envelope) return envelope;
  const source = sourceOf(request, envelope, await loadSources());
  if (source === undefined) return UNKNOWN_KEY;
  const acceptance = acceptEvents(envelope, route, {
    receivedAtMs,
    ip: http.sourceIp,
    isBrowser: request.headers['origin'] !== undefined,
    newMessageId: randomUUID,
  });
  if (acceptance.kind === 'refused') return { ...acceptance, source: source.name };
  const { notSent, failure } = await storeEvents(acceptance, { requestId, source: source.name }, deadline);
  // What was stored before a failure is stored again when the sender repeats it, harmlessly.
  if (notSent.length === 0) return SUCCESS;
  logger.error('SQS did not take all of a request', { requestId, source: source.name, failure });
  return { ...QUEUE_UNAVAILABLE, source: source.name };
};

/** Every place where an SDK puts its key; the first that is some source's decides. */
const sourceOf = (
  { headers, queryStringParameters }: APIGatewayProxyEventV2,
  { writeKeys }: Envelope,
  sources: readonly Source[],
): Source | undefined =>
  findSource(sources, [basicUser(headers['authorization'])]) ??
  findSource(sources, [...writeKeys, queryStringParameters?.['writeKey']]);
