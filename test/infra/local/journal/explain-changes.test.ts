import { explainChanges } from '../../../../infra/local/journal/explain-changes';

const whyTime = (raw: object, queued: object, sentAt?: string): string | undefined =>
  explainChanges(raw, queued, sentAt).find(({ field }) => field === 'timestamp')?.why;

const TIME = '2026-01-01T00:00:00.000Z';

it('A field that is the same on the queue is no change', () => {
  expect(
    explainChanges(
      { type: 'track', properties: { a: 1 } },
      { type: 'track', properties: { a: 1 } },
      undefined,
    ),
  ).toEqual([]);
});

it('What the door adds and takes away is told with both values', () => {
  const changes = explainChanges({ writeKey: 'w', userId: '' }, { messageId: 'm-1' }, undefined);

  expect(changes).toEqual([
    { field: 'messageId', before: '', after: 'm-1', why: expect.stringContaining('had none') },
    { field: 'writeKey', before: 'w', after: '', why: expect.stringContaining('transport') },
  ]);
});

it.each([
  ['no time', {}, 'had no time'],
  ['one that cannot be read', { timestamp: 'yesterday' }, 'could not be read'],
  ['the same in another form', { timestamp: '2026-01-01T00:00:00Z' }, 'The same time'],
  ['one in the future', { timestamp: '2026-01-01T00:01:00Z' }, 'in the future: moved by 60 s back'],
])('The time of an event that gave %s is explained', (_, raw, words) => {
  expect(whyTime(raw, { timestamp: TIME })).toContain(words);
});

it('A clock that is wrong is told by how much, in which direction', () => {
  expect(whyTime({ timestamp: '2026-01-01T00:00:42Z' }, { timestamp: TIME }, TIME)).toContain('by 42 s back');
  expect(whyTime({ timestamp: '2025-12-31T23:59:18Z' }, { timestamp: TIME }, TIME)).toContain(
    'by 42 s forward',
  );
});

it('What is no object has no fields to compare', () => {
  expect(explainChanges('text', {}, undefined)).toEqual([]);
});
