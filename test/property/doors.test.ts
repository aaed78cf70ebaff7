// The two doors, HTTP and the queue, are one: the same event becomes the same operation whichever it comes through.

import fc from 'fast-check';
import { acceptEvents } from '../../lib/ingest/accept';
import { readEnvelope } from '../../lib/ingest/envelope';
import type { JsonObject } from '../../lib/json/json-object';
import type { Workspace } from '../../lib/mapping/fate-by-rules';
import { translate } from '../../lib/mapping/translate';
import { translateByRules } from '../../lib/mapping/translate-by-rules';
import { readEvents, readMessage } from '../../lib/queue/message';
import { segmentEvent } from '../support/event-arbitrary';
import { runs } from '../support/property-runs';
import { recordOf, SENT_AT } from '../support/sqs-record';

/** A workspace that knows people by all that the HTTP door counts: of two faults both doors then find the same first. */
const SETTINGS = { workspaceIdentifiers: 'email_phone_or_id', convertTimestamps: true } as const;

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
const isoOf = (date: Date): string => date.toISOString();

/** The forms that senders use, each of the same instant. */
const FORMS: readonly ((date: Date) => unknown)[] = [
  isoOf,
  (date) => isoOf(date).replace('T', ' '),
  (date) => isoOf(date).replace('.', ','),
  (date) => isoOf(date).replace('Z', '+0000'),
  (date) => isoOf(date).replace('Z', ' UTC'),
  (date) => isoOf(date).replace('T', ' ').replace('Z', '000 +0000 UTC'),
  (date) => isoOf(date).replace(/[-:]/g, '').replace(/\.\d+/, ''),
  (date) => date.toUTCString(),
  (date) => date.getTime(),
  (date) => String(date.getTime()),
  (date) => Math.floor(date.getTime() / 1_000),
  (date) => String(Math.floor(date.getTime() / 1_000)),
  (date) => date.getTime() * 1_000,
  (date) => `${date.getTime()}000000`,
  (date) => `${pad(date.getUTCMonth() + 1)}/${pad(date.getUTCDate())}/${date.getUTCFullYear()}`,
  () => 'yesterday',
  () => '',
  () => null,
  () => ({ at: 5 }),
];

const time = fc
  .tuple(
    // Some lie after the arrival.
    fc.date({ min: new Date('2001-09-09'), max: new Date('2030-01-01'), noInvalidDate: true }),
    fc.constantFrom(...FORMS),
  )
  .map(([date, form]) => form(date));

const event = fc.record(
  {
    type: fc.constantFrom('track', 'identify', 'page', 'screen', 'group'),
    event: fc.constant('Signed Up'),
    userId: fc.constantFrom('u1', 'ada@example.com', 'cio_5', 7),
    groupId: fc.constant('g1'),
    messageId: fc.oneof(fc.uuid(), fc.nat()),
    timestamp: time,
    originalTimestamp: time,
    receivedAt: time,
    sentAt: time,
    properties: fc.constant({ plan: 'pro' }),
    traits: fc.constant({ plan: 'pro' }),
  },
  { requiredKeys: ['type', 'event', 'userId', 'groupId', 'messageId'] },
);

const REQUEST = {
  receivedAtMs: SENT_AT.getTime(),
  ip: undefined,
  isBrowser: false,
  newMessageId: () => 'm1-0',
};

const byQueue = (body: unknown): unknown => {
  const [queued] = readEvents(readMessage(recordOf({ body: JSON.stringify(body) }))) ?? [];
  return translate(queued?.event, SETTINGS);
};

const byHttp = (body: unknown): unknown => {
  const [event, rejected] = enter(body);
  return event === undefined ? rejected : byQueue(JSON.parse(event));
};

/** What goes on the queue, or why it does not. */
const enter = (
  body: unknown,
  workspaces: readonly Workspace[] = [],
): [event: string | undefined, rejected: unknown] => {
  const envelope = {
    events: [body],
    texts: () => [JSON.stringify(body)],
    writeKeys: [],
    shared: undefined,
  };
  const acceptance = acceptEvents(envelope, { kind: 'batch' }, { ...REQUEST, workspaces });
  if (acceptance.kind === 'refused') throw new Error(acceptance.message);
  const [fault] = acceptance.rejected;
  return [acceptance.events[0], { outcome: 'rejected', reason: fault?.reason, detail: expect.any(String) }];
};

it('Both doors make the same operation of an event, in whatever form its times are written', () => {
  fc.assert(
    fc.property(event, (body) => {
      expect(byHttp(body)).toEqual(byQueue(body));
    }),
    { numRuns: runs(2_000) },
  );
});

/** Each event of a batch as it ends, by either door. */
const allByQueue = (body: unknown): unknown[] =>
  readEvents(readMessage(recordOf({ body: JSON.stringify(body) })), NAMES).map((queued) =>
    translate(queued.event, { ...SETTINGS, integrationNames: NAMES }),
  );

const NAMES = ['CIO EU'];

const allByHttp = (body: JsonObject): unknown[] => {
  const text = JSON.stringify(body);
  const envelope = readEnvelope(body, text, { kind: 'batch' });
  if ('code' in envelope) throw new Error(envelope.message);
  const acceptance = acceptEvents(envelope, { kind: 'batch' }, { ...REQUEST, integrationNames: NAMES });
  if (acceptance.kind === 'refused') throw new Error(acceptance.message);
  return [
    ...acceptance.events.flatMap((json) => allByQueue([JSON.parse(json)])),
    ...acceptance.rejected.map(({ reason }) => ({ outcome: 'rejected', reason, detail: expect.any(String) })),
  ];
};

