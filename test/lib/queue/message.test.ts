import { MAX_MESSAGE_EVENTS, readEvents, readMessage, readTexts } from '../../../lib/queue/message';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const SENT_AT_ISO = SENT_AT.toISOString();
const eventsOf = (body: unknown, attributes: Record<string, string> = {}) =>
  readEvents(readMessage(recordOf({ body, attributes })));

describe('the body of a message', () => {
  const event = {
    type: 'track',
    userId: 'u1',
    event: 'A',
    messageId: 'x',
    timestamp: '2026-01-01T00:00:00Z',
  };
  const other = { ...event, messageId: 'y' };

  it.each([
    ['one event', event, [event]],
    ['an array', [event, other], [event, other]],
    ['a batch', { batch: [event, other] }, [event, other]],
    ['an empty array', [], []],
    ['an empty batch', { batch: [] }, []],
    ['a batch that is no array', { ...event, batch: 'x' }, [{ ...event, batch: 'x' }]],
    ['an event with an empty batch of its own', { ...event, batch: [] }, [{ ...event, batch: [] }]],
    ['an event with events of its own', { ...event, batch: [other] }, [{ ...event, batch: [other] }]],
    ['an array of such', [{ ...event, batch: [other] }], [{ ...event, batch: [other] }]],
    ['a batch of such', { batch: [{ ...event, batch: [other] }] }, [{ ...event, batch: [other] }]],
    ['a batch beside other fields', { batch: [event], sentAt: 'x', userId: 'u' }, [event]],
    ['a scalar', '5', [5]],
    ['null', 'null', [null]],
    ['null in an array', [null], [null]],
  ])('may be %s', (_, body, expected) => {
    expect(eventsOf(body).map(({ raw }) => raw)).toEqual(expected);
    expect(eventsOf(body).map((queued) => queued.event)).toEqual(expected);
  });

  it.each(['', null, 'unknown', 7, {}])(
    'with the type %j is an event, if a broken one, and not a batch',
    (type) => {
      const body = { type, messageId: 'a', timestamp: SENT_AT_ISO, batch: [event, other] };

      expect(eventsOf(body).map(({ raw }) => raw)).toEqual([body]);
    },
  );

  it('may begin with a byte order mark, as a file of Windows does, wrapped or not, as over HTTP', () => {
    const marked = (body: unknown): string => `\uFEFF${JSON.stringify(body)}`;
    const notification = { Type: 'Notification', TopicArn: 't', MessageId: 'n', Message: marked([event]) };

    for (const body of [marked(event), marked([event]), marked({ batch: [event] }), marked(notification)]) {
      const message = readMessage(recordOf({ body }));
      const events = readEvents(message);

      expect(events.map((queued) => queued.event)).toEqual([event]);
      expect(readTexts(message, events)).toEqual([JSON.stringify(event)]);
    }
  });

  it('is given up as it came, with its byte order mark', () => {
    expect(eventsOf('\uFEFF{')).toEqual([expect.objectContaining({ raw: '\uFEFF{', text: '\uFEFF{' })]);
  });

  it('with the `action` of very old SDKs is an event too', () => {
    expect(eventsOf({ action: 'track', batch: [event] })).toHaveLength(1);
  });

  it.each([undefined, null, ''])(
    'with an `action` and the type %j has the type that the action says',
    (type) => {
      const raw = { type, action: 'track', userId: 'u1', event: 'A', messageId: 'x', timestamp: SENT_AT_ISO };
      const [queued] = eventsOf(raw);

      expect(queued?.event).toEqual({ ...raw, type: 'track' });
    },
  );

  it('is opened once: a batch in a batch is an event, if a broken one', () => {
    const inner = { batch: [event], messageId: 'a', timestamp: SENT_AT_ISO };

    expect(eventsOf({ batch: [inner, [event]] }).map(({ raw }) => raw)).toEqual([inner, [event]]);
  });

  it.each(['', '{', 'hello', '{"type":"track"', 'undefined'])(
    'that is no JSON (%j) is one thing with a fault',
    (body) => {
      expect(eventsOf(body)).toEqual([
        expect.objectContaining({
          raw: body,
          messageId: 'm1',
          fault: { reason: 'invalid_json', detail: 'the message body is not JSON' },
        }),
      ]);
    },
  );

  it('may hold a great many events, and beyond them is one thing with a fault', () => {
    const zeros = (count: number): string => `[${Array.from({ length: count }, () => 0)}]`;

    expect(eventsOf(zeros(MAX_MESSAGE_EVENTS))).toHaveLength(MAX_MESSAGE_EVENTS);
    expect(eventsOf(`{"batch":${zeros(MAX_MESSAGE_EVENTS + 1)}}`)).toEqual([
      expect.objectContaining({
        messageId: 'm1',
        fault: {
          reason: 'too_many_events',
          detail: 'the message has 10001 events; at most 10000 are taken from one',
        },
      }),
    ]);
  });
});

