// Accepted = delivered + skipped + dead-lettered + retried, for any batch under any faults: each event ends
// as exactly one of them, and Lambda is told of no message it did not hand out.

import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import type { EventInFlight } from '../../lib/delivery/event-in-flight';
import { type RelayResult, relay } from '../../lib/delivery/relay';
import { PARK_ABOVE_IN_FLIGHT } from '../../lib/delivery/retry-policy';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { RESERVED_EVENTS } from '../../lib/mapping/reserved-events';
import { readEvents, readMessage, readTexts } from '../../lib/queue/message';
import { response } from '../support/destination';
import { runs } from '../support/property-runs';
import { parseWorkspaces } from '../support/sources';
import { recordOf } from '../support/sqs-record';

const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1/0/events';

interface Plan {
  readonly bodies: readonly unknown[];
  readonly sourceNames: readonly string[];
  /** What Customer.io does, request by request. */
  readonly faults: readonly number[];
  /** Whether SQS takes a dead letter, call by call. */
  readonly refusals: readonly boolean[];
  /** Whether so many messages are in flight that what waits goes back with a delay. */
  readonly isCrowded: boolean;
  readonly remainingMs: number;
}

const goodEvent = fc.record({
  type: fc.constantFrom('identify', 'track', 'page', 'group'),
  userId: fc.integer({ min: 0, max: 5 }).map((number) => `u${number}`),
  event: fc.constantFrom('Signed Up', 'Ordered', ...RESERVED_EVENTS.keys()),
  groupId: fc.constantFrom('g1', 'g2'),
  properties: fc.record({
    deliveryId: fc.constantFrom('d1', 'd2'),
    metric: fc.constantFrom('opened', 'clicked'),
    actionType: fc.constant('viewed_content'),
  }),
  context: fc.constantFrom({}, { device: { token: 't1', type: 'ios' } }),
  traits: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
});
const skippedEvent = fc.constant({ type: 'track', userId: 'u1', event: 'A', integrations: { All: false } });
const badEvent = fc.constantFrom<unknown>(
  {},
  7,
  null,
  { type: 'track' },
  { type: 'track', userId: 'u' },
  { type: 'x' },
);
const anyEvent = fc.oneof({ weight: 5, arbitrary: goodEvent }, skippedEvent, badEvent);
const anyBody = fc.oneof(
  anyEvent,
  fc.array(anyEvent, { maxLength: 4 }),
  fc.array(anyEvent, { maxLength: 4 }).map((batch) => ({ batch })),
  fc.array(anyEvent, { maxLength: 4 }).chain((batch) =>
    fc.record(
      {
        batch: fc.constant(batch),
        context: fc.constant({ device: { token: 't2', type: 'android' } }),
        integrations: fc.constantFrom({ All: false }, { 'Customer.io': true }, { Mixpanel: false }),
        sentAt: fc.constant('2026-03-01T09:00:00Z'),
      },
      { requiredKeys: ['batch'] },
    ),
  ),
  fc.constantFrom('{', 'hello'),
);
const anyPlan: fc.Arbitrary<Plan> = fc.record({
  bodies: fc.array(anyBody, { maxLength: 8 }),
  sourceNames: fc.array(fc.constantFrom('', 'shop', 'blog', 'nobody'), { minLength: 8, maxLength: 8 }),
  faults: fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 40, maxLength: 40 }),
  refusals: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  isCrowded: fc.boolean(),
  remainingMs: fc.constantFrom(60_000, 60_000, 60_000, 25_001, 1_000),
});

/** How many workspaces an event of each source is for; one of no known source is told of once. */
const WORKSPACES: Readonly<Record<string, number>> = { shop: 2, blog: 1, nobody: 1 };
const WORKSPACE = { siteId: 's', apiKey: 'k', requestsPerSecond: 1_000 };
/** `blog` shares a workspace with `shop`, whose events go to another one as well. */
const SOURCES = parseWorkspaces(
  JSON.stringify([
    {
      name: 'shop',
      writeKey: 'shop',
      destinations: [
        { ...WORKSPACE, name: 'main' },
        { ...WORKSPACE, name: 'other', siteId: 'other', groups: 'person_attributes' },
      ],
    },
    { ...WORKSPACE, name: 'blog', writeKey: 'blog' },
  ]),
);

