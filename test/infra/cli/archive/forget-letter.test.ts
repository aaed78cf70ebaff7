import { bodyWithout } from '../../../../infra/cli/archive/forget-letter';

const IDS = new Set(['u-planted', 'planted@example.com', '7']);

const theirs = { type: 'track', event: 'E', userId: 'u-planted', messageId: 'a' };
const other = { type: 'track', event: 'E', userId: 'u-other', messageId: 'b' };

const left = (body: unknown): unknown => {
  const text = bodyWithout(JSON.stringify(body), IDS);
  return text === undefined ? undefined : JSON.parse(text);
};

const notification = (message: unknown) => ({
  Type: 'Notification',
  TopicArn: 'arn',
  Message: JSON.stringify(message),
});
const busEvent = (detail: unknown) => ({ source: 'app', 'detail-type': 'Event', detail });

it.each([
  [theirs],
  [[theirs]],
  [{ batch: [theirs, theirs] }],
  [{ batch: [{ type: 'track', messageId: 'a' }], context: { traits: { email: 'Planted@example.com' } } }],
  [notification(theirs)],
  [busEvent(theirs)],
  [notification(busEvent({ batch: [theirs] }))],
])('Of %j nothing is left', (body) => {
  expect(left(body)).toBeUndefined();
});

it.each([
  ['an event', (events: readonly unknown[]) => events],
  ['a batch', (events: readonly unknown[]) => ({ batch: events, sentAt: '2026-03-01T10:00:00Z' })],
  ['SNS', (events: readonly unknown[]) => notification(events)],
  ['EventBridge', (events: readonly unknown[]) => busEvent({ batch: events })],
  ['both', (events: readonly unknown[]) => notification(busEvent({ batch: events }))],
])('In %s the events of others are left, and nobody is called forgotten', (_, put) => {
  expect(left(put([theirs, other]))).toEqual(put([other]));
  expect(left(put([{ ...other, anonymousId: '7' }]))).toEqual(put([other]));
});

it('Where an event has no id of its own, the place of those that went stays, by which it is told', () => {
  const { messageId: _, ...nameless } = other;

  expect(left([theirs, nameless])).toEqual([null, nameless]);
});

it.each([
  JSON.stringify({ batch: [other], n: 1 }).replace('1}', '12345678901234567890}'),
  `[ ${JSON.stringify(other)} ]`,
  '{"half": "planted2@example.com',
  '[]',
])('%s is left as it is, byte for byte', (body) => {
  expect(bodyWithout(body, IDS)).toBe(body);
});

it('Text that is no JSON loses the mention', () => {
  expect(bodyWithout('{"email": "planted\\u0040example.com", planted@example.com', IDS)).toBe(
    '{"email": "forgotten", forgotten',
  );
});