it('Both doors make the same of a batch, with what it says of all its events', () => {
  const choice = fc.constantFrom<unknown>(true, false, null, {});
  const integrations = fc.record(
    {
      All: choice,
      all: choice,
      'Customer.io': choice,
      CUSTOMERIO: choice,
      'cio eu': choice,
      Mixpanel: choice,
    },
    { requiredKeys: [] },
  );
  const context = fc.record(
    {
      traits: fc.constantFrom<unknown>({ email: 'ada@example.com' }, { userId: 'u2' }, 7),
      device: fc.constant({ token: 't', type: 'ios' }),
      groupId: fc.constant('g2'),
    },
    { requiredKeys: [] },
  );
  const envelope = fc.record(
    { context: fc.oneof(context, fc.jsonValue()), integrations, sentAt: time },
    { requiredKeys: [] },
  );
  const member = fc.tuple(
    segmentEvent,
    fc.record({ context, integrations, sentAt: time }, { requiredKeys: [] }),
  );

  fc.assert(
    fc.property(fc.array(member, { maxLength: 3 }), envelope, (members, said) => {
      const batch = members.map(([event, own], index) => ({ ...event, ...own, messageId: `m${index}` }));
      const body = JSON.parse(JSON.stringify({ batch, ...said }));

      const byDoor = allByHttp(body);

      // HTTP tells the rejected last.
      expect(allByQueue(body)).toHaveLength(byDoor.length);
      for (const translation of allByQueue(body)) expect(byDoor).toContainEqual(translation);
    }),
    { numRuns: runs(300) },
  );
});

it('Both doors make the same of anything that looks like an event', () => {
  const choices = fc.record(
    { All: fc.constantFrom(true, false, null), all: fc.boolean(), Customerio: fc.boolean() },
    { requiredKeys: [] },
  );
  const changes = fc.record(
    {
      type: fc.constantFrom('', null, 'Track', 'alias'),
      action: fc.constantFrom('track', 'identify', 'click'),
      integrations: choices,
    },
    { requiredKeys: [] },
  );

  fc.assert(
    fc.property(segmentEvent, changes, (event, changed) => {
      const body = { ...event, ...changed };
      expect(byQueue(body)).toEqual(byHttp(body));
    }),
    { numRuns: runs(3_000) },
  );
});

it('Both doors make the same of an event by the rules of its source', () => {
  const field = fc.constantFrom(
    'userId',
    'anonymousId',
    'groupId',
    'event',
    'name',
    'traits.email',
    'properties.*',
  );
  const condition = fc.oneof(
    fc.record({ field, equals: fc.constantFrom('u1', '7', 7, 'jane@example.com') }),
    fc.record({ field, exists: fc.boolean() }),
    fc.record({ field, matches: fc.constantFrom('*', 'u*', '7') }),
  );
  const action = fc.oneof(
    condition.map((when): object => ({ exclude: { when } })),
    condition.map((when): object => ({ for: { when }, set: { 'properties.ruled': true } })),
    field.map((from): object => ({ hash: [from] })),
    fc.constant<object>({ move: { userId: 'properties.old', 'traits.email': 'properties.email' } }),
    fc.constant<object>({ rename: { 'Signed Up': 'Renamed' } }),
    fc.constantFrom<object>(
      { move: { 'traits.id': 'userId' } },
      { move: { 'context.traits.email': 'anonymousId' } },
      { move: { 'properties.name': 'event' } },
      { set: { userId: 'u1' } },
    ),
  );
  const ids = fc.record(
    { userId: fc.constantFrom('', 'u1', 7, '7'), anonymousId: fc.constantFrom('', 7) },
    { requiredKeys: [] },
  );

  fc.assert(
    fc.property(
      segmentEvent,
      ids,
      fc.array(action, { minLength: 1, maxLength: 3 }),
      (event, own, actions) => {
        const rules = actions.map((one, index) => ({ name: `rule ${index}`, ...one }));
        const settings = { ...SETTINGS, name: 'shop', rules, hashSalt: 'salt of the tests' };
        const body = { ...event, ...own };
        const [entered, rejected] = enter(body, [settings]);

        const ruled = (content: string): unknown => {
          const [queued] = readEvents(readMessage(recordOf({ body: content })));
          const result = translateByRules(queued?.event, settings);
          return result.outcome === 'operations' ? result.parts.map(({ event: _, ...part }) => part) : result;
        };
        const byQueue = ruled(JSON.stringify(body));
        if (entered !== undefined) expect(byQueue).toEqual(ruled(entered));
        // Of several mistakes the door tells the first it found, before any rule.
        else expect(byQueue).toMatchObject({ ...(rejected as object), reason: expect.any(String) });
      },
    ),
    { numRuns: 2_000 },
  );
});

it('The operation does not depend on the form', () => {
  const at = new Date('2023-06-05T07:08:09.000Z');
  const readable = FORMS.slice(0, 14).map((form) => ({
    type: 'track',
    event: 'X',
    userId: 'u',
    messageId: 'm',
    timestamp: form(at),
  }));

  expect(new Set(readable.map((body) => JSON.stringify(byHttp(body)))).size).toBe(1);
  expect(new Set(readable.map((body) => JSON.stringify(byQueue(body)))).size).toBe(1);
});
