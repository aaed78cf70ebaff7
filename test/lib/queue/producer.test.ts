import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { messageBytes, type OutgoingMessage } from '../../../lib/queue/outgoing-message';
import { packEvents, sendMessages } from '../../../lib/queue/producer';
import { BILLING_UNIT_BYTES, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES } from '../../../lib/queue/sqs-limits';

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/events';
const sqs = new SQSClient({});
const sqsMock = mockClient(sqs);

const message = (body: string): OutgoingMessage => ({ body, attributes: { source: 'shop' } });
const messages = (count: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => message(`message ${index}`));

interface Answer {
  readonly Successful?: { Id: string }[];
  readonly Failed?: { Id: string; Code: string; SenderFault: boolean }[];
}

const okFor = (...ids: string[]): Pick<Answer, 'Successful'> => ({ Successful: ids.map((Id) => ({ Id })) });
const failedFor = (SenderFault: boolean, ...ids: string[]): Pick<Answer, 'Failed'> => ({
  Failed: ids.map((Id) => ({
    Id,
    Code: SenderFault ? 'InvalidMessageContents' : 'InternalError',
    SenderFault,
  })),
});

/** Takes everything, unless told otherwise for a call. */
const answerWith = (...answers: readonly (Answer | Error)[]): void => {
  let call = 0;
  sqsMock.on(SendMessageBatchCommand).callsFake(({ Entries }) => {
    const answer = answers[call];
    call += 1;
    if (answer instanceof Error) throw answer;
    return answer ?? okFor(...Entries.map(({ Id }: { Id: string }) => Id));
  });
};

const sentBodies = (): string[][] =>
  sqsMock
    .commandCalls(SendMessageBatchCommand)
    .map(({ args }) => args[0].input.Entries?.map(({ MessageBody }) => MessageBody ?? '') ?? []);

/** Lets every wait between two attempts pass at once. */
const withoutWaiting = async <T>(work: Promise<T>): Promise<T> => {
  let isDone = false;
  const watched = work.finally(() => {
    isDone = true;
  });
  while (!isDone) await jest.advanceTimersByTimeAsync(1_000);
  return watched;
};

