// Only what is unfinished of a message goes back: what then stands on the queue, what becomes of it on its next way,
// and what happens where SQS does not take it.

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { HttpAnswer, HttpRequest } from '../../../lib/delivery/connector';
import { LAST_RECEIVE, UNDELIVERABLE_AFTER_SECONDS } from '../../../lib/delivery/retry-policy';
import { namesIn, response } from '../../support/destination';
import {
  type Answer,
  DEAD_LETTER_QUEUE_URL,
  deadLetters,
  FAILED_AT,
  putBack,
  QUEUE_URL,
  resetSqs,
  run,
  sqsMock,
  takeAll,
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

const event = (name: string, fields: object = {}) =>
  track({ event: name, messageId: name, timestamp: '2026-03-01T09:00:00Z', ...fields });

/** Whatever holds an event named `bad…` gets a 500. */
const failsBad = (request: HttpRequest): HttpAnswer =>
  response(namesIn(request).some((name) => name.startsWith('bad')) ? 500 : 200);

/** What a message says of its past that was put back when events of it had failed alone. */
const failedAlone = (positions: string, sentAt = SENT_AT) => ({
  receives: '1',
  firstSentAt: String(sentAt.getTime()),
  putBackAt: String(sentAt.getTime()),
  failedAlone: positions,
});

const operationsIn = (request: HttpRequest): { name: string; id: string; timestamp: number }[] =>
  JSON.parse(request.body.toString()).batch;

/** The record that SQS makes of a message that was put back, on its first receive or a later one. */
const recordOfPutBack = (receiveCount = 1, sentAt = FAILED_AT): SQSRecord => {
  const [message] = putBack();
  if (message === undefined) throw new Error('Nothing was put back.');
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).map(([name, value]) => [name, value ?? '']),
  );
  return recordOf({ messageId: 'put-back', body: message.body, attributes, receiveCount, sentAt });
};

