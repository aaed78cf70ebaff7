// Whatever is put back is read as what it was: the same events, ids and times, in as many lives as it takes.

import fc from 'fast-check';
import { type Message, readEvents, readMessage, readTexts } from '../../../lib/queue/message';
import { messageBytes, type OutgoingMessage } from '../../../lib/queue/outgoing-message';
import { MAX_MESSAGE_BYTES } from '../../../lib/queue/sqs-limits';
import { toPutBack } from '../../../lib/queue/unfinished';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const NOW = new Date('2026-03-02T00:00:00Z');
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
  const texts = readTexts(message, events);
  return events.map((event, index) => ({ event, text: texts[index] ?? '' }));
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

it('what has all it needs shares a message, and no message is larger than SQS takes', () => {
  const events = Array.from({ length: 60 }, (_, index) => ({
    type: 'track',
    messageId: `m${index}`,
    timestamp: '2026-02-28T12:00:00Z',
    properties: { text: 'x'.repeat(30_000) },
  }));
  const message = readMessage(recordOf({ body: events }));

  const outgoing = toPutBack(message, allOf(message), 900, NOW);

  expect(outgoing.length).toBe(30);
  for (const one of outgoing) {
    expect(one.delaySeconds).toBe(900);
    expect(messageBytes(one)).toBeLessThan(MAX_MESSAGE_BYTES);
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
