// Whatever anyone sends, ingest answers quickly and in the shape SDKs read, never with a 5xx while the queue is
// up, and of an accepted body every event is on the queue or dead-lettered. FUZZ_RUNS=100000 is the long run.

import { constants, gunzipSync, gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { typeOf } from '../../lib/event/find-fault';
import { isForCustomerIo } from '../../lib/event/integrations';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { startCpuClock } from '../support/cpu';
import { httpRequest } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  deadLetterTexts,
  ingest,
  queuedEvents,
  queuedMessages,
  type Reply,
  resetQueues,
  setIngestSettings,
  sqsMock,
  WRITE_KEY,
} from '../support/ingest';
import { runs } from '../support/property-runs';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? runs(2_000));
/** Far below the function's timeout. CPU, not the clock: the machine may be busy with something else. */
const MAX_CPU_MS = 2_000;

/** Any UTF-16 units, lone surrogates and characters that SQS refuses among them. */
const anyText = fc.oneof(
  fc.string(),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', ' ', '__proto__', 'constructor', '\uFFFE\uFFFF', '\uD800', '\u0000'),
);

const nested = (depth: number, open: string, close: string): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

/** JSON texts that cannot all be written with JSON.stringify. */
const oddJson = fc.oneof(
  fc.constantFrom('1e999', '-1e999', '1e400', '123456789012345678901234567890', '-0', '1E5', '0.1e-400'),
  fc.constantFrom('"\\ud800"', '"\\u0000"', '"\\uffff"', '{"__proto__":{"x":1}}', '{"a":1,"a":2}'),
  fc.nat(300).map((depth) => nested(depth, '[', ']')),
  fc.nat(300).map((depth) => nested(depth, '{"a":', '}')),
);

/** More levels than `JSON.stringify` can follow, or nearly; slow, and so rare. */
const deepJson = fc.oneof(
  fc.nat(5_000).map((depth) => nested(depth, '{"a":', '}')),
  fc.constantFrom(20_000, 30_000).map((depth) => nested(depth, '[', ']')),
);

const anyJson: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)), weight: 40 },
  { arbitrary: anyText.map((text) => JSON.stringify(text)), weight: 20 },
  { arbitrary: oddJson, weight: 15 },
  { arbitrary: deepJson, weight: 1 },
);

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...texts.map((text) => JSON.stringify(text)));

/** Each field most often as it should be, else anything at all. */
const FIELDS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  type: oneOf('identify', 'track', 'page', 'screen', 'group', 'alias'),
  userId: oneOf('u1', 'ada@example.com', ''),
  anonymousId: oneOf('a1'),
  groupId: oneOf('g1'),
  previousId: oneOf('p1'),
  messageId: oneOf('m1', 'm2'),
  event: oneOf('Signed Up', ' '),
  timestamp: oneOf('2026-11-24T05:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01', 'yesterday'),
  originalTimestamp: oneOf('2012-01-01T00:00:00+09:00'),
  sentAt: oneOf('2026-11-24T05:00:01Z', '0001-01-01T00:00:00Z'),
  context: fc.constantFrom('{"library":{"name":"analytics.js"}}', '{"ip":""}', '{"direct":true}'),
  integrations: fc.constantFrom('{"All":false}', '{"all":true}', '[]'),
  properties: fc
    .oneof({ arbitrary: fc.nat(50), weight: 30 }, { arbitrary: fc.nat(40_000), weight: 1 })
    .map((length) => JSON.stringify({ filler: 'ü'.repeat(length) })),
  traits: fc.constantFrom('{"email":"ada@example.com"}'),
  writeKey: oneOf(WRITE_KEY, 'unknown'),
  action: oneOf('track'),
};

const fieldsOf = (fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(fields).map(([name, usual]) => [
          name,
          fc.oneof({ arbitrary: usual, weight: 8 }, { arbitrary: anyJson, weight: 1 }),
        ]),
      ),
      { requiredKeys: [] },
    )
    .map((members) =>
      Object.entries(members)
        .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
        .join(','),
    );

const anyEvent: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fieldsOf(FIELDS).map((fields) => `{${fields}}`), weight: 8 },
  { arbitrary: anyJson, weight: 1 },
);

/** As Segment's webhooks send events: several, or one as it is. */
const bareEvents: fc.Arbitrary<string> = fc.oneof(
  fc.array(anyEvent, { maxLength: 4 }).map((events) => `[${events.join(',')}]`),
  anyEvent,
);

const anyBatch: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.array(anyEvent, { maxLength: 6 }).map((events) => `[${events.join(',')}]`), weight: 9 },
      { arbitrary: anyJson, weight: 1 },
    ),
    fieldsOf({
      writeKey: oneOf(WRITE_KEY),
      sentAt: oneOf('2026-11-24T05:00:01Z'),
      context: fc.constantFrom('{"library":{"name":"analytics-go"}}'),
      integrations: fc.constantFrom('{"all":false}'),
    }),
  )
  .map(([batch, shared]) => `{"batch":${batch}${shared === '' ? '' : `,${shared}`}}`);