describe('a message of which a part is finished', () => {
  it('is acknowledged, and its unfinished events go back as they came', async () => {
    const bad = event('bad', { properties: { number: 1 } });

    const { kept, outcomes } = await run(
      [recordOf({ body: [event('a'), bad, event('b')], attributes: { source: 'blog' } })],
      failsBad,
    );

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['delivered', 'retried', 'delivered']);
    expect(visibility()).toEqual([]);
    expect(putBack().map(({ body }) => body)).toEqual([JSON.stringify({ batch: [bad] })]);
    expect(putBack()[0]?.attributes).toEqual({
      source: 'blog',
      receives: '1',
      firstSentAt: String(SENT_AT.getTime()),
      putBackAt: String(FAILED_AT.getTime()),
      failedAlone: '0',
    });
  });

  it('sends back together what failed for the first time and what waited for it', async () => {
    // Three failures may be chance. The merge must not arrive before the identify, which would undo it.
    const timestamp = '2026-03-01T09:00:00Z';
    const identify = { type: 'identify', userId: 'trial', messageId: 'i', timestamp, traits: { bad: true } };
    const alias = { type: 'alias', previousId: 'trial', userId: 'member', messageId: 'm', timestamp };

    const { outcomes } = await run(
      [recordOf({ body: [event('a', { userId: 'u2' }), identify, alias] })],
      (request) => response(request.body.includes('"bad"') ? 500 : 200),
    );

    expect(outcomes).toEqual(['delivered', 'retried', 'retried']);
    expect(putBack().map(({ body }) => JSON.parse(body ?? ''))).toEqual([{ batch: [identify, alias] }]);
  });

  it('sends back together what waits for different times, each as long as the longest', async () => {
    const { outcomes } = await run(
      [recordOf({ body: ['a', 'bad', 'late'].map((name) => event(name)) })],
      (request) => {
        if (namesIn(request).includes('bad')) return response(500);
        return namesIn(request).includes('late')
          ? response(429, {}, { 'retry-after': '100' })
          : response(200);
      },
    );

    expect(outcomes).toEqual(['delivered', 'retried', 'retried']);
    expect(putBack().map(({ body, delaySeconds }) => [JSON.parse(body ?? ''), delaySeconds])).toEqual([
      [{ batch: [event('bad'), event('late')] }, 115],
    ]);
  });

  it('sends each culprit back alone, and what has met no culprit together', async () => {
    const body = [
      event('a'),
      event('bad 1'),
      event('bad 2'),
      {},
      event('b'),
      event('bad for the first time'),
    ];
    sqsMock
      .on(SendMessageBatchCommand, { QueueUrl: DEAD_LETTER_QUEUE_URL })
      .rejects(new Error('unreachable'));

    await run([recordOf({ body: [...body, {}], attributes: failedAlone('1,2,4') })], failsBad);

    expect(putBack().map(({ body: text }) => JSON.parse(text ?? ''))).toEqual([
      { batch: [event('bad 1')] },
      { batch: [event('bad 2')] },
      { batch: [{}, event('bad for the first time'), {}] },
    ]);
    expect(putBack().map(({ attributes }) => [attributes['culprit'], attributes['failedAlone']])).toEqual([
      ['yes', undefined],
      ['yes', undefined],
      [undefined, '1'],
    ]);
  });

  it('sends what failed alone for the first time back with what waits for it, however often it was received', async () => {
    // A pace that was too fast says nothing of the event: its registration must not arrive after its deletion.
    const device = (type: string) =>
      event(`Device ${type}`, {
        userId: 'u9',
        properties: { device: { token: 't', type: 'ios' } },
      });
    const [added, deleted] = [device('Created or Updated'), device('Deleted')];
    const failsDevice = (request: HttpRequest): HttpAnswer =>
      response(request.body.includes('add_device') ? 500 : 200);

    await run([recordOf({ body: [event('a'), added, deleted], receiveCount: 7 })], failsDevice);

    expect(putBack().map(({ body }) => JSON.parse(body ?? ''))).toEqual([{ batch: [added, deleted] }]);
    expect(putBack()[0]?.attributes).toMatchObject({ receives: '7', failedAlone: '0' });
  });

  it('keeps the mark of what failed alone while something else is wrong', async () => {
    const record = recordOf({ body: [event('a'), event('bad')], attributes: failedAlone('1') });

    const { kept } = await run([record], () => response(503));

    // SQS keeps the attributes of a message that stays.
    expect(kept).toEqual(['m1']);
    expect(putBack()).toEqual([]);
  });

  it('waits no longer than SQS lets a new message wait', async () => {
    const sentAt = new Date(FAILED_AT.getTime() - 86_400_000);

    await run([recordOf({ body: [event('a'), event('bad')], receiveCount: 9, sentAt })], failsBad);

    expect(putBack().map(({ delaySeconds }) => delaySeconds)).toEqual([900]);
  });

  it('comes back whole where SQS does not take what is unfinished of it', async () => {
    sqsMock.on(SendMessageBatchCommand).rejects(new Error('unreachable'));

    const { kept } = await run([recordOf({ body: [event('a'), event('bad')] })], failsBad);

    expect(kept).toEqual(['m1']);
    expect(visibility()).toHaveLength(1);
  });

  it('comes back whole where SQS takes only some of it', async () => {
    sqsMock.on(SendMessageBatchCommand, { QueueUrl: QUEUE_URL }).callsFake(({ Entries }) => ({
      Successful: takeAll({ Entries: Entries.slice(1) }).Successful,
      Failed: [{ Id: '0', SenderFault: true, Code: 'InvalidMessageContents' }],
    }));

    const { kept } = await run([recordOf({ body: [event('a'), event('bad 1'), event('bad 2')] })], failsBad);

    expect(kept).toEqual(['m1']);
  });

  it('is stored again before it is acknowledged', async () => {
    const order: string[] = [];
    sqsMock.on(SendMessageBatchCommand).callsFake(async (input) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      order.push('stored');
      return takeAll(input);
    });

    await run([recordOf({ body: [event('a'), event('bad')] })], failsBad).then(() => order.push('answered'));

    expect(order).toEqual(['stored', 'answered']);
  });
});

