// Door -> queue -> consumer -> dead letter -> redrive -> consumer: every event ends exactly once, as the same operation
// as without the detour, and nothing that an event holds is ever taken for a part of the formats around it.

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import type { HttpAnswer } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { sqs } from '../../lib/queue/client';
import { response } from '../support/destination';
import { httpRequest } from '../support/http-request';
import { AUTHORIZED, ingest, setIngestSettings, sqsMock } from '../support/ingest';
import { runs } from '../support/property-runs';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';

interface Stored {
  readonly queue: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

let stored: Stored[] = [];

beforeEach(() => {
  setIngestSettings();
  sqsMock.reset();
  sqsMock.on(SendMessageBatchCommand).callsFake(({ QueueUrl, Entries = [] }) => {
    for (const { MessageBody = '', MessageAttributes = {} } of Entries) {
      const attributes = Object.entries<{ StringValue: string }>(MessageAttributes).map(
        ([name, { StringValue }]) => [name, StringValue],
      );
      stored.push({ queue: QueueUrl, body: MessageBody, attributes: Object.fromEntries(attributes) });
    }
    return { Successful: Entries.map(({ Id }: { Id: string }) => ({ Id })) };
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});

const takeStored = (): Stored[] => {
  const taken = stored;
  stored = [];
  return taken;
};

const SOURCES = parseSources(
  JSON.stringify([
    {
      name: 'shop',
      writeKey: 'w',
      siteId: 's',
      apiKey: 'k',
      requestsPerSecond: 1_000,
      convertTimestamps: false,
    },
  ]),
);

interface Outcome {
  /** Operations that Customer.io was given, as JSON, sorted. */
  readonly operations: readonly string[];
  readonly deadLetters: readonly Stored[];
  readonly counts: Readonly<Record<string, number>>;
  readonly events: number;
}

/** One invocation of the consumer. */
const consume = async (records: readonly SQSRecord[], status: 200 | 400): Promise<Outcome> => {
  const operations: string[] = [];
  jest.useFakeTimers();
  const running = relay(records, SOURCES, customerIoConnector(1), {
    sqs,
    queueUrl: 'http://127.0.0.1/0/events',
    deadLetterQueueUrl: 'http://127.0.0.1/0/dead',
    remainingMs: () => 60_000,
    send: async ({ body }): Promise<HttpAnswer> => {
      const { batch } = JSON.parse(body.toString()) as { batch: unknown[] };
      operations.push(...batch.map((operation) => JSON.stringify(operation)));
      return response(status);
    },
    random: () => 0,
    now: () => new Date(),
  });
  await jest.runAllTimersAsync();
  jest.useRealTimers();
  const result = await running;
  const counts = { delivered: 0, skipped: 0, dead_lettered: 0, retried: 0 };
  for (const { outcome } of result.events) if (outcome !== undefined) counts[outcome.kind] += 1;
  expect(result.response.batchItemFailures).toEqual([]);
  return { operations: operations.sort(), deadLetters: takeStored(), counts, events: result.events.length };
};

let sent = 0;

/** As SQS hands a message out; one that is moved has another id and time of its own. */
const toRecord = ({ body, attributes }: Pick<Stored, 'body' | 'attributes'>, minutes: number): SQSRecord => {
  sent += 1;
  const sentAt = new Date(Date.parse('2030-03-01T10:00:00Z') + minutes * 60_000);
  return recordOf({ messageId: `sqs-${sent}`, body, attributes, sentAt });
};

const identityOf = ({ body, attributes: { failedAt, ...attributes } }: Stored): string => {
  expect(failedAt).toBeDefined();
  return JSON.stringify([body, attributes]);
};

// What nobody has sent as an event. Found at Customer.io, something was opened that must not be.
const smuggled = { type: 'track', userId: 'smuggled', event: 'Smuggled', timestamp: '2025-01-01T00:00:00Z' };
const notification = (message: unknown) => ({
  Type: 'Notification',
  TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
  MessageId: 'sns',
  Timestamp: '2026-03-01T09:00:00.000Z',
  Message: JSON.stringify(message),
});
const busEvent = (detail: unknown) => ({
  id: 'bus',
  'detail-type': 'x',
  source: 'com.example',
  time: '2026-03-01T09:00:00Z',
  detail,
});

const FORMAT_WORDS = [
  ...[
    'batch',
    'type',
    'action',
    'messageId',
    'source',
    'reason',
    'detail',
    'timestamp',
    'failedAt',
    'receives',
  ],
  ...[
    'firstSentAt',
    'Type',
    'TopicArn',
    'Message',
    'MessageId',
    'Timestamp',
    'MessageAttributes',
    'detail-type',
  ],
  ...[
    'id',
    'time',
    'sentAt',
    'writeKey',
    'receivedAt',
    'originalTimestamp',
    'metric',
    'event_id',
    'object_type',
  ],
  ...['__proto__', 'constructor', 'toString'],
];

const plantedValue = fc.constantFrom<unknown>(
  [],
  [smuggled],
  [[smuggled]],
  { batch: [smuggled] },
  smuggled,
  notification(smuggled),
  busEvent(smuggled),
  JSON.stringify(smuggled),
  'Notification',
  'track',
  'invalid_event',
  '2026-02-01T00:00:00.000Z',
  '',
  0,
  null,
  { source: { Type: 'String', Value: 'nobody' } },
);

/** Entries, because `__proto__` must be a key like any other. */
const planted = fc
  .array(fc.tuple(fc.constantFrom(...FORMAT_WORDS), plantedValue), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));

/** A sender's event: what it is stands last, so that it keeps it most of the time. */
const anyEvent: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    planted,
    planted,
    fc.record(
      {
        type: fc.constantFrom('track', 'identify', 'page', 'group'),
        messageId: fc.uuid(),
        timestamp: fc.constantFrom('2026-02-28T10:00:00.000Z', '2099-01-01T00:00:00Z'),
        batch: fc.constantFrom<unknown>([], [smuggled]),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([root, properties, own]) => ({
    ...root,
    userId: 'u1',
    groupId: 'g1',
    event: 'Ordered',
    properties,
    traits: properties,
    ...own,
  }));

/** Mostly events, with what can never be one between them. */
const anyEvents = fc.array(
  fc.oneof(
    { arbitrary: anyEvent, weight: 6 },
    {
      arbitrary: fc.constantFrom<unknown>(
        { batch: [smuggled] },
        [smuggled],
        notification(smuggled),
        busEvent(smuggled),
        0,
        null,
        'text',
      ),
      weight: 2,
    },
  ),
  { minLength: 1, maxLength: 5 },
);

/** What a batch says of all its events. */
const SAID = {
  context: { device: { token: 't', type: 'ios' }, traits: { phone: '+1' }, source: 'x' },
  integrations: { Mixpanel: false, all: true },
  sentAt: '2026-03-01T08:00:00.000Z',
};

/** How a producer puts them on the queue. The first alone where only one can be sent, and it says that it is one. */
const WAYS: Readonly<Record<string, (events: readonly unknown[]) => { body: unknown; count: number }>> = {
  array: (events) => ({ body: events, count: events.length }),
  batch: (batch) => ({ body: { batch }, count: batch.length }),
  saying: (batch) => ({ body: { batch, ...SAID }, count: batch.length }),
  optedOut: (batch) => ({ body: { batch, integrations: { All: false } }, count: batch.length }),
  bare: ([first]) => ({ body: { type: 'track', ...(first as object) }, count: 1 }),
  sns: (events) => ({ body: notification(events), count: events.length }),
  snsAlone: ([first]) => ({ body: notification({ type: 'track', ...(first as object) }), count: 1 }),
  eventBridge: (batch) => ({ body: busEvent({ batch }), count: batch.length }),
  both: (batch) => ({ body: notification(busEvent({ batch })), count: batch.length }),
};

const byHand = fc
  .tuple(anyEvents, fc.constantFrom(...Object.keys(WAYS)))
  .map(([events, way]) => WAYS[way]?.(events) ?? { body: events, count: events.length });

const expectNothingSmuggled = ({ operations }: Outcome): void => {
  for (const json of operations) {
    const operation = JSON.parse(json) as { name?: string; identifiers?: { id?: string } };
    expect([operation.name, operation.identifiers?.id]).not.toContain('Smuggled');
    expect(operation.identifiers?.id).not.toBe('smuggled');
  }
};

/** Delivered at once, or refused first and moved back: the same operations and the same dead letters, once each. */
const expectSameByDetour = async (messages: readonly SQSRecord[], count: number): Promise<void> => {
  const direct = await consume(messages, 200);
  expect(direct.events).toBe(count);
  expect(direct.counts['retried']).toBe(0);
  expectNothingSmuggled(direct);

  const refused = await consume(messages, 400);
  expect(refused.counts).toMatchObject({ delivered: 0, skipped: direct.counts['skipped'] });
  expect(refused.deadLetters).toHaveLength(count - (direct.counts['skipped'] ?? 0));

  const redriven = await consume(
    refused.deadLetters.map((letter) => toRecord(letter, 600)),
    200,
  );
  expect(redriven.operations).toEqual(direct.operations);
  expect(redriven.deadLetters.map(identityOf).sort()).toEqual(direct.deadLetters.map(identityOf).sort());
};

it('is the same with and without a detour for what a producer puts on the queue', async () => {
  await fc.assert(
    fc.asyncProperty(byHand, async ({ body, count }) => {
      const attributes = { source: 'shop' };
      await expectSameByDetour([toRecord({ body: JSON.stringify(body), attributes }, 0)], count);
    }),
    { numRuns: runs(300) },
  );
});

const byHttp = fc.oneof(
  anyEvents.map((batch) => ({ path: '/v1/batch', body: { batch } as unknown, count: batch.length })),
  anyEvent.map((event) => ({ path: '/v1/track', body: event as unknown, count: 1 })),
  anyEvent.map((event) => ({ path: '/v1/batch', body: { ...event, type: 'track' } as unknown, count: 1 })),
);

it('is the same with and without a detour for what a sender posts', async () => {
  await fc.assert(
    fc.asyncProperty(byHttp, async ({ path, body, count }) => {
      const request = { method: 'POST', path, headers: AUTHORIZED, body: JSON.stringify(body) };
      const { statusCode } = await ingest(httpRequest(request));
      const [queued, dead] = partition(takeStored(), ({ queue }) => queue.endsWith('/events'));
      if (statusCode !== 200) {
        expect([statusCode, queued, dead]).toEqual([400, [], []]);
        return;
      }

      await expectSameByDetour(
        queued.map((message) => toRecord(message, 1)),
        count - dead.length,
      );
      const replayed = await consume(
        dead.map((letter) => toRecord(letter, 1)),
        200,
      );
      expect(replayed.events).toBe(dead.length);
      expectNothingSmuggled(replayed);
    }),
    { numRuns: runs(300) },
  );
});

const partition = <Value>(values: readonly Value[], test: (value: Value) => boolean): [Value[], Value[]] => [
  values.filter(test),
  values.filter((value) => !test(value)),
];
