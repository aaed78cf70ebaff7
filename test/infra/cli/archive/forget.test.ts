// A planted person is taken out of every place that could hold them.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { textOf } from '../../../../infra/archive/read';
import { Forgotten } from '../../../../infra/cli/archive/forgotten';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from '../../../support/archived-stage';
import { captureLogs } from '../../../support/log-output';

const OLD = '2026-03-01T10:00:00.000Z';
const ERROR_KEY = 'errors/processing-failed/2026-03-01/part.gz';

let world: ArchivedStage;
let sandbox: Sandbox;
let folder: string;

beforeEach(async () => {
  world = await startArchivedStage();
  sandbox = await startSandbox();
  folder = await mkdtemp(join(tmpdir(), 'relay-forget-'));
  world.stage.setSources([source()]);
});

afterEach(async () => {
  await Promise.all([world.stop(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

afterAll(stopStandIn);

const source = () => ({
  name: 'shop',
  writeKey: 'w',
  siteId: 'local',
  apiKey: 'local',
  trackUrl: sandbox.url,
  requestsPerSecond: 1_000,
  archive: 'events',
});

const event = (messageId: string, fields: object) => ({
  type: 'track',
  event: 'Ordered',
  timestamp: OLD,
  messageId,
  ...fields,
});

/** Ada is u-planted, planted@example.com and visitor-planted; the others are somebody else. */
const EVENTS = [
  event('1', { userId: 'u-planted' }),
  event('2', {
    type: 'identify',
    userId: 'u-planted',
    anonymousId: 'visitor-planted',
    traits: { email: 'Planted@example.com' },
  }),
  event('3', { anonymousId: 'visitor-planted' }),
  event('4', { userId: 'u-other', anonymousId: 'visitor-planted' }),
  event('5', { userId: 'u-planted-too', properties: { note: 'u-planted2' } }),
  event('6', {
    userId: 'u-friend',
    properties: { invited_by: 'planted@example.com', says: 'hi\nplanted@example.com, hello' },
  }),
  event('planted@example.com-7', {
    userId: 'u-friend',
    properties: { url: 'https://x.org/?e=Planted%40example.com&a=1' },
  }),
];

const PLANTED = /u-planted(?![\w-])|planted(@|%40)example\.com/i;

const plant = async (withLetters = false): Promise<readonly string[]> => {
  const output = captureLogs();
  await world.deliver(EVENTS, [source()]);
  output.release();
  const record = ['u-planted', 'u-friend'].map((userId) => JSON.stringify({ event: event('e', { userId }) }));
  const lines = [record, record.slice(0, 1)].map((raw) =>
    JSON.stringify({ attemptsMade: 1, rawData: Buffer.from(`${raw.join('\n')}\n`).toString('base64') }),
  );
  await world.store.write(ERROR_KEY, gzipSync(`${lines.join('\n')}\n`));
  await world.store.write('athena/answer.csv', Buffer.from('planted@example.com'));
  if (!withLetters) return output.lines;
  const letter = { reason: 'invalid_event', failedAt: OLD, messageId: 'x', source: 'shop' };
  await world.stage.put(
    'dead-letters',
    JSON.stringify(event('9', { userId: 'u-friend', properties: { invited_by: 'planted@example.com' } })),
    letter,
  );
  await world.stage.put(
    'activity-dead-letters',
    JSON.stringify({ event_id: 'e', data: { identifiers: { id: 'u-planted' } } }),
    letter,
  );
  return output.lines;
};

const letters = async (): Promise<string[]> => {
  const all = [
    ...(await world.stage.takeAll('dead-letters')),
    ...(await world.stage.takeAll('activity-dead-letters')),
  ];
  return all.map(({ Body: body, MessageAttributes }) => `${body} ${JSON.stringify(MessageAttributes)}`);
};

/** What is in each record that Firehose could not place. */
const errors = async (): Promise<string[]> => {
  const content = await world.store.read(ERROR_KEY);
  const lines = content === undefined ? [] : textOf(content).split('\n').filter(Boolean);
  return lines.map((line) =>
    Buffer.from((JSON.parse(line) as { rawData: string }).rawData, 'base64').toString(),
  );
};

const linesOf = (everything: string): string[] => everything.match(/"messageId":"[^"]*"/g) ?? [];

it('What waits is told too where nobody is given it yet: after an outage it comes to the archive later', async () => {
  const { sqs, queueUrl } = world.stage;
  const QueueUrl = queueUrl('events');
  await world.stage.put('events', '{}');
  await sqs.client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 60 }));
  await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', DelaySeconds: 60 }));

  const { err } = await world.stage.run('forget u-planted --yes --json');

  expect(err).toContain('2 messages wait on the queue; once they are delivered, once more.');
});

it('No object, dead letter, log or file has a trace of a forgotten person, and the others are all there', async () => {
  const logs = await plant(true);
  const { code, err, out } = await world.stage.run(
    `forget u-planted --yes --json --report ${join(folder, 'report.json')}`,
  );
  const everything = await world.everything();
  const dead = await letters();

  expect({ code, err }).toMatchObject({ code: 0 });
  expect(err).toContain('Known beside: planted@example.com, visitor-planted.');
  expect(everything).not.toMatch(PLANTED);
  expect(dead.join('\n')).not.toMatch(PLANTED);
  expect(logs.join('\n')).not.toMatch(PLANTED);
  for (const file of await readdir(folder))
    expect(await readFile(join(folder, file), 'utf8')).not.toMatch(PLANTED);
  expect(everything).toContain('u-other');
  expect(everything).toContain('u-planted-too');
  expect(everything).toContain('u-friend');
  expect(everything).toContain('u-planted2');
  expect(linesOf(everything).filter((line) => /"[123]"/.test(line))).toEqual([]);
  expect(dead).toEqual([expect.stringContaining('u-friend')]);
  expect(await errors()).toEqual([expect.stringContaining('u-friend')]);
  expect((await errors()).join()).not.toMatch(PLANTED);
  expect(out).not.toMatch(PLANTED);
  expect(JSON.parse(out)).toMatchObject({
    archive: 's3://archive-of-test',
    fingerprints: Array.from({ length: 3 }, () => expect.stringMatching(/^[\da-f]{64}$/)),
    deadLetters: 2,
    treatment: 'remove',
  });
});

it('Masked, the lines stay for the counts, without what could name the person', async () => {
  await plant();
  const before = linesOf(await world.everything()).length;
  expect((await world.stage.run('forget u-planted --mask --yes')).code).toBe(0);
  const everything = await world.everything();

  expect(everything).not.toMatch(PLANTED);
  // Each line had the id of its event in the event as well.
  expect(everything.match(/"eventLeftOut":"forgotten"/g)).toHaveLength(3);
  expect(linesOf(everything).length).toBe(before - 3);
});

it('A rehearsal removes nothing', async () => {
  await plant();
  const before = await world.everything();
  const { code, out } = await world.stage.run('forget u-planted --dry-run --json');

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ ids: 3, lines: 8, deadLetters: 0 });
  expect(await world.everything()).toBe(before);
  const only = await world.stage.run('forget visitor-planted --only --dry-run --json');
  expect(JSON.parse(only.out)).toMatchObject({ ids: 1 });
});

