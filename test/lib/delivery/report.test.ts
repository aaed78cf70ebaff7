import type { Source } from '../../../lib/config/source';
import type { EventInFlight, EventOutcome } from '../../../lib/delivery/event-in-flight';
import type { RelayResult } from '../../../lib/delivery/relay';
import { report } from '../../../lib/delivery/report';
import { readMessage } from '../../../lib/queue/message';
import { captureLogs } from '../../support/log-output';
import { recordOf } from '../../support/sqs-record';

const NOW = new Date('2026-03-01T10:10:00.000Z');
const SHOP = { name: 'shop' } as Source;
const DEAD: EventOutcome = { kind: 'dead_lettered', reason: 'invalid_event', detail: 'planted detail' };
const SKIPPED: EventOutcome = { kind: 'skipped', reason: 'integrations_disabled' };
const RETRIED: EventOutcome = { kind: 'retried', delay: { kind: 'backoff' }, cause: 'planted cause' };

interface Options {
  readonly receiveCount?: number;
  readonly minutesAgo?: number;
  readonly source?: Source | undefined;
  readonly isTimestampReplaced?: boolean;
  readonly adjustedAttributes?: readonly string[];
}

let messages = 0;

const eventOf = (outcome: EventOutcome, options: Options = {}): EventInFlight => {
  const { receiveCount = 1, minutesAgo = 1, source = SHOP, isTimestampReplaced = false } = options;
  const { adjustedAttributes = [] } = options;
  messages += 1;
  const sentAt = new Date(NOW.getTime() - minutesAgo * 60_000);
  const record = recordOf({ messageId: `m${messages}`, body: 'planted', receiveCount, sentAt });
  const message = readMessage(record);
  const origin = { message, index: 0, source, ownNames: [] };
  return { ...origin, items: [], isTimestampReplaced, adjustedAttributes, outcome };
};

const reported = (events: readonly EventInFlight[], reports: RelayResult['reports'] = new Map()) => {
  const output = captureLogs();
  report({ response: { batchItemFailures: [] }, events, reports }, NOW);
  output.release();
  const lines = output.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    metrics: lines.filter((line) => '_aws' in line),
    logs: lines.filter((line) => !('_aws' in line) && line['level'] !== 'DEBUG'),
  };
};

beforeEach(() => {
  messages = 0;
});

it('Every event is counted by what became of it, and as received the first time it is seen', () => {
  const { metrics } = reported([
    eventOf({ kind: 'delivered' }, { minutesAgo: 2 }),
    eventOf({ kind: 'delivered' }, { minutesAgo: 3, receiveCount: 2 }),
    eventOf(SKIPPED, { minutesAgo: 9 }),
  ]);

  expect(metrics[0]).toMatchObject({
    source: 'shop',
    EventsReceived: 2,
    EventsDelivered: 2,
    EventsSkipped: 1,
    EventsRetried: 0,
    EventAgeSeconds: 180,
  });
  expect(metrics[0]).not.toHaveProperty('RetriedEventAgeSeconds');
  expect(metrics[0]).not.toHaveProperty('TimestampsReplaced');
});

it('What was delivered as it should be is one line of metrics, and no other', () => {
  const { metrics, logs } = reported([eventOf({ kind: 'delivered' }), eventOf({ kind: 'delivered' })]);

  expect(metrics).toHaveLength(1);
  expect(logs).toEqual([]);
});

it('What is skipped is counted and logged by its reason', () => {
  const toItself: EventOutcome = { kind: 'skipped', reason: 'alias_to_itself' };

  const { metrics, logs } = reported([eventOf(SKIPPED), eventOf(toItself), eventOf(SKIPPED)]);

  expect(metrics.filter((line) => 'reason' in line)).toEqual([
    expect.objectContaining({ source: 'shop', reason: 'integrations_disabled', EventsSkipped: 2 }),
    expect.objectContaining({ source: 'shop', reason: 'alias_to_itself', EventsSkipped: 1 }),
  ]);
  expect(logs.map(({ message, reason, events }) => [message, reason, events])).toEqual([
    ['Events skipped', 'integrations_disabled', 2],
    ['Events skipped', 'alias_to_itself', 1],
  ]);
});

