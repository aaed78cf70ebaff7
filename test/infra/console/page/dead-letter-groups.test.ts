import type { DeadLetter } from '../../../../infra/console/contract';
import { commandFor, groupsOf } from '../../../../infra/console/page/dead-letter-groups';

const letter = (given: Partial<DeadLetter>): DeadLetter => ({
  id: 'id',
  queue: 'cio-relay-prod-dead-letters',
  origin: 'cio-relay-prod-events',
  body: '{}',
  reason: 'invalid_event',
  detail: 'userId: expected a string, got an array',
  source: 'web',
  messageId: 'm',
  failedAt: 5,
  attributes: {},
  ...given,
});

it('Letters are grouped by reason, source and field, the largest group first', () => {
  const groups = groupsOf([
    letter({ source: 'app' }),
    letter({ detail: 'userId: expected a string, got true' }),
    letter({}),
    letter({ detail: 'event: expected a string' }),
  ]);

  expect(groups.map(({ key, letters }) => [key, letters.length])).toEqual([
    ['invalid_event · web · userId', 2],
    ['invalid_event · app · userId', 1],
    ['invalid_event · web · event', 1],
  ]);
});

it.each([
  [{}, 'npx relay dead-letters retry --stage prod --reason invalid_event --source web'],
  [
    { queue: 'cio-relay-local-dead-letters' },
    'npx relay dead-letters retry --reason invalid_event --source web',
  ],
  [
    { queue: 'cio-relay-eu-1-activity-dead-letters', source: 'web/eu' },
    'npx relay dead-letters retry --stage eu-1 --reason invalid_event --source web --workspace eu --activity',
  ],
  [
    { source: "a'; rm -rf ~" },
    "npx relay dead-letters retry --stage prod --reason invalid_event --source 'a'\\''; rm -rf ~'",
  ],
])('A group is sent again by a command too: %j', (given, command) => {
  const [group] = groupsOf([letter(given)]);
  expect(group && commandFor(group)).toBe(command);
});