/** As if another command had read each object before it was written, and written it after that, so many times. */
const beingOverwritten = (times: number) => {
  const { send } = S3Client.prototype;
  let left = times;
  return jest.spyOn(S3Client.prototype, 'send').mockImplementation(async function (this: S3Client, ...args) {
    const [command] = args;
    const { Key: key = '' } = command instanceof PutObjectCommand ? command.input : {};
    if (left === 0 || !key.startsWith('events/')) return Reflect.apply(send, this, args);
    const before = (await world.store.read(key)) ?? Buffer.alloc(0);
    left = 0;
    await Reflect.apply(send, this, args);
    await world.store.write(key, before);
    times -= 1;
    left = times;
  });
};

it('What somebody else’s forget writes back at the same moment goes again, and what never ends is told', async () => {
  await plant();
  const writing = beingOverwritten(3);
  const { code, out } = await world.stage.run('forget u-planted --yes --json');
  writing.mockRestore();
  const everything = await world.everything();

  expect({ code, lines: JSON.parse(out) }).toMatchObject({ code: 0, lines: { lines: 8 } });
  expect(everything).not.toMatch(PLANTED);

  const seen = ['u-other', 'u-stays'].map((userId) => ({ type: 'track', userId, event: 'Seen' }));
  await world.deliver(seen, [source()]);
  const always = beingOverwritten(1_000);
  const { code: end, err } = await world.stage.run('forget u-other --yes --json');
  always.mockRestore();
  expect(end).toBe(1);
  expect(err.replace(/\s+/g, ' ')).toContain('is written by somebody else all the time.');
});