beforeEach(() => {
  sqsMock.reset();
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('sendMessages', () => {
  it('sends the body and every attribute as a String', async () => {
    answerWith();

    const result = await sendMessages(sqs, QUEUE_URL, [
      { body: '{}', attributes: { source: 'shop', reason: 'x' } },
    ]);

    expect(result).toEqual({ notSent: [] });
    expect(sqsMock.commandCalls(SendMessageBatchCommand)[0]?.args[0].input).toEqual({
      QueueUrl: QUEUE_URL,
      Entries: [
        {
          Id: '0',
          MessageGroupId: 'shop',
          MessageBody: '{}',
          MessageAttributes: {
            source: { DataType: 'String', StringValue: 'shop' },
            reason: { DataType: 'String', StringValue: 'x' },
          },
        },
      ],
    });
  });

  it('says how long a message waits before it is handed out, where it waits', async () => {
    answerWith();
    await sendMessages(sqs, QUEUE_URL, [message('now'), { ...message('later'), delaySeconds: 30 }]);
    const [now, later] = sqsMock.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.Entries ?? [];

    expect(Object.keys(now ?? {})).not.toContain('DelaySeconds');
    expect(later?.DelaySeconds).toBe(30);
  });

  it('calls nothing when there is nothing to send', async () => {
    expect(await sendMessages(sqs, QUEUE_URL, [])).toEqual({ notSent: [] });
    expect(sentBodies()).toEqual([]);
  });

  it('puts at most ten messages into one call', async () => {
    answerWith();

    await sendMessages(sqs, QUEUE_URL, messages(25));

    expect(
      sentBodies()
        .map((batch) => batch.length)
        .sort(),
    ).toEqual([10, 10, 5]);
    expect(new Set(sentBodies().flat()).size).toBe(25);
  });

  it('keeps a call within what SQS takes in bytes', async () => {
    answerWith();
    const quarter = message('ä'.repeat(MAX_MESSAGE_BYTES / 8));

    await sendMessages(sqs, QUEUE_URL, [quarter, quarter, quarter, quarter, quarter]);

    // Four quarters would fit, were it not for their attributes.
    expect(
      sentBodies()
        .map((batch) => batch.length)
        .sort(),
    ).toEqual([2, 3]);
  });

  it('fills a call to the last byte that SQS takes', async () => {
    answerWith();
    const half: OutgoingMessage = { body: 'x'.repeat(MAX_MESSAGE_BYTES / 2), attributes: {} };

    await sendMessages(sqs, QUEUE_URL, [half, half, half]);

    expect(
      sentBodies()
        .map((batch) => batch.length)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('sends again only what the answer lists as failed', async () => {
    answerWith({ ...okFor('0', '2'), ...failedFor(false, '1', '3') }, okFor('0', '1'));

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(4)));

    expect(result).toEqual({ notSent: [] });
    expect(sentBodies()).toEqual([
      ['message 0', 'message 1', 'message 2', 'message 3'],
      ['message 1', 'message 3'],
    ]);
  });

  it('sends again what the answer does not mention', async () => {
    answerWith(okFor('1'), okFor('0'));

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [] });
    expect(sentBodies()[1]).toEqual(['message 0']);
  });

  it('takes an empty answer for a failure, and gives up after three more attempts', async () => {
    sqsMock.on(SendMessageBatchCommand).resolves({});

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [0, 1], failure: 'NotInAnswer' });
    expect(sentBodies()).toHaveLength(4);
  });

  it.each([
    ['at least', 0, [0, 25, 100, 325]],
    ['at most', 1, [0, 50, 200, 650]],
  ])('waits before each attempt, and longer each time (%s so long)', async (_, chance, expected) => {
    jest.spyOn(Math, 'random').mockReturnValue(chance);
    const startedAt = Date.now();
    const calledAt: number[] = [];
    sqsMock.on(SendMessageBatchCommand).callsFake(() => {
      calledAt.push(Date.now() - startedAt);
      return {};
    });

    await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(1)));

    expect(calledAt).toEqual(expected);
  });

  it('holds every attempt to the deadline', async () => {
    const { signal } = new AbortController();
    answerWith({}, {});

    await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(1), signal));

    const calls: readonly { args: readonly unknown[] }[] = sqsMock.commandCalls(SendMessageBatchCommand);
    expect(calls.map(({ args }) => args[1])).toEqual([
      { abortSignal: signal },
      { abortSignal: signal },
      { abortSignal: signal },
    ]);
  });

  it('tells the code of what failed last', async () => {
    const failed = (Id: string, Code: string) => ({ Id, Code, SenderFault: true });
    answerWith({ Failed: [failed('0', 'InvalidMessageContents'), failed('1', 'AccessDenied')] });

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [0, 1], failure: 'AccessDenied' });
  });

  it('tells a connection that is refused by its code, for its error is named as any other', async () => {
    answerWith(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(1)));

    expect(result).toEqual({ notSent: [0], failure: 'ECONNREFUSED' });
  });

  it('has as many calls under way as an invocation has time for, and no more', async () => {
    let [underWay, most] = [0, 0];
    sqsMock.on(SendMessageBatchCommand).callsFake(async ({ Entries }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 100));
      underWay -= 1;
      return okFor(...Entries.map(({ Id }: { Id: string }) => Id));
    });

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(500)));

    expect(result).toEqual({ notSent: [] });
    expect(most).toBe(20);
  });

  it('does not send again what SQS refuses for the fault of the message', async () => {
    answerWith({ ...okFor('0'), ...failedFor(true, '1') });

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [1], failure: 'InvalidMessageContents' });
    expect(sentBodies()).toHaveLength(1);
  });

  it('reports a refused message although the others are taken later', async () => {
    answerWith({ ...failedFor(true, '0'), Successful: [] }, okFor('0'));

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [0], failure: 'InvalidMessageContents' });
    expect(sentBodies()[1]).toEqual(['message 1']);
  });

  it('tells a call that failed in its result, without attempts beyond those of the SDK', async () => {
    answerWith(Object.assign(new Error('secret text'), { name: 'TimeoutError' }));

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(3)));

    expect(result).toEqual({ notSent: [0, 1, 2], failure: 'TimeoutError' });
    expect(sentBodies()).toHaveLength(1);
  });

  it('names the right positions when one call of several fails', async () => {
    sqsMock.on(SendMessageBatchCommand).callsFake(({ Entries }) => {
      if (Entries[0].MessageBody === 'message 10') throw new Error('no');
      return okFor(...Entries.map(({ Id }: { Id: string }) => Id));
    });

    const { notSent, failure } = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(25)));

    expect(notSent).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(failure).toBe('Error');
  });

  it('names them in order when several calls fail, whichever ends first', async () => {
    sqsMock.on(SendMessageBatchCommand).callsFake(async ({ Entries }) => {
      const position = Number(Entries[0].MessageBody.replace('message ', ''));
      await new Promise((resolve) => setTimeout(resolve, 1_000 - position));
      if (position < 20) throw Object.assign(new Error('no'), { name: 'TimeoutError' });
      return okFor(...Entries.map(({ Id }: { Id: string }) => Id));
    });

    const { notSent, failure } = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(25)));

    expect(notSent).toEqual(Array.from({ length: 20 }, (_, position) => position));
    expect(failure).toBe('TimeoutError');
  });

  it('names a message again that SQS refuses only when it is sent again', async () => {
    answerWith(failedFor(false, '0', '1'), { ...okFor('0'), ...failedFor(true, '1') });

    const result = await withoutWaiting(sendMessages(sqs, QUEUE_URL, messages(2)));

    expect(result).toEqual({ notSent: [1], failure: 'InvalidMessageContents' });
    expect(sentBodies()).toHaveLength(2);
  });
});

