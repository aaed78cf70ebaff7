import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { parseSources } from '../../../lib/config';
import { customerIoRoute } from '../../../lib/customerio/route';
import type { HttpAnswer, HttpRequest } from '../../../lib/delivery/destination';
import { type Route, relay } from '../../../lib/delivery/relay';
import { response } from '../../support/destination';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1/0/events';
const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';
const FAILED_AT = new Date('2026-03-01T11:00:00.000Z');
const SOURCES = parseSources(
  JSON.stringify([
    { name: 'shop', writeKey: 'w1', siteId: 'shop-site', apiKey: 'k', requestsPerSecond: 1_000 },
    { name: 'blog', writeKey: 'w2', siteId: 'blog-site', apiKey: 'k', requestsPerSecond: 1_000 },
  ]),
);

type Answer = (request: HttpRequest) => HttpAnswer;

const run = async (
  records: readonly SQSRecord[],
  answer: Answer = () => response(200),
  route: Route = customerIoRoute(1),
  remainingMs: () => number = () => 60_000,
) => {
  const running = relay(records, SOURCES, route, {
    sqs: new SQSClient({}),
    queueUrl: QUEUE_URL,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    remainingMs,
    send: async (request) => answer(request),
    random: () => 1,
    now: () => FAILED_AT,
  });
  await jest.runAllTimersAsync();
  const { response: lambdaResponse, events, reports } = await running;
  const kept = lambdaResponse.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { kept, events, reports, outcomes: events.map(({ outcome }) => outcome?.kind) };
};

const deadLetters = () =>
  sqsMock.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => {
    const { QueueUrl, Entries = [] } = args[0].input;
    return Entries.map(({ MessageBody, MessageAttributes = {} }) => ({
      queue: QueueUrl,
      body: MessageBody,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue]),
      ),
    }));
  });

const visibility = () =>
  sqsMock
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args }) =>
      (args[0].input.Entries ?? []).map(({ ReceiptHandle, VisibilityTimeout }) => [
        ReceiptHandle,
        VisibilityTimeout,
      ]),
    );

const takeAll = (input: { Entries?: { Id?: string }[] }) => ({
  Successful: (input.Entries ?? []).map(({ Id }) => ({ Id })),
});

beforeEach(() => {
  jest.useFakeTimers();
  sqsMock.reset();
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  sqsMock.on(SendMessageBatchCommand).callsFake(takeAll);
});
afterEach(() => {
  jest.useRealTimers();
});

const track = (fields: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Ordered',
  messageId: 'a',
  ...fields,
});

describe('a message', () => {
  it('whose events are delivered is acknowledged', async () => {
    const { kept, outcomes } = await run([recordOf({ body: [track(), track({ messageId: 'b' })] })]);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['delivered', 'delivered']);
    expect(deadLetters()).toEqual([]);
    expect(visibility()).toEqual([]);
  });

  it('without events is acknowledged', async () => {
    const { kept, outcomes } = await run([recordOf({ body: [] })]);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual([]);
  });

  it('with a skipped event is acknowledged', async () => {
    const { kept, outcomes } = await run([recordOf({ body: track({ integrations: { All: false } }) })]);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['skipped']);
  });

  it('that is no JSON is dead-lettered as it came', async () => {
    const { kept } = await run([
      recordOf({ messageId: 'm9', body: 'hello {', attributes: { source: 'blog' } }),
    ]);

    expect(kept).toEqual([]);
    expect(deadLetters()).toEqual([
      {
        queue: DEAD_LETTER_QUEUE_URL,
        body: 'hello {',
        attributes: {
          reason: 'invalid_json',
          detail: 'the message body is not JSON',
          source: 'blog',
          messageId: 'm9-0',
          failedAt: FAILED_AT.toISOString(),
        },
      },
    ]);
  });

  it('of a source that is not configured is dead-lettered, one event a message', async () => {
    const body = [track(), track({ messageId: 'b' })];

    const { kept } = await run([recordOf({ body, attributes: { source: 'nobody' } })]);

    expect(kept).toEqual([]);
    expect(deadLetters().map(({ body: text }) => JSON.parse(text ?? ''))).toEqual(body);
    expect(deadLetters().map(({ attributes }) => [attributes['reason'], attributes['source']])).toEqual([
      ['unknown_source', 'nobody'],
      ['unknown_source', 'nobody'],
    ]);
  });

  it('costs its neighbours nothing when one of its events is bad', async () => {
    const { kept, outcomes } = await run([
      recordOf({ body: [track(), { type: 'track', userId: 'u1' }, track()] }),
    ]);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['delivered', 'dead_lettered', 'delivered']);
    expect(deadLetters().map(({ attributes }) => attributes['reason'])).toEqual(['missing_event_name']);
  });

  it('goes to the source it names, else to the first', async () => {
    const users: string[] = [];
    const answer: Answer = ({ username }) => {
      users.push(username);
      return response(200);
    };

    await run([recordOf({ body: track() })], answer);
    await run([recordOf({ body: track(), attributes: { source: 'blog' } })], answer);

    expect(users).toEqual(['shop-site', 'blog-site']);
  });
});

