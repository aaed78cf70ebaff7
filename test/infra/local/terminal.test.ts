import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { ACTIVITY_TYPES, type Activity, type ActivityType } from '../../../infra/local/sandbox/activity-log';
import {
  activityLine,
  banner,
  deadLetterLine,
  forwardedLine,
  problemLine,
  refusedLine,
  rejectionLine,
  skippedLine,
} from '../../../infra/local/terminal';

const ROOT = resolve(__dirname, '../../..');
const ports = { PORT: 4000, TLS_PORT: 4443, SQS_PORT: 4001, SANDBOX_PORT: 4002, SEGMENT_PORT: 4003 };
const queue = (name: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } });

const bannerOf = (region: string, events: string, hasOwnSources = false): string =>
  banner({
    ports,
    service: {
      provider: { region, stage: 'local' },
      functions: {},
      resources: { Resources: { EventQueue: queue(events), DeadLetterQueue: queue('my-dead-letters') } },
    },
    certificatePath: '.local/localhost.pem',
    hasOwnSources,
  });

it('The banner names no write key that sources of the user’s own do not have', () => {
  const text = bannerOf('eu-west-1', 'my-events', true);

  expect(text).toContain('curl -u WRITE_KEY: http://127.0.0.1:4000/v1/track');
  expect(text).toContain('(write key: one of SOURCES)');
  expect(plain(text)).not.toContain('local:');
});

it('The banner has the addresses and names of this stack, not of any', () => {
  const text = bannerOf('eu-west-1', 'my-events');

  expect(text).toContain('curl -u local: http://127.0.0.1:4000/v1/track');
  expect(text).toContain('--region eu-west-1 --endpoint-url http://127.0.0.1:4001');
  expect(text).toContain('--queue-url http://127.0.0.1:4001/000000000000/my-events');
  expect(text).toContain('"http://127.0.0.1:4001/000000000000/my-events"');
  expect(text).toContain('http://127.0.0.1:4001/_fauxqs/queues/my-dead-letters');
  expect(text.trim().split('\n')[0]).toContain('http://127.0.0.1:4002/');
  expect(text).toContain('http://127.0.0.1:4002/sandbox/activity');
  expect(text).toContain('http://127.0.0.1:4003/events');
  expect(text).toContain('https://127.0.0.1:4443');
  expect(text).toContain('.local/localhost.pem');
});

it('The banner fits 80 columns', () => {
  const widths = [true, false]
    .flatMap((own) => plain(bannerOf('ap-southeast-2', 'cio-relay-local-events', own)).split('\n'))
    .map((line) => line.length);

  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
});

it('What the sandbox accepts is a line with time, type, name and whom it is about', () => {
  const line = activityLine({
    activity_type: 'event',
    activity_name: 'Signed Up',
    identifiers: { id: 'u1', email: 'ada@example.com' },
    attributes: {},
    timestamp: 0,
  });

  expect(plain(line)).toMatch(
    /^\d\d:\d\d:\d\d {2}accepted {2}event {2}Signed Up {2}id=u1 email=ada@example.com$/,
  );
});

it('What it rejects is a line with the operation, the status and every reason', () => {
  const line = rejectionLine({
    status: 207,
    operation: { type: 'person', action: 'event', name: 'x', identifiers: { id: 'u1' } },
    errors: [
      { reason: 'too_long', field: 'name', message: 'name cannot be longer than 100 bytes' },
      { reason: 'invalid', field: '', message: 'no such action' },
    ],
    timestamp: 0,
  });

  expect(plain(line)).toMatch(
    /rejected {2}person event {2}x {2}id=u1 {2}207 name: name cannot be longer than 100 bytes; no such action$/,
  );
});

it.each([undefined, null, 'text', 7, { identifiers: 7, name: {} }])(
  'A rejected operation of any shape can be shown: %j',
  (operation) => {
    expect(plain(rejectionLine({ status: 400, operation, errors: [], timestamp: 0 }))).toMatch(
      /rejected .*400/,
    );
  },
);