describe('what a batch says of all its events', () => {
  const event = {
    type: 'track',
    userId: 'u1',
    event: 'A',
    messageId: 'x',
    timestamp: '2026-03-01T08:00:00Z',
  };
  const shared = {
    context: { traits: { plan: 'pro' } },
    integrations: { CIO: true, 'Customer.io': false },
    sentAt: '2026-03-01T09:00:00Z',
  };
  const read = (body: unknown, attributes: Record<string, string> = {}, names = ['CIO']) => {
    const message = readMessage(recordOf({ body, attributes }));
    const events = readEvents(message, names);
    return { events, texts: readTexts(message, events, names) };
  };

  it('holds for each that does not say it itself', () => {
    const own = { ...event, integrations: { customerio: false }, sentAt: '2026-03-01T10:00:00Z' };
    const { events } = read({ batch: [event, own, 7], ...shared });

    expect(events.map((queued) => queued.event)).toEqual([
      { ...event, ...shared, timestamp: '2026-03-01T09:00:00.000Z', originalTimestamp: event.timestamp },
      {
        ...own,
        context: shared.context,
        integrations: { customerio: false },
      },
      7,
    ]);
    expect(events.map(({ raw }) => raw)).toEqual([event, own, 7]);
  });

  it('is told in the texts, by which each of them means the same alone', () => {
    const { events, texts } = read({ batch: [event, { ...event, context: { n: 1 } }], ...shared });

    const again = texts.flatMap((body, index) => {
      const { messageId = '', timestampStandIn = '' } = events[index] ?? {};
      const redriven = { reason: 'x', failedAt: 'x', messageId, timestamp: timestampStandIn };
      return [read(body, redriven), read(body, { messageId, timestamp: timestampStandIn })];
    });

    expect(again.map((one) => one.events.map((queued) => queued.event))).toEqual([
      [events[0]?.event],
      [events[0]?.event],
      [events[1]?.event],
      [events[1]?.event],
    ]);
  });

  it('is read in what SNS and EventBridge wrap, too', () => {
    const body = { batch: [event], integrations: { All: false } };
    const wrapped = [
      { Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify(body) },
      { 'detail-type': 'x', source: 'y', detail: body },
    ];

    expect(wrapped.flatMap((one) => read(one).events.map((queued) => queued.event))).toEqual([
      { ...event, integrations: { All: false } },
      { ...event, integrations: { All: false } },
    ]);
  });

  it('makes a whole message a dead letter where it would make gigabytes of it', () => {
    const batch = Array.from({ length: 100 }, () => event);

    expect(read({ batch, context: { filler: 'x'.repeat(80_000) } }).events).toHaveLength(100);
    const exact = 8_388_608 / 128 - '{"context":{"filler":""}}'.length;
    const full = Array.from({ length: 128 }, () => event);
    expect(read({ batch: full, context: { filler: 'x'.repeat(exact) } }).events).toHaveLength(128);
    expect(read({ batch, context: { filler: 'x'.repeat(90_000) } }).events).toEqual([
      expect.objectContaining({
        fault: {
          reason: 'too_many_events',
          detail:
            '`context` and `integrations` of the batch, once for each of its events, are more than 8388608 bytes',
        },
      }),
    ]);
  });
});