describe('a dead letter', () => {
  it('is the event as it came, with what a redrive needs to make the same operation of it', async () => {
    const event = { type: 'track', userId: 'u1' };

    await run([recordOf({ messageId: 'm3', body: event })]);

    expect(deadLetters()).toEqual([
      {
        queue: DEAD_LETTER_QUEUE_URL,
        body: JSON.stringify(event),
        attributes: {
          reason: 'missing_event_name',
          detail: expect.any(String),
          source: 'shop',
          messageId: 'm3-0',
          timestamp: SENT_AT.toISOString(),
          failedAt: FAILED_AT.toISOString(),
        },
      },
    ]);
  });

  it('alone in its message keeps its text to the last digit', async () => {
    const body = '{ "type": "track", "userId": 12345678901234567890, "event": "Signed Up" }';

    await run([recordOf({ body })]);

    expect(deadLetters()[0]).toMatchObject({ body, attributes: { reason: 'missing_identifier' } });
  });

  it('carries what Customer.io said of the operation', async () => {
    const errors = [{ batch_index: 0, reason: 'invalid', field: 'name', message: 'is too long' }];

    await run([recordOf({ body: track({ timestamp: '2026-01-01' }) })], () => response(207, { errors }));

    expect(deadLetters()[0]?.attributes).toMatchObject({
      reason: 'rejected_by_customerio',
      detail: 'name: is too long (invalid)',
      messageId: 'a',
    });
    expect(deadLetters()[0]?.attributes).not.toHaveProperty('timestamp');
  });

  it('of an operation over the limit says how large it is', async () => {
    const event = track({ timestamp: '2026-01-01', properties: { text: 'é'.repeat(17_000) } });

    const { kept } = await run([recordOf({ body: event })]);

    expect(kept).toEqual([]);
    expect(deadLetters()[0]?.attributes).toMatchObject({
      reason: 'operation_too_large',
      detail: expect.stringMatching(/^the operation has 34\d{3} bytes; Customer\.io takes 32768$/),
    });
  });

  it('that SQS does not take keeps its message on the queue', async () => {
    sqsMock.on(SendMessageBatchCommand).rejects(new Error('unreachable'));

    const { kept, outcomes } = await run([recordOf({ body: [{ type: 'track', userId: 'u1' }, track()] })]);

    expect(kept).toEqual(['m1']);
    expect(outcomes).toEqual(['retried', 'delivered']);
    expect(visibility()).toEqual([['receipt-m1', 15]]);
  });

  it('takes a time that grows with their number, however many stand in one message', async () => {
    const ofMessage = (count: number) => recordOf({ body: Array.from({ length: count }, () => 1) });
    const msFor = async (count: number): Promise<number> => {
      const startMs = performance.now();
      await run([ofMessage(count)]);
      return performance.now() - startMs;
    };
    jest.useFakeTimers({ doNotFake: ['performance'] });
    await msFor(500);

    const [few, many] = [await msFor(500), await msFor(10_000)];

    // Twenty times as many; were it the square, four hundred times as long.
    expect(many).toBeLessThan(100 * Math.max(few, 5));
    expect(deadLetters()).toHaveLength(11_000);
  });

  it('that there is no time left to store is tried again at once, and what was stored is acknowledged', async () => {
    const bad = { type: 'track', event: 'Nobody', properties: { padding: 'x'.repeat(200_000) } };
    const records = ['m1', 'm2', 'm3'].map((messageId) => recordOf({ messageId, body: bad }));
    const remaining = [60_000, 60_000, 2_999, 2_999];

    const { kept } = await run(records, undefined, undefined, () => remaining.shift() ?? 0);

    expect(deadLetters()).toHaveLength(1);
    expect(kept).toEqual(['m2', 'm3']);
    expect(visibility()).toEqual([
      ['receipt-m2', 0],
      ['receipt-m3', 0],
    ]);
  });

  it('waits while another event of its message is to be retried', async () => {
    const { kept, outcomes } = await run(
      [recordOf({ body: [{ type: 'track', userId: 'u1' }, track()] })],
      () => response(503),
    );

    expect(kept).toEqual(['m1']);
    expect(outcomes).toEqual(['retried', 'retried']);
    expect(deadLetters()).toEqual([]);
  });
});

