// A request that holds events: read, matched to its source, sorted, stored. It is answered 200 when SQS has all of it.

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { loadSources } from '../config/load-sources';
import type { Source } from '../config/source';
import { type Answer, SUCCESS } from '../http/answer';
import { QUEUE_UNAVAILABLE, type Refusal, refuse } from '../http/refusal';
import { logger } from '../observability';
import type { Acceptance } from './accept';
import { acceptBody } from './accept-body';
import { type ParsedBody, parseBody } from './parse-body';
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
  const body = parseBody(text, route);
  if ('code' in body) return body;
  const source = sourceOf(request, body, await loadSources());
  if (source === undefined) return UNKNOWN_KEY;
  const acceptance = acceptBody(body, text, route, {
    receivedAtMs,
    ip: http.sourceIp,
    isBrowser: request.headers['origin'] !== undefined,
    newMessageId: randomUUID,
    integrationNames: source.integrationNames,
    allowIdentifiers: source.allowIdentifiers,
  });
  if (acceptance.kind === 'refused') return { ...acceptance, source: source.name };
  const { notSent, failure } = await storeEvents(acceptance, { requestId, source: source.name }, deadline);
  if (notSent.length > 0) {
    // What was stored before the failure is stored again when the sender repeats it, harmlessly.
    logger.error('SQS did not take all of a request', { requestId, source: source.name, failure });
    return { ...QUEUE_UNAVAILABLE, source: source.name };
  }
  return body.unreadable === undefined ? SUCCESS : { ...refuseRest(body, acceptance), source: source.name };
};

/** Everything is stored by now; a client that sends such a body again would only double its dead letter. */
const refuseRest = ({ unreadable }: ParsedBody, { events }: Acceptance): Refusal =>
  refuse(
    'malformed_json',
    `The body is not valid JSON${unreadable}. ${events.length} events of it could be read and were taken; do not send it again.`,
  );

/** Every place where an SDK puts its key; the first that is some source's decides. */
const sourceOf = (
  { headers, queryStringParameters }: APIGatewayProxyEventV2,
  { envelopes }: ParsedBody,
  sources: readonly Source[],
): Source | undefined => {
  const keysInBody = envelopes.flatMap(({ writeKeys }) => writeKeys);
  return (
    findSource(sources, [basicUser(headers['authorization'])]) ??
    findSource(sources, [...keysInBody, queryStringParameters?.['writeKey']])
  );
};