/** One answer for each fault number; 0 to 4 are no fault. */
const answerOf = (fault: number, itemCount: number): HttpAnswer => {
  const errors = [{ batch_index: itemCount - 1, field: 'attributes', message: 'is bad' }];
  const answers: HttpAnswer[] = [
    response(207, { errors }),
    response(400),
    response(401),
    response(429),
    response(503, {}, { 'retry-after': '30' }),
    { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' },
    { kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' },
  ];
  return answers[fault - 5] ?? response(200);
};

interface Observed {
  readonly records: readonly SQSRecord[];
  readonly result: RelayResult;
  readonly taken: readonly unknown[];
  readonly deadLetters: readonly string[];
  /** Bodies of the messages put back. */
  readonly putBack: readonly string[];
  readonly changed: ReadonlyMap<string, number>;
}

const runPlan = async (plan: Plan): Promise<Observed> => {
  const records = plan.bodies.map((body, index) => {
    const source = plan.sourceNames[index];
    return recordOf({
      messageId: `m${index}`,
      body,
      attributes: source ? { source } : {},
      receiveCount: index + 1,
    });
  });
  const taken: unknown[] = [];
  const faults = [...plan.faults];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const body = JSON.parse(request.body.toString());
    const batch: readonly unknown[] = request.url.endsWith('/metrics') ? [body] : body.batch;
    const answer = answerOf(faults.shift() ?? 0, batch.length);
    if (answer.kind === 'response' && answer.status === 200) taken.push(...batch);
    if (answer.kind === 'response' && answer.status === 207) taken.push(...batch.slice(0, -1));
    return answer;
  };
  const { deadLetters, putBack, changed } = mockQueue(plan);
  const running = relay(records, SOURCES, customerIoConnector(1), {
    sqs: new SQSClient({}),
    queueUrl: QUEUE_URL,
    deadLetterQueueUrl: 'http://127.0.0.1/0/dead',
    remainingMs: () => plan.remainingMs,
    send,
    random: () => 0.5,
    now: () => new Date(),
  });
  await jest.runAllTimersAsync();
  return { records, result: await running, taken, deadLetters, putBack, changed };
};

const mockQueue = ({ refusals, isCrowded }: Plan) => {
  const deadLetters: string[] = [];
  const putBack: string[] = [];
  const changed = new Map<string, number>();
  const answers = [...refusals];
  sqsMock.reset();
  sqsMock.on(SendMessageBatchCommand).callsFake(({ Entries, QueueUrl }) => {
    if (answers.shift()) throw new Error('unreachable');
    const stored = QueueUrl === QUEUE_URL ? putBack : deadLetters;
    stored.push(...Entries.map((entry: { MessageBody: string }) => entry.MessageBody));
    return { Successful: Entries.map(({ Id }: { Id: string }) => ({ Id })), Failed: [] };
  });
  const inFlight = PARK_ABOVE_IN_FLIGHT + Number(isCrowded);
  sqsMock
    .on(GetQueueAttributesCommand)
    .resolves({ Attributes: { ApproximateNumberOfMessagesNotVisible: String(inFlight) } });
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(({ Entries }) => {
    for (const { ReceiptHandle, VisibilityTimeout } of Entries) changed.set(ReceiptHandle, VisibilityTimeout);
    return { Successful: [] };
  });
  return { deadLetters, putBack, changed };
};

const check = async (assertion: (observed: Observed) => void): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => assertion(await runPlan(plan))),
    { numRuns: runs(200) },
  );
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('gives every event exactly one outcome in each of its workspaces', async () => {
  await check(({ records, result }) => {
    const counts = { delivered: 0, skipped: 0, dead_lettered: 0, retried: 0 };
    for (const { outcome } of result.events) if (outcome !== undefined) counts[outcome.kind] += 1;
    const accepted = records.reduce((sum, record) => sum + countOutcomes(record), 0);

    expect(counts.delivered + counts.skipped + counts.dead_lettered + counts.retried).toBe(accepted);
    expect(result.events).toHaveLength(accepted);
  });
});