describe('a message to retry', () => {
  it('comes back later the more often it was received', async () => {
    const records = [1, 3, 50].map((receiveCount) =>
      recordOf({ messageId: `m${receiveCount}`, body: track(), receiveCount }),
    );

    const { kept } = await run(records, () => response(503));

    expect(kept).toEqual(['m1', 'm3', 'm50']);
    expect(visibility()).toEqual([
      ['receipt-m1', 15],
      ['receipt-m3', 60],
      ['receipt-m50', 900],
    ]);
  });

  it('waits long when an operator must act', async () => {
    const { reports } = await run([recordOf({ body: track() })], () => response(401));

    expect(visibility()).toEqual([['receipt-m1', 900]]);
    expect(reports.get('shop')?.operatorAdvice).toMatch(/siteId and apiKey/);
  });

  it('stays on the queue although its visibility could not be changed', async () => {
    sqsMock.on(ChangeMessageVisibilityBatchCommand).rejects(new Error('unreachable'));

    const { kept } = await run([recordOf({ body: track() })], () => response(503));

    expect(kept).toEqual(['m1']);
  });

  it('of one workspace leaves the other workspaces alone', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const { kept, outcomes } = await run(records, ({ username }) =>
      response(username === 'shop-site' ? 503 : 200),
    );

    expect(kept).toEqual(['m1']);
    expect(outcomes).toEqual(['retried', 'delivered']);
  });
});

describe('an event nested too deeply to be written again', () => {
  const deepest = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const deep = JSON.stringify(track({ timestamp: '2026-01-01', properties: { deep: 0 } })).replace(
    '"deep":0',
    `"deep":${deepest}`,
  );

  it('is dead-lettered as it came, and costs its neighbours nothing', async () => {
    const { kept, outcomes } = await run([recordOf({ body: `[${deep},${JSON.stringify(track())}]` })]);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['dead_lettered', 'delivered']);
    expect(deadLetters().map(({ body, attributes }) => [body === deep, attributes['reason']])).toEqual([
      [true, 'invalid_event'],
    ]);
  });
});

describe('a source that is not set up', () => {
  const route: Route = {
    ...customerIoRoute(1),
    destination: (source) =>
      source.name === 'shop' ? { advice: 'give it a key' } : customerIoRoute(1).destination(source),
  };

  it('keeps its events until an operator acts, and says what to do; the others are delivered', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const { kept, outcomes, reports } = await run(records, () => response(200), route);

    expect(kept).toEqual(['m1']);
    expect(outcomes).toEqual(['retried', 'delivered']);
    expect(visibility()).toEqual([['receipt-m1', 900]]);
    expect(reports.get('shop')).toEqual({
      requests: 0,
      throttled: 0,
      failed: 0,
      fillPercents: [],
      operatorAdvice: 'give it a key',
    });
  });

  it('needs no operator for what would not be delivered anyway', async () => {
    const { outcomes, reports } = await run([recordOf({ body: {} })], () => response(200), route);

    expect(outcomes).toEqual(['dead_lettered']);
    expect(reports.get('shop')).not.toHaveProperty('operatorAdvice');
  });
});

describe('a bug', () => {
  it('in preparing one event retries that event alone', async () => {
    const route: Route = {
      ...customerIoRoute(1),
      prepare: (event, source, raw) => {
        if ((event as { messageId: string }).messageId === 'b') throw new TypeError('a bug');
        return customerIoRoute(1).prepare(event, source, raw);
      },
    };
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track({ messageId: 'b' }) }),
    ];

    const { kept, outcomes } = await run(records, () => response(200), route);

    expect(outcomes).toEqual(['delivered', 'retried']);
    expect(kept).toEqual(['m2']);
  });

  it('in delivering to one workspace retries its events and no other', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const { kept, outcomes } = await run(records, ({ username }) => {
      if (username === 'shop-site') throw new TypeError('a bug');
      return response(200);
    });

    expect(outcomes).toEqual(['retried', 'delivered']);
    expect(kept).toEqual(['m1']);
  });
});

describe('an event with several operations', () => {
  const routeOf = (count: number): Route => ({
    ...customerIoRoute(1),
    prepare: () => ({
      kind: 'items',
      items: Array.from({ length: count }, (_, index) => ({
        json: Buffer.from(`{"n":${index}}`),
        keys: [],
        timestampMs: index,
      })),
    }),
  });

  it('is dead-lettered when one of them is refused', async () => {
    const errors = [{ batch_index: 1, message: 'no' }];

    const { outcomes } = await run([recordOf({ body: {} })], () => response(207, { errors }), routeOf(2));

    expect(outcomes).toEqual(['dead_lettered']);
  });

  it('is delivered when it has none', async () => {
    const { outcomes } = await run([recordOf({ body: {} })], () => response(200), routeOf(0));

    expect(outcomes).toEqual(['delivered']);
  });
});