describe('when an event was sent', () => {
  const at = (attributes: Record<string, string>, fields: object = {}) =>
    eventsOf(
      {
        type: 'track',
        messageId: 'a',
        timestamp: '2026-03-01T08:00:00Z',
        sentAt: '2026-03-01T09:00:00Z',
        ...fields,
      },
      attributes,
    )[0];
  const timeOf = (...args: Parameters<typeof at>) =>
    (at(...args)?.event as { timestamp: string } | undefined)?.timestamp;

  it('corrects the clock of its sender, as over HTTP', () => {
    expect(at({})?.event).toMatchObject({
      timestamp: '2026-03-01T09:00:00.000Z',
      originalTimestamp: '2026-03-01T08:00:00Z',
    });
    expect(at({})?.timestampStandIn).toBe(SENT_AT_ISO);
  });

  it.each([{ sentAt: 'soon' }, { sentAt: 0 }, { receivedAt: '2026-03-01T09:30:00Z' }])(
    'says nothing with %j',
    (fields) => {
      expect(timeOf({}, fields)).toBe('2026-03-01T08:00:00Z');
    },
  );

  it('needs no stand-in where a server has corrected it', () => {
    expect(at({}, { receivedAt: '2026-03-01T09:30:00Z' })?.timestampStandIn).toBeUndefined();
  });

  it('says nothing of a dead letter of which nobody knows when it came', () => {
    const letter = { reason: 'invalid_event', messageId: 'a', failedAt: '2026-02-28T00:00:00Z' };

    expect(timeOf(letter)).toBe('2026-03-01T08:00:00Z');
    expect(timeOf({ ...letter, timestamp: '2026-02-20T00:00:00Z' })).toBe('2026-02-19T23:00:00.000Z');
    expect(timeOf({ ...letter, reason: 'too_many_events' })).toBe('2026-03-01T09:00:00.000Z');
  });

  it('is measured from when the whole message came that was given up', () => {
    const letter = { reason: 'too_many_events', messageId: 'a', failedAt: '2026-02-28T00:00:00Z' };

    expect(timeOf({ ...letter, timestamp: '2026-02-20T00:00:00Z' })).toBe('2026-02-19T23:00:00.000Z');
  });
});

describe('the texts of events', () => {
  const textsOf = (body: string): readonly string[] => {
    const message = readMessage(recordOf({ body }));
    return readTexts(message, readEvents(message));
  };

  it.each([
    ['{"type": "track", "n":1e20}', ['{"type": "track", "n":1e20}']],
    ['[ {"n":1e20} , 12345678901234567890,"a\\u0062"]', ['{"n":1e20}', '12345678901234567890', '"a\\u0062"']],
    ['{"context":[7],"batch" : [{"n": 1e20}, [ ]]}', ['{"n": 1e20}', '[ ]']],
    ['\n[1]', ['1']],
    ['[]', []],
    ['oops {', ['oops {']],
  ])('of %s are its own, to the last digit', (body, texts) => {
    expect(textsOf(body)).toEqual(texts);
  });
});

describe('a message that was moved back from a dead-letter queue', () => {
  const letter = (reason: string) => ({
    reason,
    messageId: 'first',
    timestamp: '2026-02-01T00:00:00.000Z',
    failedAt: '2026-02-02T00:00:00.000Z',
  });

  it.each<unknown>([
    { batch: [{ type: 'track', userId: 'u' }] },
    [{ type: 'track', userId: 'u' }],
    { Type: 'Notification', TopicArn: 'arn', Message: '{"type":"track"}' },
  ])('is one event, whatever it looks like: %j', (body) => {
    expect(eventsOf(body, letter('invalid_event'))).toEqual([
      expect.objectContaining({ raw: body, messageId: 'first' }),
    ]);
  });

  it.each(['invalid_json', 'too_many_events'])(
    'is a whole message again when that was given up (%s)',
    (reason) => {
      const events = eventsOf([{ type: 'track' }, 0], letter(reason));

      expect(events.map(({ messageId }) => messageId)).toEqual(['first-0', 'first-1']);
      expect(events[0]?.event).toMatchObject({ timestamp: '2026-02-01T00:00:00.000Z' });
    },
  );

  it('is a whole message again though it was a single event, whose time SQS judges', () => {
    const event = { type: 'track', timestamp: '2026-02-10T00:00:00Z' };

    expect(eventsOf(event, letter('too_many_events'))[0]).toMatchObject({
      messageId: 'first-0',
      event: { timestamp: '2026-02-10T00:00:00Z' },
    });
  });

  it.each(['reason', 'messageId', 'failedAt'])("has a %s: without it, it is anybody's", (missing) => {
    const attributes = Object.fromEntries(
      Object.entries(letter('invalid_event')).filter(([name]) => name !== missing),
    );

    expect(eventsOf([1, 2], attributes)).toHaveLength(2);
  });
});

