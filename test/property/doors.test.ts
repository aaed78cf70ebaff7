// The two doors, HTTP and the queue, are one: the same event becomes the same operation whichever it comes through.

import fc from 'fast-check';
import { typeOf } from '../../lib/event/find-fault';
import { acceptEvents } from '../../lib/ingest/accept';
import { translate } from '../../lib/mapping/translate';
import { readEvents, readMessage } from '../../lib/queue/message';
import { segmentEvent } from '../support/event-arbitrary';
import { recordOf, SENT_AT } from '../support/sqs-record';

const SETTINGS = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true } as const;

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
    properties: fc.constant({ plan: 'pro' }),
    traits: fc.constant({ plan: 'pro' }),
  },
  { requiredKeys: ['type', 'event', 'userId', 'groupId', 'messageId'] },
);

const byQueue = (body: unknown): unknown => {
  const [queued] = readEvents(readMessage(recordOf({ body: JSON.stringify(body) }))) ?? [];
  return translate(queued?.event, SETTINGS);
};

const byHttp = (body: unknown): unknown => {
  const [event, rejected] = enter(body);
  return event === undefined ? rejected : byQueue(JSON.parse(event));
};

/** What goes on the queue, or why it does not. */
const enter = (body: unknown): [event: string | undefined, rejected: unknown] => {
  const envelope = {
    events: [body],
    texts: () => [JSON.stringify(body)],
    writeKeys: [],
    sentAt: undefined,
    context: undefined,
    integrations: undefined,
  };
  const acceptance = acceptEvents(
    envelope,
    { kind: 'batch' },
    { receivedAtMs: SENT_AT.getTime(), ip: undefined, isBrowser: false, newMessageId: () => 'm1-0' },
  );
  if (acceptance.kind === 'refused') throw new Error(acceptance.message);
  const [fault] = acceptance.rejected;
  return [acceptance.events[0], { outcome: 'rejected', reason: fault?.reason, detail: expect.any(String) }];
};

it('Both doors make the same operation of an event, in whatever form its times are written', () => {
  fc.assert(
    fc.property(event, (body) => {
      expect(byHttp(body)).toEqual(byQueue(body));
    }),
    { numRuns: 2_000 },
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
      // Of what is no event, HTTP does not ask whom it is for.
      fc.pre(typeOf(body, undefined) !== undefined);

      expect(byQueue(body)).toEqual(byHttp(body));
    }),
    { numRuns: 3_000 },
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
