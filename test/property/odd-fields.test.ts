// The two doors are one for odd events as well: values of every kind in every field, through the real handler of
// ingest by every way it knows, and by hand onto the queue, wrapped or not. The same event has the same fate and the
// same operations, and so has its dead letter when it is moved back.

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { EVENT_TYPES } from '../../lib/event/event';
import { messageIdOf } from '../../lib/event/message-id';
import { isObject } from '../../lib/json/json-object';
import { translate } from '../../lib/mapping/translate';
import { readEvents, readMessage } from '../../lib/queue/message';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetterTexts,
  ingest,
  queuedMessages,
  resetQueues,
  setIngestSettings,
} from '../support/ingest';
import { runs } from '../support/property-runs';
import { recordOf, SENT_AT } from '../support/sqs-record';

const SETTINGS = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true } as const;

beforeEach(() => {
  setIngestSettings();
  jest.useFakeTimers({ now: SENT_AT, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => jest.useRealTimers());

const TEXTS = [
  ...[
    '',
    ' ',
    '\ufeff',
    '\u0000',
    '\u2028',
    '\ud800',
    '😀',
    'İ',
    'x'.repeat(151),
    'é'.repeat(75),
    'é'.repeat(76),
  ],
  ...['__proto__', 'constructor', 'toString', 'undefined', '"nil"', 'NULL', '0'],
  ...['cio_', 'cio_cio_1', 'CIO_1', 'a@b.co', ' A@B.CO', 'ü@b.co', 'a@b.c', '+4912345'],
];
const NUMBERS = [0, -0, -1, 1.5, 1e20, 1e21, 5e-324, 2 ** 53, 2 ** 60];
const odd = fc.constantFrom<unknown>(...TEXTS, ...NUMBERS, null, true, false, [], {}, [[]], [null], {
  id: 'u',
});

const time = fc.constantFrom<unknown>(
  ...['2026-02-28', '2026-02-29', '2026-02-28T10:00', '2026-02-28 10:00:00Z', '2026-02-28t10:00:00z'],
  ...['2026-02-28T10:00:00.1234567890Z', '2026-02-28T24:00:00Z', '2026-02-28T23:59:60Z', '20260228T100000Z'],
  ...['2026-02-28T10:00:00+24:00', '2026-02-28T10:00:00 +02', '2026-W09-6', '2026-059', ' 2026-02-28 '],
  ...['Sat, 28 Feb 2026 10:00:00 GMT', 'Feb 28, 2026 10:00 AM', '28 Feb 26 10:00 EST', '28/02/2026', 'now'],
  ...['2026-03-01T10:00:00.999Z', '2026-03-01T10:00:01.001Z', '2099-01-01', '1969-12-31T23:59:59Z'],
  ...[
    '1772272800',
    '1772272800.123',
    '1772272800123456789',
    '01772272800',
    '+1772272800',
    '1e12',
    '٢٠٢٦-٠٢-٢٨',
  ],
  ...[1_772_272_800, 1_772_272_800_000, 1_772_272_800_000_000, 1.7722728e18, -1, 0, 1e300, null, {}, []],
);

/** Mostly as it should be. */
const mostly = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: odd });

const id = mostly(fc.constantFrom('u1', 'a@b.co', 'cio_5', 7));
const device = fc.record(
  { token: mostly(fc.constant('T')), type: mostly(fc.constantFrom('ios', 'Android', 'web')) },
  { requiredKeys: [] },
);
const KEYS = [
  ...['__proto__', 'constructor', 'toString', 'a.b', '', 'é', '\ud800', 'type', 'batch', 'name', 'url'],
  ...['id', 'userId', 'email', 'phone', 'anonymous_id', 'created_at', 'createdAt', '_update', 'category'],
  ...['objectId', 'object_type_id', 'relationshipAttributes', 'objectAttributes', 'action', 'event_name'],
];
const bag = mostly(
  fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(odd, time, fc.constant('delete')), { maxKeys: 6 }),
);
const NAMES = ['User Deleted', ' User Deleted', 'user deleted', 'Application Opened', 'Device Deleted'];
const MORE_NAMES = ['Object Deleted', 'Relationship Deleted', 'Report Delivery Event', 'Signed Up'];
const choices = mostly(
  fc.dictionary(fc.constantFrom('All', 'all', 'Customer.io', 'CUSTOMER IO (actions)', '__proto__'), odd, {
    maxKeys: 2,
  }),
);
const context = mostly(
  fc.record({ traits: bag, device: mostly(device), groupId: odd, ip: odd, page: bag }, { requiredKeys: [] }),
);

const event = fc
  .record(
    {
      type: mostly(fc.constantFrom(...EVENT_TYPES)),
      action: mostly(fc.constantFrom(...EVENT_TYPES)),
      event: mostly(fc.constantFrom(...NAMES, ...MORE_NAMES)),
      ...{ userId: id, anonymousId: id, previousId: id, groupId: id },
      messageId: mostly(fc.constantFrom('m1', 'm2', 5)),
      ...{ timestamp: time, originalTimestamp: time, receivedAt: time, sentAt: time },
      ...{ properties: bag, traits: bag, context, integrations: choices },
      ...{ name: odd, category: odd, writeKey: odd, batch: mostly(fc.constant([])), user_properties: odd },
      ...{ source: odd, reason: odd, Type: odd, detail: bag, 'detail-type': odd, constructor: odd },
    },
    { requiredKeys: [] },
  )
  // As it comes: `__proto__` is then an own key.
  .map((made): Record<string, unknown> => JSON.parse(JSON.stringify(made)));