it('What leaves for Segment and what goes wrong are lines as well', () => {
  expect(plain(forwardedLine({ event: 'Email Opened', userId: 'u1' }))).toMatch(
    /forwarded {2}Email Opened {2}userId=u1$/,
  );
  expect(plain(forwardedLine({ event: 'Email Opened', anonymousId: 'a' }))).toMatch(/anonymousId=a$/);
  expect(plain(problemLine('It broke.'))).toMatch(/problem {3}It broke\.$/);
});

it('A request that is refused is a line with status, code and what to do', () => {
  const line = refusedLine({
    status: 401,
    code: 'invalid_write_key',
    message: 'No source has this write key.',
    method: 'POST',
    path: '/v1/track',
  });

  expect(plain(line)).toMatch(
    /^[\d:]{8} {2}refused {2}401 invalid_write_key {2}POST \/v1\/track {2}No source has this write key\.$/,
  );
});

it.each([
  [1, '1 event'],
  [3, '3 events'],
])('Events that are skipped are a line with their number and the reason', (events, words) => {
  expect(plain(skippedLine({ events, reason: 'integrations_disabled', source: 'local' }))).toMatch(
    new RegExp(`skipped {2}${words} {2}integrations_disabled$`),
  );
});

it.each<[string, string]>([
  ['{"type":"track","event":"Signed Up","properties":{"plan":"free"}}', 'track Signed Up'],
  ['{"type":"page","name":"Home"}', 'page Home'],
  ['{"type":"identify","traits":{"name":"Ada"}}', 'identify'],
  ['{"object_type":"email","metric":"opened"}', 'email opened'],
  ['{"userId":"u1"}', 'an event without type and name'],
  [`{"type":"track","event":"${'x'.repeat(5_000)}"}`, `track ${'x'.repeat(93)}…`],
  ['{"type":{},"event":7}', 'an event without type and name'],
  ['[1,2,3]', '3 events'],
  ['5', 'what is no event'],
  ['{"batch":[', 'what is no JSON'],
])('A dead letter is one line with its name, reason and detail, and none of its JSON: %s', (body, name) => {
  const line = plain(deadLetterLine({ body, reason: 'invalid_event', detail: 'userId: expected a string' }));

  expect(line.slice(10)).toBe(`dead letter  ${name}  invalid_event  userId: expected a string`);
  expect(line).not.toMatch(/[{}\n]/);
});

it('What happens at one workspace of several says at which', () => {
  const rejection = { status: 207, operation: { name: 'x' }, errors: [{ field: 'f', message: 'bad' }] };

  expect(plain(activityLine(activity('event'), 'local-eu'))).toMatch(/ {2}id=u1 {2}local-eu$/);
  expect(plain(rejectionLine(rejection as never, 'local-eu'))).toMatch(/207 f: bad {2}local-eu$/);
});

it('A dead letter of one workspace of several says of which', () => {
  const of = { reason: 'undeliverable', detail: 'HTTP 500', source: 'local', workspace: 'eu' };

  expect(plain(deadLetterLine({ body: '{"type":"alias"}', ...of }))).toMatch(
    /dead letter {2}alias {2}undeliverable {2}HTTP 500 {2}local\/eu$/,
  );
});

it('A dead letter that SQS moved itself has no reason', () => {
  expect(plain(deadLetterLine({ body: '{"type":"alias"}', reason: undefined, detail: undefined }))).toMatch(
    /dead letter {2}alias$/,
  );
});

const activity = (type: ActivityType, name = 'plan'): Activity => ({
  activity_type: type,
  activity_name: name,
  identifiers: { id: 'u1', cio_id: 'a3000001' },
  attributes: {},
  timestamp: 0,
});

