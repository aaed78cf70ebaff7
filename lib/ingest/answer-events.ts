// A request that holds events: read, matched to its source, sorted, stored. It is answered 200 when SQS has all of it.

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { loadSettings, settingsAtHand } from '../config/load-settings';
import type { Lookup, Settings } from '../config/settings';
import type { Source } from '../config/source';
import { type Answer, SUCCESS } from '../http/answer';
import { QUEUE_UNAVAILABLE, type Refusal, refuse, SETTINGS_UNUSABLE } from '../http/refusal';
import { logger } from '../observability';
import { asDeadLetter } from '../rules/dead-letter';
import type { Acceptance } from './accept';
import { acceptBody } from './accept-body';
import { countReplacedTimes } from './count-replaced-times';
import type { Envelope } from './envelope';
import { type ParsedBody, parseBody } from './parse-body';
import { readPixel } from './pixel';
import { readBody } from './read-body';
import { type BodyRoute, isPixelRoute } from './routes';
import { storeEvents } from './store-events';
import { basicUser, lookUpKey, UNKNOWN_KEY } from './write-key';

export const answerEvents = async (
  request: APIGatewayProxyEventV2,
  route: BodyRoute,
): Promise<Answer | Refusal> => {
  const receivedAtMs = Date.now();
  const { requestId, http } = request.requestContext;
  const read = isPixelRoute(route) ? readPixel(request.queryStringParameters) : readBody(request);
  if (typeof read !== 'string' && read.kind === 'refused') return read;
  const body = typeof read === 'string' ? parseBody(read, route) : { envelopes: [], unreadable: read.why };
  if ('code' in body) return body;
  const lookup = lookUpAtHand(request, body) ?? (await lookUp(request, body));
  if (lookup.kind !== 'source') return refuseKey(lookup);
  const { source } = lookup;
  const text = typeof read === 'string' ? read : read.text;
  const acceptance = acceptBody(body, text, route, {
    receivedAtMs,
    ip: http.sourceIp,
    isBrowser: request.headers['origin'] !== undefined,
    newMessageId: randomUUID,
    integrationNames: source.integrationNames,
    allowIdentifiers: source.allowIdentifiers,
  });
  if (acceptance.kind === 'refused') return { ...acceptance, source: source.name };
  const stored = cleanRejected(acceptance, source);
  const { notSent, failure } = await storeEvents(stored, { requestId, source: source.name });
  if (notSent.length > 0) {
    // What was stored before the failure is stored again when the sender repeats it, harmlessly.
    logger.error('SQS did not take all of a request', { requestId, source: source.name, failure });
    return { ...QUEUE_UNAVAILABLE, source: source.name };
  }
  countReplacedTimes(source.name, acceptance.timestampsReplaced);
  return body.unreadable === undefined ? SUCCESS : { ...refuseRest(body, acceptance), source: source.name };
};

/** Dead letters as the source's settings want them. */
const cleanRejected = (acceptance: Acceptance, source: Source): Acceptance => {
  const { rejected } = acceptance;
  if (rejected.length === 0) return acceptance;
  return {
    ...acceptance,
    rejected: rejected.map((event) => ({ ...event, body: asDeadLetter(event.body, source) })),
  };
};

/** Everything is stored by now; a client that sends such a body again would only double its dead letter. */
const refuseRest = ({ unreadable }: ParsedBody, { events }: Acceptance): Refusal =>
  refuse(
    'malformed_json',
    `The body is not valid JSON${unreadable}. ${events.length} events of it could be read and were taken; do not send it again.`,
  );

/** What nearly every request finds without waiting for anything. */
const lookUpAtHand = (request: APIGatewayProxyEventV2, { envelopes }: ParsedBody): Lookup | undefined => {
  const settings = settingsAtHand();
  const lookup = settings && lookUpKey(settings, keysOf(request, envelopes));
  return lookup?.kind === 'source' ? lookup : undefined;
};

/** A key that no source has may be one of a moment ago: the settings are read again before it is refused. */
const lookUp = async (request: APIGatewayProxyEventV2, { envelopes }: ParsedBody): Promise<Lookup> => {
  const lookUpIn = (settings: Settings): Lookup => lookUpKey(settings, keysOf(request, envelopes));
  return lookUpIn(await loadSettings((settings) => lookUpIn(settings).kind === 'source'));
};

/** What stands where SDKs put their key, place by place: the first that is some source's decides. */
function* keysOf(
  { headers, queryStringParameters }: APIGatewayProxyEventV2,
  envelopes: readonly Envelope[],
): Iterable<unknown> {
  yield basicUser(headers['authorization']);
  for (const { writeKeys } of envelopes) yield* writeKeys;
  yield queryStringParameters?.['writeKey'];
}

/** A key whose source has a mistake, or may have, is good once that is mended: SDKs would drop events on 401. */
const refuseKey = (lookup: Exclude<Lookup, { kind: 'source' }>): Refusal => {
  if (lookup.kind === 'unknown') return UNKNOWN_KEY;
  const source = lookup.kind === 'left_out' ? lookup.name : undefined;
  return source === undefined ? SETTINGS_UNUSABLE : { ...SETTINGS_UNUSABLE, source };
};