/** Texts that no path takes, mostly. */
const brokenText: fc.Arbitrary<string> = fc.oneof(
  anyJson,
  anyText,
  fc.tuple(anyBatch, fc.integer({ min: 1, max: 200 })).map(([text, cut]) => text.slice(0, -cut)),
);

interface Body {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const base64 = (bytes: Buffer): Body => ({ body: bytes.toString('base64'), isBase64Encoded: true });

/** The ways a text travels: as it is, as base64, compressed. */
const bodyOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Body> =>
  fc.oneof(
    { arbitrary: text.map((body) => ({ body })), weight: 5 },
    { arbitrary: text.map((body) => base64(Buffer.from(body))), weight: 2 },
    { arbitrary: text.map((body) => base64(gzipSync(body, { level: 1 }))), weight: 2 },
  );

const brokenBody: fc.Arbitrary<Body> = fc.oneof(
  bodyOf(brokenText),
  fc
    .tuple(anyBatch, fc.nat(30))
    .map(([text, cut]) => base64(gzipSync(text, { level: 1 }).subarray(0, -1 - cut))),
  anyText.map((body) => ({ body, isBase64Encoded: true })),
  fc.constant({}),
);

const BATCH_PATHS = ['/v1/batch', '/v1/b', '/v1/import/', '/beacon/v1/batch', '/', '/v1', '/b', '/batch'];
const EVENT_PATHS = ['/v1/track', '/v1/t', '/v1/identify/', '/v1/p', '/v1/screen', '/v1/g', '/v1/alias'];
const OTHER_PATHS = [
  '/v1/m',
  '/health',
  `/v1/projects/${WRITE_KEY}/settings`,
  '/v1/projects/%E0%A4%A/settings',
  `/analytics.js/v1/${WRITE_KEY}/analytics.min.js`,
  '/analytics-next/bundles/x.bundle.0.js',
];

const anyPath: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...BATCH_PATHS, ...EVENT_PATHS, ...OTHER_PATHS),
  anyText.map((text) => `/${text}`),
);

/** A path with a body: most often two that fit. */
const anyTarget = fc.oneof(
  { arbitrary: fc.record({ path: fc.constantFrom(...BATCH_PATHS), body: bodyOf(anyBatch) }), weight: 5 },
  { arbitrary: fc.record({ path: fc.constantFrom(...EVENT_PATHS), body: bodyOf(anyEvent) }), weight: 3 },
  {
    arbitrary: fc.record({
      path: fc.constantFrom(...BATCH_PATHS, ...EVENT_PATHS),
      body: bodyOf(bareEvents),
    }),
    weight: 2,
  },
  { arbitrary: fc.record({ path: anyPath, body: fc.oneof(bodyOf(anyBatch), brokenBody) }), weight: 2 },
);

const anyHeaders = fc
  .record(
    {
      authorization: fc.oneof(
        { arbitrary: fc.constant(AUTHORIZED.authorization), weight: 20 },
        { arbitrary: anyText.map((text) => `Basic ${text}`), weight: 1 },
        { arbitrary: anyText, weight: 1 },
      ),
      origin: fc.oneof(fc.constant('https://shop.example.com'), anyText),
      host: anyText,
      'content-type': fc.oneof(fc.constantFrom('text/plain', 'application/json'), anyText),
      'content-encoding': fc.oneof(fc.constantFrom('gzip', 'br', 'identity'), anyText),
      'access-control-request-headers': anyText,
      'accept-encoding': anyText,
      'x-forwarded-proto': anyText,
    },
    { requiredKeys: [] },
  )
  .map((headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)));

const anyRequest = fc
  .record({
    method: fc.oneof(
      { arbitrary: fc.constant('POST'), weight: 20 },
      { arbitrary: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'post', ''), weight: 1 },
    ),
    target: anyTarget,
    stage: fc.constantFrom('$default', 'dev'),
    headers: anyHeaders,
    query: fc.oneof(fc.constant({}), fc.record({ writeKey: fc.oneof(fc.constant(WRITE_KEY), anyText) })),
  })
  .map(({ target: { path, body }, ...request }) => httpRequest({ ...request, ...body, path }));

/** The root with a slash at its end is the root, which takes a batch. */
const BATCH_AT_TWO_SLASHES = httpRequest({
  path: '//',
  query: { writeKey: WRITE_KEY },
  ...base64(gzipSync('{"batch":[{}]}')),
});

/** Whether the request's path is one of these: one slash at its end changes nothing, so `//` is `/`. */
const isOneOf = ({ rawPath }: APIGatewayProxyEventV2, paths: readonly string[]): boolean =>
  paths.some((path) => withSlash(path) === withSlash(rawPath));

const withSlash = (path: string): string => (path.length > 1 && path.endsWith('/') ? path : `${path}/`);