it('Of many ids beside, the first are told, and all as JSON; none is done to the terminal', async () => {
  const ids = Array.from({ length: 1_500 }, (_, index) => `device-${index}\n\u001b[2J`);
  await world.deliver(
    ids.map((anonymousId) => ({ type: 'track', userId: 'busy', anonymousId, event: 'Seen' })),
    [source()],
  );
  const { err, out } = await world.stage.run('forget busy --dry-run --json');
  const text = err.replace(/\s+/g, ' ');

  expect(text).toContain('and 1,480 more, which --dry-run --json lists. Not the same person?');
  expect(text.match(/device-/g)).toHaveLength(20);
  expect(err).not.toContain('\u001b');
  expect((JSON.parse(out) as { beside: string[] }).beside).toHaveLength(1_500);
});

it('A rehearsal tells of who was forgotten before when that was, as a proof', async () => {
  await plant();
  const never = await world.stage.run('forget u-planted --dry-run --json');
  const done = await world.stage.run('forget u-planted --yes --json');
  const { forgottenAt } = JSON.parse(done.out) as { forgottenAt: string };
  const again = await world.stage.run('forget u-planted --dry-run --json');
  const { forgottenBefore, lines } = JSON.parse(again.out) as { forgottenBefore: string; lines: number };

  expect(JSON.parse(never.out)).not.toHaveProperty('forgottenBefore');
  expect(never.err).not.toContain('Forgotten before');
  expect(lines).toBe(0);
  expect(Date.parse(forgottenAt) - Date.parse(forgottenBefore)).toBeLessThan(60_000);
  expect(again.err).toContain(`Forgotten before, at ${forgottenBefore}.`);
});

it('What arrives later is not sent by a replay, and found by the next forget', async () => {
  await plant();
  await world.stage.run('forget u-planted --yes');
  await world.deliver([event('late', { userId: 'u-planted' })], [source()]);
  const replayed = await world.stage.run('replay --from 1h --dry-run --json --name Ordered');

  expect(JSON.parse(replayed.out)).toMatchObject({ keptBack: { 'forgotten since': 1 } });
  expect((await world.stage.run('forget u-planted --yes --json')).out).toContain('"lines":1');
});

it('Who shares a device with the forgotten is neither removed nor kept back', async () => {
  await plant();
  await world.stage.run('forget u-planted --yes');
  const shared = { anonymousId: 'visitor-planted' };
  await world.deliver(
    [event('mail', { ...shared, traits: { email: 'other@example.com' } }), event('visit', shared)],
    [source()],
  );
  const { out } = await world.stage.run('replay --from 1h --dry-run --json --name Ordered');
  await world.stage.run('forget visitor-planted --yes');
  const everything = await world.everything();

  expect(JSON.parse(out)).toMatchObject({ keptBack: { 'forgotten since': 1 } });
  expect(everything).toContain('other@example.com');
  expect(everything).not.toContain('"visit"');
});

it.each([
  ['a word that a bug has made', { userId: 'null' }],
  ['a placeholder', { userId: 'guest' }],
  ['blanks', { userId: '  ' }],
  ['what a form has for no email', { userId: undefined, context: { traits: { email: 'n/a' } } }],
])('Who shares %s with the forgotten is somebody else', async (_, shared) => {
  await world.deliver(
    [
      event('ada', { type: 'identify', ...shared, traits: { email: 'ada@example.com' } }),
      event('bob', { type: 'identify', ...shared, traits: { email: 'bob@example.com' } }),
      event('bobs', { userId: 'u-bob', context: { traits: { email: 'bob@example.com' } } }),
      event('none', { ...shared, anonymousId: 'a-device' }),
    ],
    [source()],
  );
  const { err } = await world.stage.run('forget ada@example.com --yes');
  const everything = await world.everything();

  expect(err).not.toContain('Known beside');
  expect(everything).not.toContain('ada@example.com');
  expect(linesOf(everything)).toEqual(
    expect.arrayContaining(['bob', 'bobs', 'none'].map((id) => `"messageId":"${id}"`)),
  );
});

