// Events as fast-check makes them: shaped like Segment's, with hostile values wherever a sender could put them.
// Everything is passed through JSON, because that is where events come from: `__proto__` is then an own key.

import fc from 'fast-check';
import { RESERVED_EVENTS } from '../../lib/mapping/reserved-events';
import { anyCharacter } from './any-character';

const HOSTILE_TEXTS = [
  '',
  ' ',
  'cio_',
  'cio_1',
  'a@b.co',
  '__proto__',
  'constructor',
  '\ud800',
  '2024-02-30',
  'true',
];

/** Dates are among them more often than chance would have it. */
const text = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: anyCharacter, maxLength: 12 }),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2024-05-06', '2024-05-06T07:08:09.123456+0200', '1969-12-31', '2016-12-31T23:59:60Z'),
);

const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom('__proto__', 'a.b', ''), fc.string({ maxLength: 8 })),
      tie('value'),
      {
        maxKeys: 5,
      },
    ),
  ),
}));

/** Plausible four times out of five, else anything at all, or absent. */
const likely = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 8, arbitrary },
    { weight: 1, arbitrary: json },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

/** Blank three times out of four, as SDKs leave what their caller has not given. */
const rarely = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary });

const id = likely(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('u1', 'u2', 'cio_7', 'jane@example.com', 'Jane@example.com', '+14155552671'),
    },
    { weight: 1, arbitrary: fc.constantFrom('undefined', 'guest', '"null"', 'mailto:jane@example.com') },
    { weight: 8, arbitrary: fc.integer() },
    { weight: 8, arbitrary: text },
  ),
);
const time = likely(
  fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer(),
  ),
);

/** An object that surely has some of the keys the mapping looks at. */
const objectWith = (known: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  likely(
    fc
      .tuple(
        fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 4 }),
        fc.record(known, { requiredKeys: [] }),
      )
      .map(([others, some]) => ({ ...others, ...some })),
  );

const address = objectWith({ city: text, country: text, floor: json });

const traits = objectWith({
  email: likely(fc.constantFrom('jane@example.com', ' jane@example.com ', 'None')),
  phone: likely(fc.constantFrom('+14155552671', '+1 415 555 2671')),
  address,
  id,
  userId: id,
  created_at: time,
  createdAt: time,
  created: time,
  anonymous_id: text,
  object_type_id: id,
  objectId: id,
  action: likely(
    fc.constantFrom('identify', 'delete', 'add_relationships', 'delete_relationships', 'archive'),
  ),
  objectTypeId: id,
  objectAttributes: json,
  relationshipAttributes: json,
});

const context = objectWith({
  traits,
  externalId: likely(fc.array(fc.record({ type: fc.constantFrom('id', 'braze'), id }), { maxLength: 2 })),
  device: objectWith({
    token: likely(fc.constantFrom('token')),
    type: likely(fc.constantFrom('ios', 'Android', 'web')),
    model: text,
  }),
  os: objectWith({ name: likely(fc.constantFrom('iPadOS', 'Linux')), version: text }),
  app: objectWith({ version: text }),
  page: objectWith({ url: text }),
  locale: text,
  groupId: id,
});

const eventNames = [...RESERVED_EVENTS.keys(), ' User Deleted ', 'Signed Up', ' Signed Up '];

export const segmentEvent: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    type: likely(fc.constantFrom('identify', 'track', 'track', 'page', 'screen', 'group', 'alias')),
    messageId: likely(fc.uuid()),
    timestamp: time,
    originalTimestamp: time,
    receivedAt: time,
    userId: id,
    anonymousId: id,
    previousId: id,
    groupId: id,
    event: likely(fc.constantFrom(...eventNames)),
    name: likely(text),
    category: likely(text),
    user_properties: json,
    properties: objectWith({
      url: text,
      path: text,
      name: text,
      token: text,
      id,
      platform: text,
      last_used: time,
      device: objectWith({
        token: likely(fc.constantFrom('token')),
        type: likely(fc.constantFrom('ios', 'web')),
      }),
      objectId: id,
      object_id: id,
      objectTypeId: id,
      deliveryId: id,
      metric: likely(fc.constantFrom('opened', 'delivered', 'clicked', 'bounced')),
      recipient: likely(fc.constantFrom('token', 'jane@example.com')),
      href: rarely(text),
      actionName: rarely(text),
      actionType: likely(fc.constantFrom('viewed_content', 'clicked_content')),
    }),
    traits,
    context,
    integrations: fc.oneof(
      { weight: 8, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.record(
          { All: fc.boolean(), 'Customer.io': json, CUSTOMERIO: json },
          { requiredKeys: [] },
        ),
      },
      { weight: 1, arbitrary: json },
    ),
  })
  .map(throughJson);

/** Any JSON at all, most of which is no event. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  json.map(throughJson),
  fc.json().map((body) => JSON.parse(body)),
);

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}

export const mappingSettings = fc.record({
  workspaceIdentifiers: fc.constantFrom('email_or_id' as const, 'id' as const, 'email_phone_or_id' as const),
  convertTimestamps: fc.oneof(
    fc.boolean(),
    fc.constant({ except: ['properties.id', 'properties.platform', 'traits.address'] }),
  ),
  integrationNames: fc.constantFrom([], ['CIO']),
  allowIdentifiers: fc.constantFrom([], ['undefined', 'guest']),
  longNames: fc.constantFrom('cut' as const, 'reject' as const),
  groups: fc.constantFrom('objects' as const, 'objects' as const, 'person_attributes' as const),
  deviceEvents: fc.constantFrom('lifecycle' as const, 'any' as const, ['Signed Up', 'Application Opened']),
  reservedEvents: fc.constantFrom(true, true, false),
  screens: fc.constantFrom('event' as const, 'screen' as const),
  pageName: fc.constantFrom('name' as const, 'url' as const),
  anonymousEvents: fc.constantFrom('deliver' as const, 'skip' as const),
  createPeople: fc.constantFrom('always' as const, 'never' as const),
  lastVisit: fc.boolean(),
  flattenAddress: fc.boolean(),
  oversizedAttributes: fc.constantFrom(
    'drop' as const,
    'truncate' as const,
    'reject' as const,
    'send' as const,
  ),
});