const isForEvents = (request: APIGatewayProxyEventV2): boolean =>
  request.requestContext.http.method === 'POST' && isOneOf(request, [...BATCH_PATHS, ...EVENT_PATHS]);

/** The body's text, read independently of the code under test: of gzip that was cut as much as there is. */
const textOf = (request: APIGatewayProxyEventV2): string => {
  let bytes = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    bytes = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  const text = request.isBase64Encoded ? bytes.toString('utf8') : (request.body ?? '');
  return text.replace(/^\uFEFF/, '');
};

/** What the body says; undefined where it is no JSON: what is saved of it then has a property of its own. */
const eventsIn = (request: APIGatewayProxyEventV2): readonly unknown[] | undefined => {
  let body: unknown;
  try {
    body = JSON.parse(textOf(request));
  } catch {
    return undefined;
  }
  if (Array.isArray(body)) return body;
  if (!isObject(body) || isTyped(body) || !isOneOf(request, BATCH_PATHS)) return [body];
  return body['batch'] as readonly unknown[];
};

const TYPES: readonly unknown[] = ['identify', 'track', 'page', 'screen', 'group', 'alias'];

/** An event without an envelope says what it is; an empty `type` says nothing. */
const isTyped = ({ type, action }: JsonObject): boolean =>
  TYPES.includes(type === undefined || type === null || type === '' ? action : type);

const expectShape = ({ statusCode, headers, body }: Reply): void => {
  const isLost = statusCode === 503 && body.includes('"body_encoding_lost"');
  expect([200, 204, 400, 401, 404, 405]).toContain(isLost ? 400 : statusCode);
  expect(headers).toHaveProperty('access-control-allow-origin');
  if (statusCode < 400 || body === '') return;
  expect(JSON.parse(body)).toEqual({
    success: false,
    code: expect.stringMatching(/^[a-z_]+$/),
    message: expect.any(String),
    error: expect.any(String),
  });
};

/** What is nobody's but the sender's, and stays as it is wherever the event goes. */
const contentOf = (event: unknown): string => {
  const { event: name, properties, traits } = isObject(event) ? event : { event };
  try {
    return JSON.stringify([name, properties, traits]);
  } catch {
    return 'nested too deeply to be written';
  }
};

/** What every queued event must carry, and must not. What is to be skipped may be of any type. */
const isComplete = (event: unknown): boolean =>
  isObject(event) &&
  ['messageId', 'timestamp', 'receivedAt'].every((field) => typeof event[field] === 'string') &&
  (typeOf(event, undefined) !== undefined || !isForCustomerIo(event['integrations'])) &&
  event['originalTimestamp'] !== undefined &&
  !('writeKey' in event || 'sentAt' in event) &&
  Date.parse(String(event['timestamp'])) <= Date.parse(String(event['receivedAt']));

const SQS_TEXT = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u;

/** Each event of the body is on the queue or a dead letter, and nothing else is. */
const expectConserved = (events: readonly unknown[]): void => {
  const queued = queuedEvents();
  const stored = [...queued, ...deadLetters().map(({ event }) => event)];
  expect(stored.map(contentOf).sort()).toEqual(events.map(contentOf).sort());
  expect(queued.filter((event) => !isComplete(event))).toEqual([]);
  expect(queuedMessages().filter(({ body }) => !SQS_TEXT.test(body))).toEqual([]);
};

/** A refused body leaves nothing behind, unless it was no JSON: then it is a dead letter itself, as it came. */
const expectNothingKeptButUnreadable = (request: APIGatewayProxyEventV2): void => {
  if (sqsMock.calls().length === 0) return;
  const reasons = deadLetterTexts().map(({ attributes }) => attributes['reason']);
  expect(reasons.filter((reason) => reason === 'invalid_json')).toHaveLength(1);
  expect(eventsIn(request)).toBeUndefined();
};

/** A second try is for the garbage collector, which may clean up after the tests before in the first. */
const ingestInTime = async (request: APIGatewayProxyEventV2, triesLeft = 1): Promise<Reply> => {
  resetQueues();
  const spentMs = startCpuClock();
  const reply = await ingest(request);
  const usedMs = spentMs();
  if (usedMs > MAX_CPU_MS && triesLeft > 0) return ingestInTime(request, triesLeft - 1);
  expect(usedMs).toBeLessThanOrEqual(MAX_CPU_MS);
  return reply;
};

beforeAll(() => {
  setIngestSettings();
});

it(
  'answers anything quickly and in shape, and loses no event of what it accepts',
  async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const reply = await ingestInTime(request);
        expectShape(reply);
        const isTaken = reply.statusCode === 200 && isForEvents(request);
        const events = isTaken ? eventsIn(request) : undefined;
        if (events !== undefined) expectConserved(events);
        else if (!isTaken) expectNothingKeptButUnreadable(request);
      }),
      { numRuns: RUNS, examples: [[BATCH_AT_TWO_SLASHES]] },
    );
  },
  60_000 + RUNS * 50,
);