describe('an event that lacks something', () => {
  it('without a messageId gets one from the message, stable over redelivery', () => {
    const body = [{ type: 'track' }, { type: 'track', messageId: '' }, { messageId: null }, { messageId: 7 }];

    expect(eventsOf(body).map(({ messageId }) => messageId)).toEqual(['m1-0', 'm1-1', 'm1-2', '7']);
    expect(eventsOf(body).map(({ event }) => event)).toEqual([
      expect.objectContaining({ messageId: 'm1-0' }),
      expect.objectContaining({ messageId: 'm1-1' }),
      expect.objectContaining({ messageId: 'm1-2' }),
      expect.objectContaining({ messageId: '7' }),
    ]);
  });

  it.each([{}, { timestamp: null }, { timestamp: '' }])(
    'without a timestamp (%j) gets the time of sending',
    (fields) => {
      const [queued] = eventsOf({ type: 'track', messageId: 'a', ...fields });

      expect(queued?.event).toEqual({ type: 'track', messageId: 'a', timestamp: SENT_AT_ISO });
      expect(queued?.timestampStandIn).toBe(SENT_AT_ISO);
      expect(queued?.raw).toEqual({ type: 'track', messageId: 'a', ...fields });
    },
  );

  it('with an originalTimestamp has a time of its own', () => {
    const [queued] = eventsOf({ messageId: 'a', originalTimestamp: '2026-01-01' });

    expect(queued?.event).toEqual({
      messageId: 'a',
      originalTimestamp: '2026-01-01',
      timestamp: '2026-01-01T00:00:00.000Z',
    });
    expect(queued?.timestampStandIn).toBeUndefined();
  });

  it.each(['2099-01-01T00:00:00Z', 'yesterday'])(
    'with the time %j gets that of sending, keeps what it said, and does so again after a redrive',
    (timestamp) => {
      const raw = { type: 'track', messageId: 'a', timestamp };
      const [first] = eventsOf(raw);
      const redriven = recordOf({ body: raw, attributes: { timestamp: first?.timestampStandIn ?? '' } });
      const later = { ...readMessage(redriven), sentAtMs: SENT_AT.getTime() + 86_400_000 };
      const [second] = readEvents(later);

      expect(first?.event).toEqual({ ...raw, timestamp: SENT_AT_ISO, originalTimestamp: timestamp });
      expect(first?.raw).toEqual(raw);
      expect(first?.isTimestampReplaced).toBe(timestamp === 'yesterday');
      expect(second?.event).toEqual(first?.event);
    },
  );

  it('that ingest has put on the queue is left as it is', () => {
    const raw = {
      messageId: 'a',
      originalTimestamp: 'yesterday',
      timestamp: '2026-02-28T23:00:00.000Z',
      receivedAt: '2026-02-28T23:00:00.000Z',
    };

    const [queued] = eventsOf(raw);

    expect(queued?.event).toEqual(raw);
    expect(queued?.isTimestampReplaced).toBe(false);
  });

  it.each([
    { type: 'track', messageId: 'a', timestamp: '2026-01-01T00:00:00Z' },
    {
      type: 'track',
      messageId: 'a',
      timestamp: '2026-01-01T00:00:00Z',
      originalTimestamp: '2026-01-01T00:00:00Z',
    },
  ])('lacks nothing, and is no copy: %j', (raw) => {
    const [queued] = eventsOf(raw);

    expect(queued?.event).toBe(queued?.raw);
  });

  it('is known by the time that the caller gave, beside another of its SDK', () => {
    const [queued] = eventsOf({
      ...{ type: 'track', messageId: 'a' },
      ...{ timestamp: '2026-01-01T00:00:00Z', originalTimestamp: '2026-01-01T00:00:05Z' },
    });

    expect(queued?.event).toMatchObject({ originalTimestamp: '2026-01-01T00:00:00Z' });
  });

  it('of a type that nobody knows keeps it, for its dead letter to say so', () => {
    expect(eventsOf({ type: 'purchase', messageId: 'a' })[0]?.event).toMatchObject({ type: 'purchase' });
  });

  it('with a time of its own and no messageId keeps its time', () => {
    const [queued] = eventsOf({ timestamp: '2026-01-01' }) ?? [];

    expect(queued?.event).toEqual({ messageId: 'm1-0', timestamp: '2026-01-01' });
    expect(queued?.timestampStandIn).toBeUndefined();
  });

  it('that is no object has nothing filled in', () => {
    const [queued] = eventsOf('[7]') ?? [];

    expect(queued).toEqual({
      raw: 7,
      text: undefined,
      event: 7,
      messageId: 'm1-0',
      timestampStandIn: undefined,
      isTimestampReplaced: false,
    });
  });

  it('keeps its text only when it is all of its message', () => {
    const text = '{ "n": 1.0 }';

    expect(eventsOf(text)?.map((queued) => queued.text)).toEqual([text]);
    expect(eventsOf(`[${text}]`)?.map((queued) => queued.text)).toEqual([undefined]);
  });

  it('that was redriven from the dead-letter queue takes what its attributes kept', () => {
    const attributes = {
      messageId: 'first-0',
      timestamp: '2026-02-01T00:00:00.000Z',
      reason: 'missing_identifier',
    };

    const [queued] = eventsOf({ type: 'track' }, attributes);

    expect(queued?.event).toEqual({
      type: 'track',
      messageId: 'first-0',
      timestamp: '2026-02-01T00:00:00.000Z',
    });
  });

  it('that was put back has the attributes alone, and shares them with no neighbour', () => {
    const attributes = { messageId: 'first-0', timestamp: '2026-02-01T00:00:00.000Z', putBackAt: '1' };

    expect(eventsOf([{}], attributes).map(({ messageId }) => messageId)).toEqual(['first-0']);
    expect(eventsOf([{}, {}], attributes).map(({ messageId }) => messageId)).toEqual(['m1-0', 'm1-1']);
  });

  it('in an array does not share the attributes with its neighbours', () => {
    const attributes = { messageId: 'first-0', timestamp: '2026-02-01T00:00:00.000Z' };

    expect(eventsOf([{}], attributes)[0]).toMatchObject({
      messageId: 'm1-0',
      timestampStandIn: SENT_AT_ISO,
    });
  });

  it('keeps a key named __proto__', () => {
    const [queued] = eventsOf('{"type":"track","__proto__":{"x":1}}');

    expect(Object.keys(queued?.event as object)).toEqual(['type', '__proto__', 'messageId', 'timestamp']);
  });
});

describe('the envelope of a message', () => {
  it('names its source, its receives and its age', () => {
    const record = recordOf({ messageId: 'm7', body: [], attributes: { source: 'shop' }, receiveCount: 4 });

    expect(readMessage(record)).toMatchObject({
      sqsMessageId: 'm7',
      receiptHandle: 'receipt-m7',
      history: { receives: 4, firstSentAtMs: SENT_AT.getTime(), failedAlone: [], isCulprit: false },
      sentAtMs: SENT_AT.getTime(),
      sourceName: 'shop',
    });
  });

  it.each([{}, { source: '' }])('may name no source (%j)', (attributes) => {
    expect(readMessage(recordOf({ body: [], attributes })).sourceName).toBeUndefined();
  });

  it('without a count of its receives counts as received for the first time', () => {
    const record = recordOf({ body: [] });
    const attributes = { ...record.attributes, ApproximateReceiveCount: '' };

    expect(readMessage({ ...record, attributes }).history.receives).toBe(1);
  });
});