it('What a rule keeps out is logged by the name of the rule', () => {
  const byRule = (rule: string): EventOutcome => ({ kind: 'skipped', reason: 'excluded_by_rule', rule });

  const { logs } = reported([
    eventOf(byRule('no tests')),
    eventOf(byRule('no tests')),
    eventOf(byRule('orders')),
  ]);

  expect(logs).toMatchObject([
    { message: 'Events skipped', reason: 'excluded_by_rule', events: 3, rules: { 'no tests': 2, orders: 1 } },
  ]);
});

it('A time that could not be read is counted the first time the event is seen', () => {
  const { metrics } = reported([
    eventOf({ kind: 'delivered' }, { isTimestampReplaced: true }),
    eventOf(RETRIED, { isTimestampReplaced: true }),
    eventOf({ kind: 'delivered' }, { isTimestampReplaced: true, receiveCount: 2 }),
  ]);

  expect(metrics).toContainEqual(expect.objectContaining({ source: 'shop', TimestampsReplaced: 2 }));
});

it('Times that could not be read are one line of log as well, which counts an event for two workspaces once', () => {
  const [first, second] = ['main', 'eu'].map((workspace) => ({ name: 'shop', workspace }) as Source);
  const read = eventOf({ kind: 'delivered' }, { source: first });
  const replaced = eventOf({ kind: 'delivered' }, { source: first, isTimestampReplaced: true });
  const another = eventOf(SKIPPED, { source: { name: 'blog' } as Source, isTimestampReplaced: true });
  const again = eventOf(SKIPPED, { source: first, isTimestampReplaced: true, receiveCount: 2 });

  const { metrics, logs } = reported([read, replaced, { ...replaced, source: second }, another, again]);

  expect(logs.filter(({ message }) => message === 'Timestamps replaced')).toEqual([
    expect.objectContaining({ level: 'WARN', source: 'shop', events: 1 }),
    expect.objectContaining({ level: 'WARN', source: 'blog', events: 1 }),
  ]);
  expect(metrics.filter((line) => 'TimestampsReplaced' in line)).toEqual([
    expect.objectContaining({ source: 'shop', TimestampsReplaced: 1 }),
    expect.objectContaining({ source: 'blog', TimestampsReplaced: 1 }),
  ]);
});

it('Attributes that were left out of what is delivered are counted, and logged by their names', () => {
  const { metrics, logs } = reported([
    eventOf({ kind: 'delivered' }, { adjustedAttributes: ['bio', 'planted@example.com'] }),
    eventOf({ kind: 'delivered' }, { adjustedAttributes: ['bio'], receiveCount: 2 }),
    eventOf({ kind: 'delivered' }),
    eventOf(RETRIED, { adjustedAttributes: ['bio'] }),
    eventOf(DEAD, { adjustedAttributes: ['bio'] }),
  ]);

  expect(metrics[0]).toMatchObject({ source: 'shop', AttributesDropped: 3 });
  expect(logs[0]).toMatchObject({
    level: 'WARN',
    message: 'Attributes beyond the limits were dropped or cut',
    source: 'shop',
    events: 2,
    sqsMessageIds: ['m1', 'm2'],
    attributes: { bio: 2, '(others)': 1 },
  });
});

it('Where no attribute is left out, nothing is said of any', () => {
  const { metrics, logs } = reported([eventOf({ kind: 'delivered' })]);

  expect(metrics[0]).not.toHaveProperty('AttributesDropped');
  expect(logs).toEqual([]);
});

