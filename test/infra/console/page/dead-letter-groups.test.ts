import type { DeadLetter } from '../../../../infra/console/contract';
import { commandFor, exportLines, groupsOf } from '../../../../infra/console/page/dead-letter-groups';

const letter = (given: Partial<DeadLetter>): DeadLetter => ({
  id: 'id',
  queue: 'cio-relay-prod-dead-letters',
  origin: 'cio-relay-prod-events',
  body: '{}',
  reason: 'invalid_event',
  detail: 'userId: expected a string, got an array',
  source: 'web',
  from: { source: 'web' },
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

it('What names no field is one group, as on the command line', () => {
  const groups = groupsOf([letter({ detail: 'HTTP 500: oh' }), letter({ detail: 'HTTP 503: no' })]);

  expect(groups.map(({ key, letters }) => [key, letters.length])).toEqual([['invalid_event · web', 2]]);
});

const RETRY = 'npx relay dead-letters retry';

it.each([
  [{}, `${RETRY} --stage prod --reason invalid_event --source web --field userId`],
  [{ detail: 'HTTP 500: oh' }, `${RETRY} --stage prod --reason invalid_event --source web --field ''`],
  [{ source: '', from: {} }, `${RETRY} --stage prod --reason invalid_event --source '' --field userId`],
  [
    { detail: 'userId or anonymousId: expected a string' },
    `${RETRY} --stage prod --reason invalid_event --source web --field 'userId or anonymousId'`,
  ],
  [{ queue: 'cio-relay-local-dead-letters' }, `${RETRY} --reason invalid_event --source web --field userId`],
  [
    {
      queue: 'cio-relay-eu-1-activity-dead-letters',
      source: 'web/eu',
      from: { source: 'web', workspace: 'eu' },
    },
    `${RETRY} --stage eu-1 --reason invalid_event --source web --workspace eu --field userId --activity`,
  ],
  [
    { source: 'web/eu', from: { source: 'web/eu' } },
    `${RETRY} --stage prod --reason invalid_event --source web/eu --field userId`,
  ],
  [
    { from: { source: "a'; rm -rf ~" } },
    `${RETRY} --stage prod --reason invalid_event --source 'a'\\''; rm -rf ~' --field userId`,
  ],
])('A group is sent again by a command too, and nothing else is: %j', (given, command) => {
  const [group] = groupsOf([letter(given)]);
  expect(group && commandFor(group)).toBe(command);
});

it('Of a stack on ports of its own the command names them', () => {
  const [group] = groupsOf([letter({ queue: 'cio-relay-local-dead-letters', detail: 'HTTP 500: oh' })]);

  expect(group && commandFor(group, 'PORT=3001 SQS_PORT=4567')).toBe(
    `PORT=3001 SQS_PORT=4567 ${RETRY} --reason invalid_event --source web --field ''`,
  );
});

it('A line of an export has the source alone, as the command line writes it', () => {
  const [line = ''] = exportLines([
    letter({ source: 'web/eu', from: { source: 'web', workspace: 'eu' } }),
  ]).split('\n');
  expect(JSON.parse(line)).toMatchObject({ sqsMessageId: 'id', source: 'web' });
});
