// A planted person is taken out of every place that could hold them.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { textOf } from '../../../../infra/archive/read';
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

it('No object, dead letter, log or file has a trace of a forgotten person, and the others are all there', async () => {
  const logs = await plant(true);
  const { code, err, out } = await world.stage.run(
    `forget u-planted --yes --json --report ${join(folder, 'report.json')}`,
  );
  const everything = await world.everything();
  const dead = await letters();

  expect({ code, err }).toMatchObject({ code: 0 });
  expect(err).toContain('Known beside: visitor-planted, planted@example.com.');
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

it('What arrives later is not sent by a replay, and found by the next forget', async () => {
  await plant();
  await world.stage.run('forget u-planted --yes');
  await world.deliver([event('late', { userId: 'u-planted' })], [source()]);
  const replayed = await world.stage.run('replay --from 1h --dry-run --json --name Ordered');

  expect(JSON.parse(replayed.out)).toMatchObject({ keptBack: { 'forgotten since': 1 } });
  expect((await world.stage.run('forget u-planted --yes --json')).out).toContain('"lines":1');
});