it('A word that a bug has made leads from its events to nobody', async () => {
  await world.deliver(
    ['ada', 'bob'].map((name) =>
      event(name, { userId: 'undefined', context: { traits: { email: `${name}@example.com` } } }),
    ),
    [source()],
  );
  const { out } = await world.stage.run('forget undefined --dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ beside: [], lines: 2 });
});

it('What cannot be read is named, and fails: nobody can say whom it holds', async () => {
  await plant();
  await world.store.write('events/source=shop/day=2026-03-01/hour=10/x.gz', Buffer.from([0x1f, 0x8b, 0, 0]));
  const { code, out, err } = await world.stage.run('forget u-planted --yes --json');

  expect(code).toBe(1);
  const said = err.replace(/\n/g, ' ');
  expect(said).toContain(
    '1 object of s3://archive-of-test cannot be read: events/source=shop/day=2026-03-01/hour=10/x.gz.',
  );
  expect(said).toContain('delete them, or mend them and give the command again');
  expect(JSON.parse(out)).toMatchObject({ brokenObjects: 1 });
  expect(await world.everything().catch(() => '')).not.toMatch(PLANTED);
});

it('A report that is there already is told before anything is removed', async () => {
  await plant();
  const report = join(folder, 'report.json');
  await writeFile(report, 'of another person');
  const { code, err } = await world.stage.run(`forget u-planted --yes --report ${report}`);

  expect(code).toBe(2);
  expect(err).toContain(`${report} is there already.`);
  expect(err).toContain('Give a new file: a report is kept.');
  expect(await world.everything()).toMatch(PLANTED);
});

it('A report that cannot be written in the end is told all the same: nobody could make it again', async () => {
  await plant();
  const report = join(folder, 'report.json');
  const { send } = S3Client.prototype;
  const removing = jest.spyOn(S3Client.prototype, 'send').mockImplementation(async function (
    this: S3Client,
    ...args
  ) {
    if (args[0] instanceof PutObjectCommand) await writeFile(report, 'of another person');
    return Reflect.apply(send, this, args);
  });
  const { code, out, err } = await world.stage.run(`forget u-planted --yes --report ${report}`);
  removing.mockRestore();

  expect(code).toBe(2);
  expect(err).toContain(`${report} is there already.`);
  expect(JSON.parse(out)).toMatchObject({
    lines: 8,
    fingerprints: [{}, {}, {}].map(() => expect.any(String)),
  });
  expect(await readFile(report, 'utf8')).toBe('of another person');
  expect(await readdir(folder)).toEqual(['report.json']);
});

it('Of an event on a shared device the visitor goes, and a replay sends it to nobody who is not', async () => {
  await plant();
  await world.stage.run('forget u-planted --yes');
  const lines = (await world.everything()).split('\n').filter((line) => line.startsWith('{"receivedAt"'));
  const replayed = await world.stage.run('replay --from 1h --dry-run --json --name Ordered');

  expect(lines.find((line) => line.includes('u-other'))).not.toMatch(/anonymousId|forgotten/);
  expect(JSON.parse(replayed.out)).toMatchObject({
    wouldSend: 2,
    keptBack: { 'mentions somebody forgotten': 2 },
  });
});

it('Killed in its midst, the same command finds what the gone events had led to, and says that it is the second', async () => {
  await plant();
  const before = await Forgotten.open(world.store);
  const ids = ['u-planted', 'planted@example.com', 'visitor-planted'];
  await before.add(new Set(ids.map((id) => before.fingerprintOf(id))), new Date(OLD));
  for await (const { key } of world.store.list('events/')) await world.store.remove(key);
  await world.deliver(
    [
      event('late-1', { traits: { email: 'PLANTED@example.com' } }),
      event('late-2', { userId: 'u-friend', properties: { by: 'planted@example.com' } }),
    ],
    [source()],
  );
  await world.stage.put('dead-letters', JSON.stringify(event('late-3', { anonymousId: 'visitor-planted' })), {
    ...{ reason: 'invalid_event', failedAt: OLD, messageId: 'late-3', source: 'shop' },
  });
  const { code, out } = await world.stage.run('forget u-planted --yes --json');

  expect(code).toBe(0);
  expect(await world.everything()).not.toMatch(PLANTED);
  expect(await letters()).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ forgottenBefore: OLD, lines: 4, deadLetters: 1 });
  expect(JSON.parse(out).fingerprints.sort()).toEqual(ids.map((id) => before.fingerprintOf(id)).sort());
});