describe('the message group of a message', () => {
  const groupOf = async (attributes: Record<string, string>): Promise<string | undefined> => {
    answerWith(okFor('0'));
    await sendMessages(sqs, QUEUE_URL, [{ body: 'message', attributes }]);
    return sqsMock.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.Entries?.[0]?.MessageGroupId;
  };

  it.each([
    ['shop', 'shop'],
    ['a b/ü🎉', 'a_b/___'],
    ['x'.repeat(200), 'x'.repeat(128)],
  ])('of the source %s is %s', async (source, group) => {
    expect(await groupOf({ source, reason: 'invalid_event' })).toBe(group);
  });

  it('is another where the message says so', async () => {
    answerWith(okFor('0'));
    await sendMessages(sqs, QUEUE_URL, [
      { body: 'message', attributes: { source: 'shop' }, group: 'shop-import' },
    ]);
    const [call] = sqsMock.commandCalls(SendMessageBatchCommand);
    expect(call?.args[0].input.Entries?.[0]?.MessageGroupId).toBe('shop-import');
  });

  it('is none where no source is named', async () => {
    expect(await groupOf({ reason: 'invalid_json' })).toBeUndefined();
  });
});

describe('packEvents', () => {
  const attributes = { source: 'shop' };
  const sizes = (packed: readonly OutgoingMessage[]): number[] =>
    packed.map(({ body }) => messageBytes({ body, attributes }));

  it.each([
    [['{"type":"track"}'], '{"batch":[{"type":"track"}]}'],
    [['{"batch":[]}'], '{"batch":[{"batch":[]}]}'],
    [['{"a":1}', '{"b":2}'], '{"batch":[{"a":1},{"b":2}]}'],
  ])('puts %j in an envelope, so that nobody takes an event for one', (events, body) => {
    expect(packEvents(events, attributes).map((message) => message.body)).toEqual([body]);
  });

  it('makes nothing of nothing', () => {
    expect(packEvents([], attributes)).toEqual([]);
  });

  it('fills a message to the last byte of the billing unit and not beyond', () => {
    const overhead = messageBytes({ body: '{"batch":[,]}', attributes });
    const first = JSON.stringify('ä'.repeat(10_000));
    const rest = BILLING_UNIT_BYTES - overhead - Buffer.byteLength(first);
    const exact = JSON.stringify('x'.repeat(rest - 2));
    const tooLong = JSON.stringify('x'.repeat(rest - 1));

    expect(sizes(packEvents([first, exact], attributes))).toEqual([BILLING_UNIT_BYTES]);
    expect(packEvents([first, tooLong], attributes)).toHaveLength(2);
  });

  it('counts no message smaller than it is, nor larger than by the brackets of an array', () => {
    const events = Array.from({ length: 20 }, (_, index) => JSON.stringify('ö'.repeat(1_000 * index)));

    const packed = packEvents(events, attributes);
    const excess = packed.map((each, index) => messageBytes(each) - (sizes(packed)[index] ?? 0));

    expect(packed.length).toBeGreaterThan(2);
    expect(Math.min(...excess)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...excess)).toBeLessThanOrEqual('[]'.length);
  });

  it('lets an event over the billing unit stand alone', () => {
    const large = JSON.stringify('x'.repeat(BILLING_UNIT_BYTES));

    const bodies = packEvents(['{"a":1}', large, '{"b":2}'], attributes).map(({ body }) => body);

    expect(bodies).toEqual(['{"a":1}', large, '{"b":2}'].map((event) => `{"batch":[${event}]}`));
  });

  const anyEvents = fc.array(
    fc.nat(70_000).map((length) => JSON.stringify('é'.repeat(length))),
    { maxLength: 40 },
  );
  const unpack = ({ body }: OutgoingMessage): string[] =>
    (JSON.parse(body) as { batch: unknown[] }).batch.map((event) => JSON.stringify(event));
  const sizeOf = (events: readonly string[]): number =>
    messageBytes({ body: `{"batch":[${events.join(',')}]}`, attributes });

  it('keeps every event once and in order, and counts those of each message', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const packed = packEvents(events, attributes);
        expect(packed.flatMap(unpack)).toEqual(events);
        expect(packed.map(({ eventCount }) => eventCount)).toEqual(packed.map((one) => unpack(one).length));
        expect(packed.every(({ eventCount }) => eventCount > 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('never packs over the limit, and never starts a message that the one before had room for', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const packed = packEvents(events, attributes);
        const groups = packed.map(unpack);
        expect(packed.map(messageBytes)).toEqual(sizes(packed));
        for (const group of groups.filter(({ length }) => length > 1)) {
          expect(sizeOf(group)).toBeLessThanOrEqual(BILLING_UNIT_BYTES);
        }
        for (const [index, group] of groups.slice(1).entries()) {
          expect(sizeOf([...(groups[index] ?? []), ...group.slice(0, 1)])).toBeGreaterThan(
            BILLING_UNIT_BYTES,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('counts what each message says of all its events', () => {
    const shared = `,"context":"${'x'.repeat(10_000)}"`;
    const events = Array.from({ length: 20 }, () => JSON.stringify('x'.repeat(9_000)));
    const packed = packEvents(events, attributes, shared);

    expect(packed.map(messageBytes)).toEqual(sizes(packed));
    expect(Math.max(...sizes(packed))).toBeLessThanOrEqual(BILLING_UNIT_BYTES);
  });

  it('packs ten full messages into one call', () => {
    const event = JSON.stringify('x'.repeat(32_000));
    const packed = packEvents(
      Array.from({ length: 2 * MAX_BATCH_ENTRIES }, () => event),
      attributes,
    );

    expect(packed).toHaveLength(MAX_BATCH_ENTRIES);
    expect(MAX_BATCH_ENTRIES * BILLING_UNIT_BYTES).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  });
});