describe('a message that is unfinished as a whole', () => {
  it('stays where it is, and keeps its own count', async () => {
    const { kept } = await run([recordOf({ body: [event('a'), event('b')] })], () => response(503));

    expect(kept).toEqual(['m1']);
    expect(putBack()).toEqual([]);
  });

  it('is marked when all of it is one culprit, and then stays', async () => {
    const good = recordOf({ messageId: 'm2', body: event('a') });
    const bad = recordOf({ messageId: 'm1', body: [event('bad')] });
    const { kept } = await run([bad, good], failsBad);
    expect(kept).toEqual([]);
    expect(putBack()).toMatchObject([{ delaySeconds: 15, attributes: { failedAlone: '0', receives: '1' } }]);

    const again = recordOfPutBack();
    resetSqs();
    const second = await run([again, good], failsBad);
    expect(second.kept).toEqual([]);
    expect(putBack()).toMatchObject([{ delaySeconds: 900, attributes: { culprit: 'yes', receives: '2' } }]);

    const known = recordOfPutBack();
    resetSqs();
    const third = await run([known, good], failsBad);

    expect(third.kept).toEqual(['put-back']);
    expect(putBack()).toEqual([]);
    // An hour old: it waits up to a quarter of that.
    expect(visibility()).toEqual([['receipt-put-back', 900]]);
  });

  it('is parted when several of its events are culprits: each stands alone from then on', async () => {
    const records = [
      recordOf({ messageId: 'm1', body: [event('bad 1'), event('bad 2')], attributes: failedAlone('0,1') }),
      recordOf({ messageId: 'm2', body: event('a', { userId: 'u2' }) }),
    ];

    const { kept } = await run(records, failsBad);

    expect(kept).toEqual([]);
    expect(putBack().map(({ body }) => JSON.parse(body ?? ''))).toEqual([
      { batch: [event('bad 1')] },
      { batch: [event('bad 2')] },
    ]);
  });
});

describe('an event that was put back', () => {
  const byHand = { type: 'track', userId: 'u1', event: 'bad by hand' };

  it('without an id and a time of its own becomes the same operation as before', async () => {
    const seen: object[] = [];
    const answer: Answer = (request) => {
      for (const operation of operationsIn(request))
        if (operation.name.startsWith('bad')) seen.push(operation);
      return failsBad(request);
    };
    await run([recordOf({ messageId: 'm7', body: [event('a'), byHand] })], answer);
    expect(putBack()[0]?.attributes).toMatchObject({
      messageId: 'm7-1',
      timestamp: SENT_AT.toISOString(),
    });

    const again = recordOfPutBack();
    resetSqs();
    await run([again], answer);

    expect(new Set(seen.map((operation) => JSON.stringify(operation))).size).toBe(1);
  });

  it('keeps its count and its age when it is put back once more', async () => {
    await run([recordOf({ body: [event('a'), event('bad 1'), event('bad 2')], receiveCount: 3 })], failsBad);
    const body = JSON.stringify([event('b'), event('bad')]);
    const again = { ...recordOfPutBack(4), body };
    resetSqs();

    await run([again], failsBad);

    expect(putBack()[0]?.attributes).toMatchObject({
      receives: '7',
      firstSentAt: String(SENT_AT.getTime()),
    });
  });

  it('waits as long as its whole history says', async () => {
    await run([recordOf({ body: [event('a'), event('bad')], receiveCount: 5 })], failsBad);
    const again = recordOfPutBack();
    resetSqs();

    await run([again], () => response(429));

    // Six receives in all: up to 480 seconds.
    expect(visibility()).toEqual([['receipt-put-back', 480]]);
  });

  it.each([
    ['no number', { receives: 'many', firstSentAt: '1', putBackAt: String(SENT_AT.getTime()) }],
    ['negative', { receives: '-5', firstSentAt: '1', putBackAt: String(SENT_AT.getTime()) }],
    [
      'beyond all measure',
      { receives: '9'.repeat(15), firstSentAt: '1', putBackAt: String(SENT_AT.getTime()) },
    ],
    ['incomplete', { receives: '400' }],
    ['of a message that was moved since', { receives: '495', firstSentAt: '1', putBackAt: '2' }],
    ['of the future', { receives: '5', firstSentAt: '9'.repeat(15), putBackAt: String(SENT_AT.getTime()) }],
  ])('has no history that is %s', async (_, attributes) => {
    await run([recordOf({ body: event('a'), attributes })], () => response(503));

    expect(visibility()).toEqual([['receipt-m1', 15]]);
    expect(deadLetters()).toEqual([]);
  });
});