type Attributes = Readonly<Record<string, string | undefined>>;

const present = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** What a message becomes, an entry an event: its outcome and operations, or the reason. */
const fatesOf = (body: string, attributes: Attributes = {}): unknown[] =>
  readEvents(readMessage(recordOf({ body, attributes: present(attributes) }))).map(
    ({ event: whole, fault }) =>
      fault === undefined ? fateOf(translate(whole, SETTINGS)) : rejectedFor(fault.reason),
  );

const fateOf = (translation: ReturnType<typeof translate>): unknown =>
  translation.outcome === 'rejected' ? rejectedFor(translation.reason) : translation;

const rejectedFor = (reason: unknown) => ({ outcome: 'rejected', reason });

const hasId = (one: unknown): boolean => isObject(one) && messageIdOf(one) !== undefined;

const TIME_CHARACTERS = 10;

/** What is on the queues when ingest has answered. */
const byHttp = async (options: RequestOptions): Promise<unknown[]> => {
  resetQueues();
  const { statusCode, body } = await ingest(httpRequest({ headers: AUTHORIZED, ...options }));
  if (statusCode !== 200) return [rejectedFor(JSON.parse(body).code)];
  return [
    ...queuedMessages().flatMap((message) => fatesOf(message.body, message.attributes)),
    ...deadLetterTexts().flatMap((letter) => {
      const again = fatesOf(letter.body, letter.attributes);
      expect(again).toEqual([rejectedFor(letter.attributes['reason'])]);
      return again;
    }),
  ];
};

/** In any order. Where each door makes ids of its own, only the time of a ULID is compared. */
const comparable = (fates: readonly unknown[], haveIds: boolean): string[] =>
  fates
    .map((fate) => JSON.stringify(fate, (key, value) => (key === 'id' && !haveIds ? timeOf(value) : value)))
    .sort();

const timeOf = (id: unknown): unknown =>
  typeof id === 'string' && ULID.test(id) ? id.slice(0, TIME_CHARACTERS) : id;

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

const WRAPPINGS: readonly ((batch: object) => object)[] = [
  (batch) => batch,
  (batch) => ({
    ...{ Type: 'Notification', TopicArn: 'arn', MessageId: 'sns', Timestamp: SENT_AT.toISOString() },
    Message: JSON.stringify(batch),
  }),
  (batch) => ({
    ...{ id: 'bus', 'detail-type': 'x', source: 'example', time: SENT_AT.toISOString() },
    detail: batch,
  }),
];

it('A batch of odd events ends by HTTP, plain or gzip, as on the queue, wrapped or not', async () => {
  const shared = fc.record({ context, integrations: choices, sentAt: time }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(mostly(event), { maxLength: 4 }),
      shared,
      fc.constantFrom(...WRAPPINGS),
      fc.boolean(),
      async (batch, said, wrap, isGzip) => {
        const text = JSON.stringify({ batch, ...said });
        const body = isGzip ? gzipSync(text).toString('base64') : text;
        const fates = await byHttp({ body, isBase64Encoded: isGzip });

        const expected = fatesOf(JSON.stringify(wrap({ batch, ...said })));
        const haveIds = batch.every(hasId);
        expect(comparable(fates, haveIds)).toEqual(comparable(expected, haveIds));
      },
    ),
    { numRuns: runs(500) },
  );
});

const WAYS: readonly ((type: string, text: string) => RequestOptions)[] = [
  (type, body) => ({ path: `/v1/${type}`, body }),
  (type, body) => ({
    path: `/v1/${type.charAt(0)}/`,
    body,
    headers: { ...AUTHORIZED, 'content-type': 'text/plain' },
  }),
  (type, text) => ({ path: `/v1/${type}`, body: `[${text}]` }),
  (type, data) => ({ method: 'GET', path: `/v1/pixel/${type}`, query: { data } }),
  (type, text) => ({
    method: 'GET',
    path: `/v1/pixel/${type}`,
    query: { data: Buffer.from(text).toString('base64url') },
  }),
];

it('One odd event ends by the path of a type as on the queue with that type', async () => {
  await fc.assert(
    fc.asyncProperty(
      event,
      fc.constantFrom(...EVENT_TYPES),
      fc.constantFrom(...WAYS),
      async (one, pathType, way) => {
        const { type } = one;
        const isUntyped = type === undefined || type === null || type === '';
        const typed = isUntyped ? { ...one, type: pathType } : one;
        const fates = await byHttp(way(pathType, JSON.stringify(one)));

        const expected = fatesOf(JSON.stringify(typed));
        expect(comparable(fates, hasId(one))).toEqual(comparable(expected, hasId(one)));
      },
    ),
    { numRuns: runs(500) },
  );
});