it('What is put back is told with the age of the oldest, and the messages to look for', () => {
  const { metrics, logs } = reported([
    eventOf(RETRIED, { minutesAgo: 60, receiveCount: 9 }),
    ...Array.from({ length: 20 }, () => eventOf(RETRIED)),
  ]);

  expect(metrics[0]).toMatchObject({ EventsReceived: 20, EventsRetried: 21, RetriedEventAgeSeconds: 3_600 });
  expect(metrics[0]).not.toHaveProperty('EventAgeSeconds');
  expect(logs).toEqual([
    expect.objectContaining({ level: 'WARN', message: 'Events will be retried', source: 'shop', events: 21 }),
  ]);
  expect(logs[0]?.['sqsMessageIds']).toHaveLength(10);
});

it('Dead letters are counted and logged by reason, and those of no known source too', () => {
  const { metrics, logs } = reported([
    eventOf(DEAD),
    { ...eventOf({ kind: 'dead_lettered', reason: 'unknown_source', detail: 'x' }), source: undefined },
  ]);

  expect(metrics.filter((line) => 'EventsDeadLettered' in line)).toEqual([
    expect.objectContaining({ source: 'shop', EventsDeadLettered: 1 }),
    expect.objectContaining({ source: 'shop', reason: 'invalid_event', EventsDeadLettered: 1 }),
    expect.objectContaining({ source: 'unknown', EventsDeadLettered: 1 }),
    expect.objectContaining({ source: 'unknown', reason: 'unknown_source', EventsDeadLettered: 1 }),
  ]);
  expect(logs.map(({ reason, sqsMessageIds }) => [reason, sqsMessageIds])).toEqual([
    ['invalid_event', ['m1']],
    ['unknown_source', ['m2']],
  ]);
});

it('The requests of a source called unknown are not counted again for events of no known source', () => {
  const delivery = { requests: 3, throttled: 0, failed: 0, fillPercents: [10] };
  const { metrics } = reported(
    [
      eventOf({ kind: 'delivered' }, { source: { name: 'unknown' } as Source }),
      { ...eventOf({ kind: 'dead_lettered', reason: 'unknown_source', detail: 'x' }), source: undefined },
    ],
    new Map([['unknown', delivery]]),
  );

  expect(metrics.flatMap(({ Requests }) => Requests ?? [])).toEqual([3]);
});

it('What went over the wire is counted, and what an operator must do is an error with the advice', () => {
  const delivery = {
    requests: 3,
    throttled: 1,
    failed: 2,
    fillPercents: [10, 90],
    operatorAdvice: 'Do this.',
  };

  const { metrics, logs } = reported([eventOf(RETRIED)], new Map([['shop', delivery]]));

  expect(metrics[0]).toMatchObject({
    Requests: 3,
    RequestsThrottled: 1,
    RequestsFailed: 2,
    AuthFailures: 1,
    BatchFillPercent: [10, 90],
  });
  expect(logs).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: 'An operator must act',
      advice: 'Do this.',
      events: 1,
    }),
  ]);
});

it('A source with several workspaces is counted once for each, under its name, and log lines say which', () => {
  const us = { name: 'shop', workspace: 'us' } as Source;
  const eu = { name: 'shop', workspace: 'eu' } as Source;
  const delivery = { requests: 1, throttled: 0, failed: 1, fillPercents: [] };

  const { metrics, logs } = reported(
    [eventOf({ kind: 'delivered' }, { source: us }), eventOf(RETRIED, { source: eu })],
    new Map([['shop/eu', { ...delivery, operatorAdvice: 'check the key' }]]),
  );

  expect(metrics).toMatchObject([
    { source: 'shop', EventsReceived: 1, EventsDelivered: 1 },
    { source: 'shop', EventsReceived: 1, EventsRetried: 1, AuthFailures: 1 },
  ]);
  expect(logs).toMatchObject([{ source: 'shop', workspace: 'eu', advice: 'check the key' }]);
});
