import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { Connector } from '../../../lib/delivery/connector';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { startCpuClock } from '../../support/cpu';
import { response } from '../../support/destination';
import {
  DEAD_LETTER_QUEUE_URL,
  deadLetters,
  FAILED_AT,
  putBack,
  resetSqs,
  run,
  sqsMock,
  takeAll,
  track,
  visibility,
} from '../../support/relay';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const crashing: Connector = {
  ...customerIoConnector(1),
  prepare: (event, source, raw) => {
    if ((event as { messageId: string }).messageId === 'crash') throw new TypeError('a bug');
    return customerIoConnector(1).prepare(event, source, raw);
  },
};
const crash = track({ messageId: 'crash' });

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
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

    expect(deadLetters()[0]).toMatchObject({ body, attributes: { reason: 'invalid_event' } });
  });

  it('of one event of many keeps its text to the last digit', async () => {
    const broken = '{"type":"track" , "userId":12345678901234567890,"properties":{"n":1e20}}';

    await run([recordOf({ body: `{"batch":[${JSON.stringify(track())}, ${broken} ]}` })]);

    expect(deadLetters().map(({ body }) => body)).toEqual([broken]);
  });

  it('of an event that would outgrow a message when it is written anew is the event as it came', async () => {
    const broken = `{"type":"track","properties":{"n":[${'1e20,'.repeat(100_000)}0]}}`;

    const { kept } = await run([recordOf({ body: [0] }), recordOf({ messageId: 'm2', body: `[${broken}]` })]);

    expect(kept).toEqual([]);
    expect(deadLetters().map(({ body }) => body === broken)).toEqual([false, true]);
  });

  it('that does not fit beside its attributes is cut, and not tried for ever', async () => {
    const body = `{"type":"track","filler":"${'x'.repeat(1_048_500)}"}`;

    const { kept } = await run([recordOf({ body })]);

    expect(kept).toEqual([]);
    expect(deadLetters()[0]?.attributes['detail']).toMatch(/; cut from 1048528 bytes$/);
    expect(body.startsWith(deadLetters()[0]?.body ?? '-')).toBe(true);
  });

  it('of a message with a great many events is the whole message, for a few calls and little memory', async () => {
    const body = `[${'0,'.repeat(500_000)}0]`;
    const before = process.memoryUsage().heapUsed;

    const { kept, outcomes } = await run([recordOf({ messageId: 'm3', body })]);

    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
    expect([kept, outcomes]).toEqual([[], ['dead_lettered']]);
    expect(sqsMock.calls()).toHaveLength(1);
    expect(deadLetters().map((letter) => letter.body === body)).toEqual([true]);
    expect(deadLetters()[0]?.attributes).toMatchObject({
      reason: 'too_many_events',
      detail: 'the message has 500001 events; at most 10000 are taken from one',
      messageId: 'm3',
    });
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

  it('of one event among several is that event, whoever turned it away', async () => {
    const body = [track(), { type: 'track', userId: 'u1' }, track({ messageId: 'c' })];
    const errors = [{ batch_index: 1, message: 'no' }];

    await run([recordOf({ body })], () => response(207, { errors }));

    const stored = deadLetters().map((letter) => [
      JSON.parse(letter.body ?? ''),
      letter.attributes['messageId'],
    ]);
    expect(stored).toEqual([
      [body[1], 'm1-1'],
      [body[2], 'c'],
    ]);
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
      const spentMs = startCpuClock();
      await run([ofMessage(count)]);
      return spentMs();
    };
    await msFor(500);

    const [few, many] = [await msFor(500), await msFor(10_000)];

    // Twenty times as many; were it the square, four hundred times as long.
    expect(many).toBeLessThan(150 * Math.max(few, 5));
    expect(deadLetters()).toHaveLength(11_000);
  });

  it('that there is no time left to store is tried again at once, and what was stored is acknowledged', async () => {
    const bad = { type: 'track', event: 'Nobody', properties: { padding: 'x'.repeat(200_000) } };
    const records = ['m1', 'm2', 'm3'].map((messageId) => recordOf({ messageId, body: bad }));
    sqsMock.on(SendMessageBatchCommand).callsFake(async (input) => {
      await new Promise((resolve) => setTimeout(resolve, 58_000));
      return takeAll(input);
    });

    const { kept } = await run(records);

    expect(deadLetters()).toHaveLength(1);
    expect(kept).toEqual(['m2', 'm3']);
    expect(visibility()).toEqual([
      ['receipt-m2', 0],
      ['receipt-m3', 0],
    ]);
  });

  it('is stored as long as the time left is enough for it', async () => {
    const { kept } = await run([recordOf({ body: 'no JSON' })], undefined, undefined, () => 3_000);

    expect(kept).toEqual([]);
    expect(deadLetters()).toHaveLength(1);
  });

  it.each([
    ['which fills one call', 131_072, [2, 2]],
    ['and no more', 131_073, [1, 1, 1, 1]],
    ['which is many small ones', 50_000, [4]],
  ])('is made with others up to a quarter of a megabyte of text, %s', async (_, length, callsOf) => {
    const records = Array.from({ length: 4 }, (__, index) =>
      recordOf({ messageId: `m${index}`, body: 'x'.repeat(length) }),
    );

    const { kept } = await run(records);

    expect(kept).toEqual([]);
    expect(
      sqsMock.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries?.length),
    ).toEqual(callsOf);
  });

  it('does not wait for the other events of its message', async () => {
    const { kept, outcomes } = await run(
      [recordOf({ body: [{ type: 'track', userId: 'u1' }, track()] })],
      () => response(503),
    );

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['dead_lettered', 'retried']);
    expect(deadLetters()).toHaveLength(1);
    expect(putBack().map(({ body }) => JSON.parse(body ?? ''))).toEqual([track()]);
  });
});

describe('a message whose events are to be retried for several reasons', () => {
  it.each([
    ['last', [crash, track()]],
    ['first', [track(), crash]],
  ])('is backed off although its %s was not tried for want of time', async (_, body) => {
    const { kept } = await run([recordOf({ body, receiveCount: 2 })], undefined, crashing, () => 10_000);

    expect(kept).toEqual(['m1']);
    expect(visibility()).toEqual([['receipt-m1', 30]]);
  });

  it.each([
    ['first', [crash, track()]],
    ['last', [track(), crash]],
  ])('waits for the operator although its %s is backed off', async (_, body) => {
    const { kept } = await run([recordOf({ body, receiveCount: 2 })], () => response(401), crashing);

    expect(kept).toEqual(['m1']);
    expect(visibility()).toEqual([['receipt-m1', 900]]);
  });
});

describe('a message to retry', () => {
  it.each([
    ['first', [track({ event: 'Poison' }), crash]],
    ['last', [crash, track({ event: 'Poison' })]],
  ])('is backed off although its culprit stands %s, where SQS takes no culprit apart', async (_, body) => {
    const sentAt = new Date(FAILED_AT.getTime() - 3_600_000);
    sqsMock.on(SendMessageBatchCommand).rejects(new Error('unreachable'));
    const records = [
      recordOf({ body, receiveCount: 2, sentAt }),
      recordOf({ messageId: 'm2', body: track() }),
    ];

    const { kept } = await run(
      records,
      (request) => response(request.body.includes('Poison') ? 500 : 200),
      crashing,
    );

    expect(kept).toEqual(['m1']);
    expect(visibility()).toEqual([['receipt-m1', 30]]);
  });

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