it('The id that Customer.io gives is shown of who has no other', () => {
  const identifiers = { cio_id: 'a3000001' };

  expect(plain(activityLine(activity('event')))).toMatch(/ {2}id=u1$/);
  expect(plain(activityLine({ ...activity('event'), identifiers }))).toMatch(/ {2}cio_id=a3000001$/);
});

/** In a process of its own, whose standard output passes for a terminal: what decides about colour is Node's. */
const linesInTerminal = (env: Readonly<Record<string, string>>): Record<ActivityType, string> => {
  const activities = Object.values(ACTIVITY_TYPES).map((type) => activity(type));
  const program = `
    const { WriteStream } = require('node:tty');
    const { activityLine } = require('tsx/cjs/api').require('./infra/local/terminal.ts', '${ROOT}/x.js');
    Object.assign(process.stdout, { isTTY: true, getColorDepth: WriteStream.prototype.getColorDepth });
    const lines = ${JSON.stringify(activities)}.map((one) => [one.activity_type, activityLine(one)]);
    console.log(JSON.stringify(Object.fromEntries(lines)));`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], {
    cwd: ROOT,
    env: { TERM: 'xterm-256color', ...env },
    encoding: 'utf8',
  });
  return JSON.parse(stdout);
};

const COLORS = { accepted: '\u001b[32m', 'no effect': '\u001b[33m', failed: '\u001b[31m' };

it('What Customer.io did has its word and its colour: green stands for a change alone', () => {
  const lines = Object.entries(linesInTerminal({}));

  expect(lines.length).toBeGreaterThan(10);
  for (const [type, line] of lines) {
    const effect = type.includes('Fail') ? 'failed' : type === 'Skipped Update' ? 'no effect' : 'accepted';
    expect(line).toContain(`${COLORS[effect]}${effect}\u001b[39m`);
    expect(Object.values(COLORS).filter((color) => line.includes(color))).toEqual([COLORS[effect]]);
  }
});

it('There is no colour where NO_COLOR asks for none', () => {
  for (const line of Object.values(linesInTerminal({ NO_COLOR: '1' }))) expect(line).toBe(plain(line));
});

describe('In a terminal', () => {
  const { columns: own } = process.stdout;
  const setColumns = (columns: number | undefined) => Object.assign(process.stdout, { columns });

  afterEach(() => setColumns(own));

  it.each([80, 120, 40])('lines break between words, at %i columns, and lose none', (columns) => {
    const message =
      'cannot be longer than a hundred bytes of which this one has more than are allowed '.repeat(3);
    const rejection = {
      status: 207,
      errors: [{ reason: 'too_long' as const, field: 'name', message }],
      timestamp: 0,
    };
    setColumns(columns);

    const line = plain(rejectionLine(rejection));

    expect(line.split('\n').length).toBeGreaterThan(2);
    expect(Math.max(...line.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
    expect(line.split(/\s+/).slice(1).join(' ')).toBe(`rejected request 207 name: ${message.trim()}`);
  });

  it.each([undefined, 0])('a width of %s breaks nothing', (columns) => {
    setColumns(columns);

    expect(activityLine(activity('event', 'x '.repeat(100)))).not.toContain('\n');
  });
});

const plain = (text: string): string => text.replace(/\p{Cc}\[\d+m/gu, '');

it('Nothing of an event is done to the terminal, nor begins a line of its own', () => {
  const event = 'Paid\u001b]0;title\u0007\u001b[2J\u001b[31m\n12:00:00  accepted  forged\u202e';
  const lines = [
    activityLine(activity('event', event)),
    forwardedLine({ event, userId: event }),
    deadLetterLine({ body: JSON.stringify({ type: 'track', event }), reason: 'r', detail: event }),
    rejectionLine({
      status: 400,
      operation: { name: event },
      errors: [{ field: event, message: event }],
    } as never),
  ];

  for (const line of lines) {
    expect(plain(line)).toContain('Paid\\u001b]0;title\\u0007\\u001b[2J\\u001b[31m 12:00:00');
    expect(line.split('\n')).toHaveLength(1);
  }
});
