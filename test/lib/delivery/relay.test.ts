import type { Connector } from '../../../lib/delivery/connector';
import { toJsonBytes } from '../../../lib/delivery/json-bytes';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { logger } from '../../../lib/observability';
import { destinationOf, response } from '../../support/destination';
import {
  type Answer,
  DEAD_LETTER_QUEUE_URL,
  deadLetters,
  FAILED_AT,
  resetSqs,
  run,
  track,
  visibility,
} from '../../support/relay';
import { recordOf, SENT_AT } from '../../support/sqs-record';

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
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
          messageId: 'm9',
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

it('prepares an event from what was filled in for it, and from the event as it came', async () => {
  const prepare = jest.fn<ReturnType<Connector['prepare']>, Parameters<Connector['prepare']>>(() => ({
    kind: 'skipped',
    reason: 'integrations_disabled',
  }));
  const event = { type: 'track' };

  await run([recordOf({ body: [event] })], undefined, { ...customerIoConnector(1), prepare });

  expect(prepare.mock.calls).toEqual([
    [
      { ...event, messageId: 'm1-0', timestamp: SENT_AT.toISOString() },
      expect.objectContaining({ name: 'shop' }),
      event,
    ],
  ]);
});

describe('a dead letter that its destination wants otherwise', () => {
  const bad = { type: 'nonsense', number: '12345678901234567890', secret: 'x' };
  const body = JSON.stringify(bad).replace('"12345678901234567890"', '12345678901234567890');

  it('is stored so', async () => {
    const asDeadLetter = () => '{"type":"nonsense"}';

    await run([recordOf({ body })], undefined, { ...customerIoConnector(1), asDeadLetter });

    expect(deadLetters()).toMatchObject([
      { body: '{"type":"nonsense"}', attributes: { reason: 'invalid_event' } },
    ]);
  });

  it('is stored as it came, to the digit, where that is the same', async () => {
    const asDeadLetter = (text: string) => text;

    await run([recordOf({ body })], undefined, { ...customerIoConnector(1), asDeadLetter });

    expect(deadLetters()).toMatchObject([{ body }]);
  });
});

describe('the sources of an invocation', () => {
  it('do not wait for each other', async () => {
    const users: string[] = [];
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const { outcomes } = await run(records, ({ username }) => {
      users.push(username);
      return users.length === 1 ? response(503, {}, { 'retry-after': '5' }) : response(200);
    });

    expect(outcomes).toEqual(['delivered', 'delivered']);
    expect(users).toEqual(['shop-site', 'blog-site', 'shop-site']);
  });

  it('keep their rate from one invocation to the next', async () => {
    const sentAt: number[] = [];
    const connector: Connector = {
      ...customerIoConnector(1),
      destination: () => destinationOf({ name: 'a slow one', requestsPerSecond: 1 }),
    };
    const answer: Answer = () => {
      sentAt.push(performance.now());
      return response(200);
    };

    await run([recordOf({ body: track() })], answer, connector);
    await run([recordOf({ body: track() })], answer, connector);

    const [first = 0, second = 0] = sentAt;
    expect(second - first).toBeGreaterThanOrEqual(1_000);
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
  const connector: Connector = {
    ...customerIoConnector(1),
    destination: (source) =>
      source.name === 'shop' ? { advice: 'give it a key' } : customerIoConnector(1).destination(source),
  };

  it('keeps its events until an operator acts, and says what to do; the others are delivered', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const { kept, outcomes, reports } = await run(records, () => response(200), connector);

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
    const { outcomes, reports } = await run([recordOf({ body: {} })], () => response(200), connector);

    expect(outcomes).toEqual(['dead_lettered']);
    expect(reports.get('shop')).not.toHaveProperty('operatorAdvice');
  });
});

describe('a bug', () => {
  it('in preparing one event retries that event alone', async () => {
    const connector: Connector = {
      ...customerIoConnector(1),
      prepare: (event, source, raw) => {
        if ((event as { messageId: string }).messageId === 'b') throw new TypeError('a bug');
        return customerIoConnector(1).prepare(event, source, raw);
      },
    };
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track({ messageId: 'b' }) }),
    ];

    const log = jest.spyOn(logger, 'error');

    const { kept, outcomes } = await run(records, () => response(200), connector);

    expect(outcomes).toEqual(['delivered', 'retried']);
    expect(kept).toEqual(['m2']);
    expect(visibility()).toEqual([['receipt-m2', 15]]);
    expect(log).toHaveBeenCalledWith(
      expect.any(String),
      expect.objectContaining({ source: 'shop', sqsMessageId: 'm2', errorName: 'TypeError' }),
    );
  });

  it('in delivering to one workspace retries its events and no other', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: track() }),
      recordOf({ messageId: 'm2', body: track(), attributes: { source: 'blog' } }),
    ];

    const log = jest.spyOn(logger, 'error');

    const { kept, outcomes } = await run(records, ({ username }) => {
      if (username === 'shop-site') throw new TypeError('a bug');
      return response(200);
    });

    expect(outcomes).toEqual(['retried', 'delivered']);
    expect(kept).toEqual(['m1']);
    expect(visibility()).toEqual([['receipt-m1', 15]]);
    expect(log).toHaveBeenCalledWith(
      expect.any(String),
      expect.objectContaining({ sources: ['shop'], errorName: 'TypeError' }),
    );
  });
});

describe('an event with several operations', () => {
  const connectorOf = (count: number): Connector => ({
    ...customerIoConnector(1),
    prepare: () => ({
      kind: 'items',
      items: Array.from({ length: count }, (_, index) => ({
        json: toJsonBytes(`{"n":${index}}`),
        keys: [],
        timestampMs: index,
      })),
    }),
  });

  it('is dead-lettered when one of them is refused', async () => {
    const errors = [{ batch_index: 1, message: 'no' }];

    const { outcomes } = await run([recordOf({ body: {} })], () => response(207, { errors }), connectorOf(2));

    expect(outcomes).toEqual(['dead_lettered']);
    expect(deadLetters()[0]?.attributes).toMatchObject({ reason: 'rejected_by_customerio', detail: 'no' });
  });

  it('is told from its neighbour by which of all the operations were refused', async () => {
    const errors = [{ batch_index: 3, message: 'no' }];

    const { outcomes } = await run(
      [recordOf({ body: [{}, {}, {}] })],
      () => response(207, { errors }),
      connectorOf(2),
    );

    expect(outcomes).toEqual(['delivered', 'dead_lettered', 'delivered']);
  });

  it('is retried when one of them is to be, although another is refused', async () => {
    const connector: Connector = {
      ...connectorOf(2),
      destination: () => destinationOf({ maxBatchBytes: 25 }),
    };

    const { outcomes } = await run(
      [recordOf({ body: {} })],
      ({ body }) => response(body.includes('"n":0') ? 400 : 503),
      connector,
    );

    expect(outcomes).toEqual(['retried']);
    expect(deadLetters()).toEqual([]);
  });

  it('is delivered when it has none', async () => {
    const { outcomes } = await run([recordOf({ body: {} })], () => response(200), connectorOf(0));

    expect(outcomes).toEqual(['delivered']);
  });
});
