// Whatever is put back is read as what it was: the same events, ids and times, in as many lives as it takes.

import fc from 'fast-check';
import { isForCustomerIo } from '../../../lib/event/integrations';
import { type Message, readEvents, readMessage, readOwnTexts } from '../../../lib/queue/message';
import { messageBytes, type OutgoingMessage } from '../../../lib/queue/outgoing-message';
import { MAX_MESSAGE_BYTES } from '../../../lib/queue/sqs-limits';
import { toPutBack } from '../../../lib/queue/unfinished';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const NOW = new Date('2026-03-02T00:00:00Z');
/** SQS takes up to ten attributes with a message. */
const MAX_ATTRIBUTES = 10;
const anyTime = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'soon',
  '2026-02-28T12:00:00.500Z',
  '2099-01-01T00:00:00Z',
  1_772_000_000,
);
const anyEvent = fc
  .record({
    type: fc.constantFrom('track', 'identify', 'unheard of'),
    messageId: fc.constantFrom<unknown>(undefined, '', 'mine', 'ümläut', 7),
    timestamp: anyTime,
    originalTimestamp: anyTime,
    sentAt: anyTime,
    receivedAt: anyTime,
    properties: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
  })
  .map((event) => JSON.parse(JSON.stringify(event)) as object);
const anyEvents = fc.array(anyEvent, { minLength: 2, maxLength: 6 });

const messageOf = (outgoing: OutgoingMessage, index: number): Message =>
  readMessage(
    recordOf({
      messageId: `new-${index}`,
      body: outgoing.body,
      attributes: outgoing.attributes,
      sentAt: NOW,
    }),
  );

const allOf = (message: Message) => {
  const events = readEvents(message);
  const texts = readOwnTexts(message, events);
  return events.map((event, index) => ({
    event,
    text: texts[index] ?? '',
    hasFailedAlone: message.history.failedAlone.includes(index),
  }));
};

/** What an event is to the consumer: what came, and what was filled in. */
const meaningOf = (message: Message) => readEvents(message).map(({ raw, event }) => ({ raw, event }));

const inAnyOrder = (meanings: readonly object[]): string[] =>
  meanings.map((meaning) => JSON.stringify(meaning)).sort();

it('any events of a message are the same events after it, and after once more', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const first = readMessage(recordOf({ messageId: 'old', body: events, attributes: { source: 'shop' } }));
      const expected = inAnyOrder(meaningOf(first));

      const second = toPutBack(first, allOf(first), 5, NOW).map(messageOf);
      const third = second.flatMap((message) => toPutBack(message, allOf(message), 5, NOW).map(messageOf));

      expect(inAnyOrder(second.flatMap(meaningOf))).toEqual(expected);
      expect(inAnyOrder(third.flatMap(meaningOf))).toEqual(expected);
      for (const { sourceName } of third) expect(sourceName).toBe('shop');
      for (const { history } of third) expect(history.receives).toBe(3);
    }),
  );
});

it('any events of a batch are the same after it with what the batch says of them, in whatever lives', () => {
  const said = fc.record(
    {
      context: fc.constant({ device: { token: 't' } }),
      integrations: fc.constantFrom({ All: false }, { all: true, 'Customer.io': false }),
      sentAt: anyTime,
    },
    { requiredKeys: [] },
  );
  const eventsOf = (message: Message) => readEvents(message).map(({ event }) => event as object);

  fc.assert(
    fc.property(anyEvents, said, (batch, fields) => {
      const first = readMessage(recordOf({ messageId: 'old', body: { batch, ...fields } }));
      const expected = inAnyOrder(eventsOf(first));

      const second = toPutBack(first, allOf(first), 5, NOW).map(messageOf);
      const third = second.flatMap((message) => toPutBack(message, allOf(message), 5, NOW).map(messageOf));

      expect(inAnyOrder(second.flatMap(eventsOf))).toEqual(expected);
      expect(inAnyOrder(third.flatMap(eventsOf))).toEqual(expected);
    }),
  );
});

it('a choice under a name that only the settings know is the same after it, without a look at them', () => {
  const ownNames = ['Our Relay'];
  const choices = fc.dictionary(fc.constantFrom('All', 'Customer.io', 'Our Relay'), fc.boolean());
  const decisionsOf = (message: Message) =>
    readEvents(message, ownNames).map(({ event }) => {
      const { integrations, messageId } = event as Record<string, unknown>;
      return { messageId, isForUs: isForCustomerIo(integrations, ownNames) };
    });

  fc.assert(
    fc.property(fc.array(choices, { minLength: 1, maxLength: 3 }), choices, (own, integrations) => {
      const batch = own.map((choice) => ({ type: 'track', integrations: choice }));
      const first = readMessage(recordOf({ messageId: 'old', body: { batch, integrations } }));
      const second = toPutBack(first, allOf(first), 5, NOW).map(messageOf);

      expect(inAnyOrder(second.flatMap(decisionsOf))).toEqual(inAnyOrder(decisionsOf(first)));
    }),
  );
});

it.each([{}, { timestamp: '2026-02-20T00:00:00.000Z' }])(
  'a dead letter that was moved back stays one, whose `sentAt` says as little as before: %j',
  (standIn) => {
    const event = { type: 'track', timestamp: '2026-02-28T12:00:00Z', sentAt: '2026-02-28T12:00:01Z' };
    const attributes = { reason: 'undeliverable', failedAt: 'then', messageId: 'mine', ...standIn };
    const first = readMessage(recordOf({ body: event, attributes }));

    const [second] = toPutBack(first, allOf(first), 0, NOW).map(messageOf);

    expect(second && meaningOf(second)).toEqual(meaningOf(first));
    expect(second?.redriven).toBe('event');
  },
);