describe('an event that fails by itself while others are taken', () => {
  const ago = (seconds: number): Date => new Date(FAILED_AT.getTime() - seconds * 1_000);
  const bad = (seconds: number, receiveCount = 50) =>
    recordOf({
      messageId: 'old',
      body: event('bad'),
      receiveCount,
      sentAt: ago(seconds),
      attributes: failedAlone('0', ago(seconds)),
    });
  const good = recordOf({ messageId: 'new', body: event('a') });

  it('ends as undeliverable after its time, with the last answer', async () => {
    const { kept, outcomes } = await run([bad(UNDELIVERABLE_AFTER_SECONDS), good], failsBad);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['dead_lettered', 'delivered']);
    expect(deadLetters()[0]).toMatchObject({
      body: JSON.stringify(event('bad')),
      attributes: { reason: 'undeliverable', detail: 'HTTP 500: {}', messageId: 'bad', source: 'shop' },
    });
    expect(deadLetters()[0]?.attributes).not.toHaveProperty('receives');
  });

  it('is retried before', async () => {
    const { kept, outcomes } = await run([bad(UNDELIVERABLE_AFTER_SECONDS - 1), good], failsBad);

    expect(kept).toEqual([]);
    expect(outcomes).toEqual(['retried', 'delivered']);
    expect(putBack()).toHaveLength(1);
  });

  it('known as such waits for long, asks for no operator, and is not given up, while nothing tells', async () => {
    const history = { receives: '50', firstSentAt: '1000000000000', putBackAt: String(SENT_AT.getTime()) };
    const known = recordOf({ body: event('bad'), attributes: { ...history, culprit: 'yes' } });

    const { kept, reports } = await run([known], () => response(403));

    expect(kept).toEqual(['m1']);
    expect(visibility()).toEqual([['receipt-m1', 7_200]]);
    expect(reports.get('shop')).toMatchObject({ requests: 1 });
    expect(reports.get('shop')).not.toHaveProperty('operatorAdvice');
    expect(deadLetters()).toEqual([]);
  });

  it('known as such stops neither what is fresh nor what was received before', async () => {
    const history = {
      receives: '5',
      firstSentAt: String(SENT_AT.getTime()),
      putBackAt: String(SENT_AT.getTime()),
    };
    const known = Array.from({ length: 20 }, (_, index) =>
      recordOf({
        messageId: `bad ${index}`,
        body: event(`bad ${index}`, { userId: `u${index}` }),
        attributes: { ...history, culprit: 'yes' },
      }),
    );
    const before = recordOf({ messageId: 'before', body: event('b'), receiveCount: 9 });

    const { outcomes, reports } = await run([...known, before], failsBad);

    expect(outcomes.at(-1)).toBe('delivered');
    expect(reports.get('shop')).toMatchObject({ requests: 21 });
  });

  it('is retried however old it is while nothing is taken', async () => {
    const { kept } = await run([bad(3 * UNDELIVERABLE_AFTER_SECONDS)], () => response(500));

    expect(kept).toEqual(['old']);
    expect(visibility()).toEqual([['receipt-old', 900]]);
  });
});

describe('what was received too often', () => {
  const record = recordOf({ body: event('a'), receiveCount: LAST_RECEIVE });

  it.each([
    ['an outage', response(503, 'away'), 'HTTP 503: "away"'],
    ['a key that is not good', response(401), 'HTTP 401: {}'],
  ])(
    'ends as undeliverable with %s as its reason, before SQS would move it without one',
    async (_, answer, detail) => {
      const { kept } = await run([record], () => answer);

      expect(kept).toEqual([]);
      expect(deadLetters()[0]?.attributes).toMatchObject({ reason: 'undeliverable', detail });
    },
  );

  it('says of an event that was not tried after which failure', async () => {
    const records = [record, recordOf({ messageId: 'm2', body: event('b'), attributes: {} })];

    await run(records, () => response(401));

    expect(deadLetters()[0]?.attributes['detail']).toBe('not tried after HTTP 401: {}');
  });

  it('although it was never tried becomes a new message, which SQS counts anew', async () => {
    const { kept } = await run([record], undefined, undefined, () => 20_000);

    expect(kept).toEqual([]);
    expect(deadLetters()).toEqual([]);
    expect(putBack()).toMatchObject([{ delaySeconds: 0, attributes: { receives: String(LAST_RECEIVE) } }]);
  });
});
