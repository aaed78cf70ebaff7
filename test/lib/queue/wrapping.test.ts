import { readEvents, readMessage, readTexts } from '../../../lib/queue/message';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const PUT_AT = '2026-03-01T09:59:58.120Z';
const track = { type: 'track', userId: 'u1', event: 'Ordered' };

const notification = (message: unknown, over: object = {}) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
  Subject: 'Ordered',
  Message: typeof message === 'string' ? message : JSON.stringify(message),
  Timestamp: PUT_AT,
  SignatureVersion: '1',
  Signature: 'x',
  SigningCertURL: 'https://sns.us-east-1.amazonaws.com/x.pem',
  UnsubscribeURL: 'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe',
  ...over,
});

const busEvent = (detail: unknown, over: object = {}) => ({
  version: '0',
  id: 'bus-1',
  'detail-type': 'Order placed',
  source: 'com.example.shop',
  account: '000000000000',
  time: '2026-03-01T09:59:58Z',
  region: 'us-east-1',
  resources: [],
  detail,
  ...over,
});

const read = (body: unknown, attributes: Record<string, string> = {}) => {
  const message = readMessage(recordOf({ body, attributes }));
  const events = readEvents(message);
  return { message, events, texts: readTexts(message, events), raws: events.map(({ raw }) => raw) };
};

describe('the envelope of SNS', () => {
  it.each([
    ['an event', track, [track]],
    ['an array', [track, track], [track, track]],
    ['a batch', { batch: [track] }, [track]],
    ['an event with the fields of an envelope', { ...track, Message: '1', TopicArn: 'x' }, undefined],
  ])('is opened around %s', (_, content, expected) => {
    expect(read(notification(content)).raws).toEqual(expected ?? [content]);
  });

  it('lends its id and time to an event without, which stay the same when SNS delivers twice', () => {
    const { events } = read(notification([track, { ...track, messageId: 'own' }]));

    expect(events.map(({ event }) => event)).toEqual([
      { ...track, messageId: 'sns-1-0', timestamp: PUT_AT },
      { ...track, messageId: 'own', timestamp: PUT_AT },
    ]);
    expect(events[0]?.timestampStandIn).toBe(PUT_AT);
  });

  it('does not judge the time of an event by its own', () => {
    const timestamp = '2026-03-01T09:59:59.000Z';

    expect(read(notification({ ...track, timestamp })).events[0]?.event).toMatchObject({ timestamp });
  });

  it('names the source by a message attribute, unless that of SQS does', () => {
    const body = notification(track, { MessageAttributes: { source: { Type: 'String', Value: 'blog' } } });

    expect(read(body).message.sourceName).toBe('blog');
    expect(read(body, { source: 'shop' }).message.sourceName).toBe('shop');
    expect(read(notification(track)).message.sourceName).toBeUndefined();
    expect(
      read(notification(track, { MessageAttributes: { source: 7 } })).message.sourceName,
    ).toBeUndefined();
  });

  it('around what is no JSON is given up as it came', () => {
    const { events, texts } = read(notification('Hello'));

    expect(events[0]?.fault?.reason).toBe('invalid_json');
    expect(texts).toEqual([JSON.stringify(notification('Hello'))]);
  });

  it('gives the text of an event byte for byte', () => {
    expect(read(notification('[{"n": 1e20}]')).texts).toEqual(['{"n": 1e20}']);
    expect(read(notification('{"n": 1e20}')).texts).toEqual(['{"n": 1e20}']);
  });

  it.each([
    ['a subscription to confirm', notification(track, { Type: 'SubscriptionConfirmation' })],
    ['without a topic', { Type: 'Notification', Message: '{"type":"track"}' }],
    ['without a message', { ...notification(''), Message: 7 }],
    ['of an event with a type', { ...notification(track), type: 'track' }],
    ['of an event of old', { ...notification(track), action: 'track' }],
    ['in an array', [notification(track)], notification(track)],
  ])('is none: %s', (_, body, expected: unknown = body) => {
    expect(read(body).raws).toEqual([expected]);
  });

  it('is none that has a batch of its own, wherever it stands', () => {
    expect(read({ batch: [track], ...notification(7) }).raws).toEqual([track]);
    expect(read({ ...notification(7), batch: [track] }).raws).toEqual([track]);
  });
});

describe('the envelope of EventBridge', () => {
  it.each([
    ['an event', track, [track]],
    ['a batch', { batch: [track, track] }, [track, track]],
  ])('is opened around %s', (_, content, expected) => {
    expect(read(busEvent(content)).raws).toEqual(expected);
  });

  it('is opened with the two fields alone that an input transformer has left', () => {
    expect(read({ 'detail-type': 'x', detail: track }).events[0]?.event).toEqual({
      ...track,
      messageId: 'm1-0',
      timestamp: SENT_AT.toISOString(),
    });
  });

  it('lends its id and time to an event without', () => {
    expect(read(busEvent(track)).events[0]?.event).toEqual({
      ...track,
      messageId: 'bus-1-0',
      timestamp: '2026-03-01T09:59:58.000Z',
    });
  });

  it.each(['2099-01-01T00:00:00Z', 'soon', 7, undefined])('with the time %j lends that of SQS', (time) => {
    const [queued] = read(busEvent(track, { time, id: '' })).events;

    expect(queued?.event).toEqual({ ...track, messageId: 'm1-0', timestamp: SENT_AT.toISOString() });
  });

  it('has a `source` that is none of ours', () => {
    expect(read(busEvent(track)).message.sourceName).toBeUndefined();
  });

  it('gives the text of an event byte for byte', () => {
    const body = JSON.stringify(busEvent(0)).replace('"detail":0', '"detail": {"n": 1e20} ');

    expect(read(body).texts).toEqual(['{"n": 1e20}']);
  });

  it('is opened in that of SNS, and both are read', () => {
    const MessageAttributes = { source: { Type: 'String', Value: 'blog' } };
    const { message, events } = read(notification(busEvent(track), { MessageAttributes }));

    expect(message.sourceName).toBe('blog');
    expect(events[0]?.messageId).toBe('bus-1-0');
  });

  it.each([
    ['whose detail is no object', busEvent('{"type":"track"}')],
    ['without a type of the detail', { source: 'x', about: '"detail-type"', detail: track }],
    ['of an event with a type', { ...busEvent(track), type: 'track' }],
    ['in itself', busEvent(busEvent(track)), busEvent(track)],
    ['around SNS', busEvent(notification(track)), notification(track)],
  ])('is not opened %s', (_, body, expected: unknown = body) => {
    expect(read(body).raws).toEqual([expected]);
  });
});

it.each(['"TopicArn" and no JSON', '{"detail-type": "cut'])(
  'what only has the words of an envelope (%j) has none',
  (body) => {
    const { message, events } = read(body);

    expect(message.content).toBe(body);
    expect(events.map(({ fault }) => fault?.reason)).toEqual(['invalid_json']);
  },
);