it('what a batch says stands once in each message, not in each event', () => {
  const event = { type: 'track', messageId: 'm', timestamp: '2026-02-28T12:00:00Z' };
  const context = { text: 'x'.repeat(800) };
  const message = readMessage(recordOf({ body: { batch: Array(9_000).fill(event), context } }));

  const outgoing = toPutBack(message, allOf(message), 0, NOW);

  expect(outgoing.map(({ body }) => JSON.parse(body).batch.length)).toEqual([9_000]);
  expect(outgoing.map(({ body }) => JSON.parse(body))).toMatchObject([{ context }]);
});

it('what has all it needs shares a message as large as SQS takes, because of two the second might be first', () => {
  const events = Array.from({ length: 60 }, (_, index) => ({
    type: 'track',
    messageId: `m${index}`,
    timestamp: '2026-02-28T12:00:00Z',
    properties: { text: 'x'.repeat(30_000) },
  }));
  const message = readMessage(recordOf({ body: events }));

  const outgoing = toPutBack(message, allOf(message), 900, NOW);

  expect(outgoing.length).toBe(2);
  for (const one of outgoing) {
    expect(one.delaySeconds).toBe(900);
    expect(messageBytes(one)).toBeLessThan(MAX_MESSAGE_BYTES);
  }
});

it('each message names the events in it that failed alone, and no other', () => {
  const events = Array.from({ length: 60 }, (_, index) => ({
    type: 'track',
    messageId: `m${index}`,
    ...(index % 7 === 1 ? {} : { timestamp: '2026-02-28T12:00:00Z' }),
    properties: { text: 'x'.repeat(30_000) },
  }));
  const message = readMessage(recordOf({ body: events }));
  const blamed = allOf(message).map((one, index) => ({ ...one, hasFailedAlone: index % 3 === 0 }));

  const again = toPutBack(message, blamed, 0, NOW).map(messageOf);

  const named = again.flatMap((one) =>
    one.history.failedAlone.map((position) => readEvents(one)[position]?.messageId),
  );
  expect(named.sort()).toEqual(
    events.flatMap(({ messageId }, index) => (index % 3 === 0 ? messageId : [])).sort(),
  );
});

it('has no more attributes than SQS takes, whatever it carries along', () => {
  const attributes = {
    ...{ source: 'shop', workspace: 'eu', reason: 'undeliverable', failedAt: 'then', messageId: 'mine' },
    ...{
      timestamp: '2026-02-20T00:00:00.000Z',
      receives: '7',
      firstSentAt: '1',
      putBackAt: String(SENT_AT.getTime()),
    },
  };
  for (const mark of [{ culprit: 'yes' }, { failedAlone: '0' }]) {
    const message = readMessage(
      recordOf({ body: { type: 'track' }, attributes: { ...attributes, ...mark } }),
    );

    const [outgoing] = toPutBack(message, allOf(message), 0, NOW);

    expect(outgoing?.attributes).toMatchObject(mark);
    expect(Object.keys(outgoing?.attributes ?? {})).toHaveLength(MAX_ATTRIBUTES);
  }
});

it('of nothing is nothing', () => {
  const message = readMessage(recordOf({ body: [] }));

  expect(toPutBack(message, [], 0, NOW)).toEqual([]);
});

it.each([
  ['a character that SQS refuses', 'a\u0000b', 'a\uFFFDb'],
  ['half a character', 'a\uD800', 'a\uFFFD'],
  ['no end', 'x'.repeat(5_000), `${'x'.repeat(999)}…`],
])('an id with %s keeps no call from being taken, and stays the event’s', (_, messageId, attribute) => {
  const message = readMessage(recordOf({ body: [{ type: 'track', messageId }] }));

  const outgoing = toPutBack(message, allOf(message), 0, NOW);

  expect(outgoing.map(({ attributes }) => attributes['messageId'])).toEqual([attribute]);
  expect(outgoing.map(messageOf).flatMap(meaningOf)).toEqual(meaningOf(message));
});

const HISTORY = { receives: '1', firstSentAt: String(SENT_AT.getTime()), putBackAt: String(NOW.getTime()) };

it.each([[{ source: 'shop', workspace: 'eu' }], [{ source: 'shop' }], [{}]])(
  'goes back to the source and workspace it was for, and to no other: %j',
  (attributes) => {
    const event = { type: 'track', messageId: 'mine', timestamp: '2026-02-28T12:00:00Z' };
    const message = readMessage(recordOf({ body: [event], attributes }));

    const outgoing = toPutBack(message, allOf(message), 0, NOW);

    expect(outgoing.map((one) => one.attributes)).toStrictEqual([{ ...attributes, ...HISTORY }]);
  },
);

it('brings along only what was filled in', () => {
  const event = { type: 'track', timestamp: '2026-02-28T12:00:00Z' };
  const message = readMessage(recordOf({ messageId: 'old', body: [event] }));

  const outgoing = toPutBack(message, allOf(message), 0, NOW);

  expect(outgoing.map((one) => one.attributes)).toStrictEqual([{ ...HISTORY, messageId: 'old-0' }]);
});

it('what could not be delivered as an event stays with its neighbours, so that it is not read as something else', () => {
  const body = [{ batch: [{ type: 'track' }] }, ['track'], 'track', { no: 'type' }];
  const message = readMessage(recordOf({ body }));

  const outgoing = toPutBack(message, allOf(message), 0, NOW);

  expect(outgoing.map((one) => JSON.parse(one.body))).toEqual([{ batch: body }]);
});