it('What a person’s dead letter shares with others is left of it, to be sent as it was', async () => {
  const letter = { reason: 'invalid_event', failedAt: OLD, source: 'shop' };
  const other = event('b', { userId: 'u-friend', n: 1 });
  await world.stage.put('dead-letters', JSON.stringify([event('a', { userId: 'u-planted' }), other]), letter);
  await world.stage.put('dead-letters', JSON.stringify(event('u-planted-9', { userId: 'u-friend' })), {
    ...letter,
    messageId: 'to u-planted',
  });
  await world.stage.run('forget u-planted --yes');
  const left = await letters();

  expect(left.join('\n')).not.toMatch(/u-planted(?![\w-])/);
  expect(left.some((one) => one.startsWith(`[${JSON.stringify(other)}]`))).toBe(true);
});

it('Dead letters in other hands, as when they are being retried, are told, and fail', async () => {
  const body = JSON.stringify(event('9', { userId: 'u-planted' }));
  await world.stage.put('dead-letters', body, { reason: 'invalid_event', failedAt: OLD, source: 'shop' });
  await world.stage.sqs.client.send(
    new ReceiveMessageCommand({ QueueUrl: world.stage.queueUrl('dead-letters'), VisibilityTimeout: 120 }),
  );
  const { code, out, err } = await world.stage.run('forget u-planted --yes --json');

  expect(code).toBe(1);
  expect(err.replace(/\s+/g, ' ')).toContain('1 dead letter of stage test in us-east-1 was in other hands.');
  expect(JSON.parse(out)).toMatchObject({ deadLetters: 0, deadLettersNotSeen: 1 });
});

it('Dead letters that SQS does not delete are not told as gone, and fail', async () => {
  const body = JSON.stringify(event('9', { userId: 'u-planted' }));
  await world.stage.put('dead-letters', body, { reason: 'invalid_event', failedAt: OLD, source: 'shop' });
  const { send } = SQSClient.prototype;
  const refusing = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(async function (
    this: SQSClient,
    ...args
  ) {
    if (!(args[0] instanceof DeleteMessageBatchCommand)) return Reflect.apply(send, this, args);
    return { Failed: [{ Id: '0', SenderFault: true, Code: 'AccessDenied' }] };
  });
  const { code, out, err } = await world.stage.run('forget u-planted --yes --json');
  refusing.mockRestore();

  expect(code).toBe(1);
  expect(err.replace(/\s+/g, ' ')).toContain(
    'SQS did not delete 1 dead letter of stage test in us-east-1: access is denied (AccessDenied).',
  );
  expect(JSON.parse(out)).toMatchObject({ deadLetters: 0, deadLettersRefused: 1 });
  expect(await world.stage.count('dead-letters')).toBe(1);

  const again = await world.stage.run('forget u-planted --yes --json');
  expect(again.code).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({ deadLetters: 1, deadLettersRefused: 0 });
});

it('An object whose end is missing is cleaned as far as it goes, and named', async () => {
  await plant();
  const key = 'events/source=shop/day=2026-03-01/hour=10/cut.gz';
  const whole = gzipSync(`${JSON.stringify({ event: event('x', { userId: 'u-planted' }) })}\n`.repeat(500));
  await world.store.write(key, whole.subarray(0, whole.length - 20));
  const { code, err } = await world.stage.run('forget u-planted --yes');

  expect(code).toBe(1);
  expect(err.replace(/\s+/g, '')).toContain(key);
  expect((await world.everything()).match(/u-planted(?![\w-])/g)).toBeNull();
});

it.each([
  ['u-planted --report nowhere/report.json', 'nowhere/report.json cannot be written.'],
  ['u-planted ', 'One of the ids is blank.'],
])('forget %s is refused before anything is removed', async (words, message) => {
  await plant();
  const { code, err } = await world.stage.run(`forget ${words} --yes`);

  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(await world.everything()).toMatch(PLANTED);
});

it('What a killed forgetting left half-written in a folder is no hiding-place of the next person', async () => {
  const hour = join(folder, 'events/source=shop/day=2026-03-01/hour=10');
  await mkdir(hour, { recursive: true });
  const line = JSON.stringify({ event: event('1', { userId: 'u-planted' }) });
  for (const name of ['1.ndjson', '2.ndjson.unfinished'])
    await writeFile(join(hour, name), `${line}\n${line.slice(0, 60)}`);
  const { code } = await world.stage.run(`forget u-planted --yes --archive ${folder}`);
  const files = await readdir(hour);

  expect(code).toBe(0);
  for (const file of files) expect(await readFile(join(hour, file), 'utf8')).not.toMatch(PLANTED);
});
