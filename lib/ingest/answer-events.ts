// A request that holds events: read, matched to its source, sorted, stored. It is answered 200 when SQS has all of it.

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { loadSettings, settingsAtHand } from '../config/load-settings';
import type { Lookup, Settings } from '../config/settings';
import { type Answer, SUCCESS } from '../http/answer';
import { QUEUE_UNAVAILABLE, type Refusal, refuse, SETTINGS_UNUSABLE } from '../http/refusal';
import { logger } from '../observability';
import type { Acceptance } from './accept';
import { acceptBody } from './accept-body';
import { clientIp } from './client-ip';
import { countReplacedTimes } from './count-replaced-times';
import type { Envelope } from './envelope';
import { type ParsedBody, parseBody } from './parse-body';
import { readPixel } from './pixel';
import { readBody } from './read-body';
import { type BodyRoute, isPixelRoute } from './routes';
import { storeEvents } from './store-events';
import { basicUser, lookUpHeader, lookUpKey, UNKNOWN_KEY } from './write-key';

export const answerEvents = async (
  request: APIGatewayProxyEventV2,
  route: BodyRoute,
): Promise<Answer | Refusal> => {
  const receivedAtMs = Date.now();
  const { requestId } = request.requestContext;
  const read = isPixelRoute(route) ? readPixel(request.queryStringParameters) : readBody(request);
  if (typeof read !== 'string' && read.kind === 'refused') return ofItsSource(read, request);
  const body = typeof read === 'string' ? parseBody(read, route) : { envelopes: [], unreadable: read.why };
  if ('code' in body) return body;
  const lookup = lookUpAtHand(request, body) ?? (await lookUp(request, body));
  if (lookup.kind !== 'source') return refuseKey(lookup);
  const { source, workspaces } = lookup;
  const text = typeof read === 'string' ? read : read.text;
  const acceptance = acceptBody(body, text, route, {
    receivedAtMs,
    ip: clientIp(request),
    isBrowser: request.headers['origin'] !== undefined,
    newMessageId: randomUUID,
    integrationNames: source.integrationNames,
    allowIdentifiers: source.allowIdentifiers,
    workspaces,
  });
  if (acceptance.kind === 'refused') return { ...acceptance, source: source.name };
  const { notSent, failure } = await storeEvents(acceptance, source, requestId);
  if (notSent.length > 0) {
    // What was stored before the failure is stored again when the sender repeats it, harmlessly.
    logger.error('SQS did not take all of a request', { requestId, source: source.name, failure });
    return { ...QUEUE_UNAVAILABLE, source: source.name };
  }
  countReplacedTimes(source.name, acceptance.timestampsReplaced);
  return body.unreadable === undefined ? SUCCESS : { ...refuseRest(body, acceptance), source: source.name };
};

/** Everything is stored by now; a client that sends such a body again would only double its dead letter. */
const refuseRest = ({ unreadable }: ParsedBody, { events }: Acceptance): Refusal =>
  refuse(
    'malformed_json',
    `The body is not valid JSON${unreadable}. ${taken(events.length)}; do not send it again.`,
  );

const taken = (events: number): string =>
  events === 1
    ? '1 event of it could be read and was taken'
    : `${events} events of it could be read and were taken`;

/** What nearly every request finds without waiting for anything. */
const lookUpAtHand = (request: APIGatewayProxyEventV2, { envelopes }: ParsedBody): Lookup | undefined => {
  const settings = settingsAtHand();
  if (settings === undefined) return undefined;
  const lookup =
    lookUpHeader(settings, request.headers['authorization']) ??
    lookUpKey(settings, keysOf(request, envelopes));
  return lookup.kind === 'source' ? lookup : undefined;
};

/** A key that no source has may have been added a moment ago, so the settings are read again before it is refused. */
const lookUp = async (request: APIGatewayProxyEventV2, { envelopes }: ParsedBody): Promise<Lookup> => {
  const lookUpIn = (settings: Settings): Lookup => lookUpKey(settings, keysOf(request, envelopes));
  return lookUpIn(await loadSettings((settings) => lookUpIn(settings).kind === 'source'));
};

/** What says nothing of the sender's events, but of the way here, is worth knowing whose it was. */
const ofItsSource = async (refusal: Refusal, request: APIGatewayProxyEventV2): Promise<Refusal> => {
  if (refusal.code !== 'body_encoding_lost') return refusal;
  const lookup = await lookUp(request, { envelopes: [], unreadable: undefined });
  return lookup.kind === 'source' ? { ...refusal, source: lookup.source.name } : refusal;
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

/**
 * A key is not refused for good when its source has a mistake, or may have: SDKs drop their events on a 401, and
 * the key is good once the mistake is mended.
 */
const refuseKey = (lookup: Exclude<Lookup, { kind: 'source' }>): Refusal => {
  if (lookup.kind === 'unknown') return UNKNOWN_KEY;
  const source = lookup.kind === 'left_out' ? lookup.name : undefined;
  return source === undefined ? SETTINGS_UNUSABLE : { ...SETTINGS_UNUSABLE, source };
};