it('keeps only messages with an event to retry, and names none that was not given', async () => {
  await check(({ records, result }) => {
    const kept = result.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    const withRetry = retriedOf(result).map(({ message }) => message.sqsMessageId);

    expect(new Set(kept).size).toBe(kept.length);
    for (const id of kept) expect(withRetry).toContain(id);
    for (const id of kept) expect(records.map(({ messageId }) => messageId)).toContain(id);
  });
});

it('has every event to retry on the queue: in a message that stays, or in one put back as it came, with what its batch said', async () => {
  await check(({ result, putBack }) => {
    const kept = new Set(result.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const stored = putBack.flatMap(eventsIn);
    for (const { message, index } of retriedOf(result)) {
      if (kept.has(message.sqsMessageId)) continue;
      const text = readTexts(message, readEvents(message))[index] ?? '';
      const at = stored.indexOf(JSON.stringify(JSON.parse(text)));
      expect(at).toBeGreaterThanOrEqual(0);
      stored.splice(at, 1);
    }
  });
});

const retriedOf = ({ events }: RelayResult): EventInFlight[] =>
  events.filter(({ outcome }) => outcome?.kind === 'retried');

const eventsIn = (body: string): string[] => {
  const message = readMessage(recordOf({ body }));
  return readTexts(message, readEvents(message)).map((text) => JSON.stringify(JSON.parse(text)));
};

it('sets when every kept message comes back, and touches no other', async () => {
  await check(({ result, changed }) => {
    const kept = result.response.batchItemFailures.map(({ itemIdentifier }) => `receipt-${itemIdentifier}`);

    expect([...changed.keys()].sort()).toEqual(kept.sort());
    for (const seconds of changed.values()) expect(seconds).toBeLessThanOrEqual(900);
  });
});

it('counts an event as delivered only when Customer.io took its operation', async () => {
  await check(({ result, taken }) => {
    const delivered = result.events.filter(({ outcome }) => outcome?.kind === 'delivered');

    const takenOperations = new Set(taken.map(withoutLastUse));
    for (const operation of delivered.flatMap(operationsOf)) expect(takenOperations).toContain(operation);
  });
});

const operationsOf = ({ items }: EventInFlight): string[] =>
  items.map(({ json }) => withoutLastUse(JSON.parse(json.toString())));

/** A device that several events register is sent once, with the last of them. */
const withoutLastUse = (operation: unknown): string =>
  JSON.stringify(operation, (key, value: unknown) => (key === 'last_used' ? undefined : value));

it('acknowledges a dead-lettered event only when the dead letter is stored', async () => {
  await check(({ result, deadLetters }) => {
    const dead = result.events.filter(({ outcome }) => outcome?.kind === 'dead_lettered');
    const stored = [...deadLetters];
    for (const { message, index: position } of dead) {
      const index = stored.indexOf(readTexts(message, readEvents(message))[position] ?? '');
      expect(index).toBeGreaterThanOrEqual(0);
      stored.splice(index, 1);
    }
  });
});

it('dead-letters nothing because of 401, 429, 5xx or silence', async () => {
  await check(({ result }) => {
    for (const { outcome } of result.events) {
      if (outcome?.kind !== 'dead_lettered' || outcome.reason !== 'rejected_by_customerio') continue;
      expect(outcome.detail).toMatch(/^HTTP 400|is bad/);
    }
  });
});

/** What is no JSON is of no workspace. */
const countOutcomes = ({ body, messageAttributes }: SQSRecord): number => {
  const each = WORKSPACES[messageAttributes['source']?.stringValue ?? 'shop'] ?? 0;
  const events = countEvents(body);
  return events === undefined ? 1 : events * each;
};

const countEvents = (body: string): number | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const batch = (parsed as { batch?: unknown } | null)?.batch;
  if (Array.isArray(batch)) return batch.length;
  return Array.isArray(parsed) ? parsed.length : 1;
};
