// Replays through the real queue and consumer into a second workspace of the sandbox.

import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Forgotten } from '../../../../infra/cli/archive/forgotten';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import {
  type ArchivedStage,
  startArchivedStage,
  stopStandIn,
  storeLine,
} from '../../../support/archived-stage';
import { deliverAll } from '../../../support/deliver-queue';

const LONG_AGO = '2026-03-01T10:00:00.000Z';

let world: ArchivedStage;
let sandbox: Sandbox;
let folder: string;

beforeEach(async () => {
  world = await startArchivedStage();
  sandbox = await startSandbox({
    workspaces: [
      { siteId: 'old', apiKey: 'k' },
      { siteId: 'new', apiKey: 'k' },
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'relay-replay-'));
});

afterEach(async () => {
  await Promise.all([world.stop(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

afterAll(stopStandIn);

const workspace = (siteId: string) => ({
  name: siteId,
  siteId,
  apiKey: 'k',
  trackUrl: sandbox.url,
  requestsPerSecond: 1_000,
});

/** With the old workspace alone, or with the new one as well. */
const sources = (names: readonly string[], more: object = {}) => [
  {
    name: 'shop',
    writeKey: 'w',
    archive: 'events',
    destinations: names.map((name) => ({ ...workspace(name), ...more })),
  },
];

const EVENTS = [
  {
    type: 'identify',
    userId: 'u1',
    traits: { email: 'Ada@example.com', plan: 'pro' },
    messageId: 'a',
    timestamp: LONG_AGO,
  },
  {
    type: 'track',
    userId: 'u1',
    event: 'Ordered',
    messageId: 'b',
    timestamp: LONG_AGO,
    properties: { total: 9.75 },
  },
  { type: 'track', userId: 'u2', event: 'Ordered', messageId: 'c', timestamp: LONG_AGO },
  { type: 'page', anonymousId: 'v3', name: 'Pricing', messageId: 'd', timestamp: LONG_AGO },
];

const replay = (words: string) =>
  world.stage.run(`replay --from 1h --yes --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim());

const profilesOf = (siteId: string): string =>
  JSON.stringify(sandbox.workspaces.get(siteId)?.profileSnapshot());
const eventsIn = (siteId: string): number => sandbox.workspaces.get(siteId)?.eventIds.size ?? 0;

it('A second workspace gets what the first has, though everything was archived twice', async () => {
  world.standIn.faults.push('twice');
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old', 'new']));
  const { code, out, err } = await replay('--to-workspace new');
  await deliverAll(world.stage, sources(['old', 'new']));

  expect({ code, err }).toMatchObject({ code: 0 });
  expect(out).toContain('4 events put on the queue again.');
  expect(profilesOf('new')).toBe(profilesOf('old'));
  expect(eventsIn('new')).toBe(3);
});

it('Events of a workspace or a source that is gone are kept back, and it is said how they go all the same', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['new']));
  const ofWorkspace = await replay('--dry-run');
  world.stage.setSources([{ ...sources(['old'])[0], name: 'blog' }]);
  const ofSource = await replay('--dry-run --source shop');

  expect(ofWorkspace.out).toMatch(/4 +kept back: no such workspace any more/);
  expect(ofWorkspace.err.replace(/\s+/g, ' ')).toContain(
    'Of a workspace that is gone they go to another of the same source with --to-workspace: new.',
  );
  expect(ofSource.out).toMatch(/4 +kept back: no such source any more/);
  expect(ofSource.err.replace(/\s+/g, ' ')).toContain(
    'Of a source that is gone they go once the settings have a source of that name again.',
  );
});

it('Sent where they went, they change nothing: the same ids, the same times', async () => {
  await world.deliver(EVENTS, sources(['old']));
  const before = profilesOf('old');
  world.stage.setSources(sources(['old']));
  expect((await replay('--rate 2')).code).toBe(0);
  await deliverAll(world.stage, sources(['old']));

  expect(profilesOf('old')).toBe(before);
  expect(eventsIn('old')).toBe(3);
});

it('A rehearsal says what would be sent, what is there, and what is kept back, and sends nothing', async () => {
  const consent = { require: ['Marketing'], onMissing: 'deliver' };
  const refused = {
    ...EVENTS[1],
    messageId: 'r',
    context: { consent: { categoryPreferences: { Marketing: false } } },
  };
  const young = { type: 'track', userId: 'u2', event: 'Ordered', messageId: 'y' };
  await world.deliver([...EVENTS, refused, young], sources(['old'], { consent }));
  world.stage.setSources(
    sources(['old', 'new'], { consent, rules: [{ name: 'no pages', exclude: { type: 'page' } }] }),
  );
  const { code, out } = await replay('--dry-run --json');

  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    done: 0,
    wouldSend: 3,
    alreadyThere: 3,
    repeated: 0,
    keptBack: { 'refused consent': 1, 'younger than 72 hours': 1, 'skipped: excluded_by_rule': 1 },
  });
  expect(await world.stage.count('events')).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

it('Only what is meant is sent', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  const wouldSend = async (words: string): Promise<number> => {
    const { out } = await replay(`--dry-run --json ${words}`);
    return (JSON.parse(out) as { wouldSend: number }).wouldSend;
  };

  expect(await wouldSend('--type track')).toBe(2);
  expect(await wouldSend('--name Pricing')).toBe(1);
  expect(await wouldSend('--person u2')).toBe(1);
  expect(await wouldSend('--person ada@example.com')).toBe(1);
  expect(await wouldSend('--outcome dead_lettered')).toBe(0);
});

it('Of somebody suppressed nothing is sent, what came afterwards neither; once unsuppressed, what comes then', async () => {
  const of = (messageId: string, event: string, userId: string) => ({
    ...{ type: 'track', userId, event, messageId, timestamp: LONG_AGO },
  });
  await world.deliver([of('a', 'Ordered', 'Ada@example.com'), of('b', 'Ordered', 'u5')], sources(['old']));
  await world.deliver(
    [of('c', 'User Suppressed', 'ada@example.com'), of('d', 'User Suppressed', 'u5')],
    sources(['old']),
  );
  await world.deliver([of('e', 'User Unsuppressed', 'u5')], sources(['old']));
  await world.deliver(
    [of('f', 'Ordered', 'ADA@example.com'), of('g', 'Ordered', 'u5'), of('h', 'Ordered', 'u6')],
    sources(['old']),
  );
  world.stage.setSources(sources(['old']));
  await writeFile(join(folder, 'deleted.txt'), 'U6\nu6\n');
  const { out } = await replay('--dry-run --json');
  const listed = await replay(`--dry-run --json --deleted ${join(folder, 'deleted.txt')}`);

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 2, keptBack: { 'deleted since': 6 } });
  expect(JSON.parse(listed.out)).toMatchObject({ wouldSend: 1, keptBack: { 'deleted since': 7 } });
});

it('Who was deleted by another source of the same workspace stays away; of another workspace they are somebody else', async () => {
  const named = (name: string, siteId: string) => ({
    ...sources([siteId])[0],
    ...{ name, writeKey: name },
  });
  const all = [named('shop', 'old'), named('backend', 'old'), named('brand', 'new')];
  const gone = { type: 'track', userId: 'u1', event: 'User Deleted', messageId: 'e', timestamp: LONG_AGO };
  world.stage.setSources(all);
  await world.deliver(EVENTS, [all[0] ?? {}]);
  await world.deliver(EVENTS, [all[2] ?? {}]);
  await world.deliver([gone], [all[1] ?? {}]);
  const rehearsal = async (source: string) =>
    JSON.parse((await replay(`--dry-run --json --person u1 --source ${source}`)).out);

  expect(await rehearsal('shop')).toMatchObject({ wouldSend: 0, keptBack: { 'deleted since': 2 } });
  expect(await rehearsal('brand')).toMatchObject({ wouldSend: 2, keptBack: {} });
});

it('Nobody comes back who was forgotten, deleted at Customer.io, or is on the list of deleted people', async () => {
  const gone = { type: 'track', userId: 'u2', event: 'User Deleted', messageId: 'e', timestamp: LONG_AGO };
  await world.deliver([...EVENTS, gone], sources(['old']));
  world.stage.setSources(sources(['old']));
  await writeFile(join(folder, 'deleted.txt'), 'v3\n');
  expect((await world.stage.run('forget u1 --mask --yes')).code).toBe(0);
  const { out } = await replay(`--dry-run --json --deleted ${join(folder, 'deleted.txt')}`);

  expect(JSON.parse(out)).toMatchObject({
    wouldSend: 0,
    keptBack: { 'no event in the archive': 2, 'deleted since': 3 },
  });
});

it.each([
  ['--to-workspace nowhere', 'No source has a workspace "nowhere".'],
  ['--source other', 'No source "other" is in the settings, nor in s3://archive-of-test.'],
  ['--to 9d', '--from is not before --to, or not in the past.'],
])('A call with %s is refused', async (words, message) => {
  world.stage.setSources(sources(['old', 'new']));
  const { code, err } = await replay(words);

  expect(code).toBe(2);
  expect(err).toContain(message);
});

it('A checkpoint of other options is not taken for this one’s', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  await replay('--type track');
  const { code, err } = await replay('--type page');

  expect(code).toBe(2);
  expect(err.replace(/\s+/g, ' ')).toContain('is of another file, or of other options.');
});

it('A stage without an archive says how to get one', async () => {
  world.stage.setSources(sources(['old']));
  world.stage.parameters.versions.delete('/cio-relay/test/archive');
  const { code, err } = await replay('');

  expect(code).toBe(1);
  expect(err).toContain('The stage test has no archive.');
});

const lineAt = (receivedAt: string, messageId: string, workspace = 'old'): string =>
  `${JSON.stringify({
    ...{ receivedAt, endedAt: receivedAt, source: 'shop', workspace, outcome: 'delivered' },
    ...{ messageId, type: 'track' },
    event: { type: 'track', userId: messageId, event: 'Ordered', messageId, timestamp: LONG_AGO },
  })}\n`;

const partitionAt = (receivedAt: string): string =>
  `events/source=shop/day=${receivedAt.slice(0, 10)}/hour=${receivedAt.slice(11, 13)}`;

/** An object as Firehose brings it, with these events received then. */
const bring = (name: string, receivedAt: string, ids: readonly string[]) =>
  world.store.write(
    `${partitionAt(receivedAt)}/${name}.gz`,
    gzipSync(ids.map((messageId) => lineAt(receivedAt, messageId)).join('')),
  );

const HOUR_MS = 3_600_000;

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

const replayAll = (words = '') =>
  world.stage.run(`replay --from 9h --yes --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim());

/** What was put on the queue, and is taken off it. */
const queued = async (): Promise<string[]> => {
  const messages = await world.stage.takeAll('events');
  return messages
    .flatMap(({ Body: body = '' }) => (JSON.parse(body) as { batch: { messageId: string }[] }).batch)
    .map(({ messageId }) => messageId)
    .sort();
};

it('What Firehose brings late, of an hour that was passed, is sent by the same command', async () => {
  world.stage.setSources(sources(['old']));
  await bring('a', hoursAgo(8), ['a1']);
  await bring('b', hoursAgo(4), ['b1']);
  expect((await replayAll()).code).toBe(0);
  await bring('c', hoursAgo(8), ['c1']);
  const second = await replayAll();
  const third = await replayAll();

  expect(await queued()).toEqual(['a1', 'b1', 'c1']);
  expect(second.err).toContain('It was replayed before; 1 object came since.');
  expect(third.err).toContain('It was replayed before, says');
});

/** A replay that dies when so many events are sent. */
const replayUntil = async (events: number, words = ''): Promise<void> => {
  const dying = new AbortController();
  const running = world.stage.run(
    `replay --from 9h --yes --rate 2 --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim(),
    { signal: dying.signal },
  );
  const isThere = async () =>
    ((
      JSON.parse(await readFile(join(folder, 'checkpoint.json'), 'utf8').catch(() => '{}')) as {
        events?: number;
      }
    ).events ?? 0) >= events;
  while (!(await isThere())) await delay(20);
  dying.abort();
  await running;
};

const IDS = Array.from({ length: 8 }, (_, index) => `m${index}`);

it('An object that comes before the one at which it died is read too, and nothing is sent twice', async () => {
  world.stage.setSources(sources(['old']));
  await bring('a', hoursAgo(8), ['a1']);
  await bring('b', hoursAgo(4), IDS);
  await replayUntil(4);
  await bring('late', hoursAgo(8), ['l1']);
  const { code } = await world.stage.run(
    `replay --from 9h --yes --checkpoint ${join(folder, 'checkpoint.json')}`,
  );

  expect(code).toBe(0);
  expect(await queued()).toEqual(['a1', 'l1', ...IDS]);
});

it('Where somebody was forgotten between two runs, no line of another is passed over', async () => {
  world.stage.setSources(sources(['old']));
  await bring('b', hoursAgo(4), IDS);
  await replayUntil(4);
  await world.stage.run('forget m0 m1 --yes --only');
  expect((await replayAll()).code).toBe(0);

  expect([...new Set(await queued())]).toEqual(IDS);
});

it('Who is forgotten while it runs is not sent any more, and what came meanwhile is named', async () => {
  world.stage.setSources(sources(['old']));
  await bring('b', hoursAgo(4), IDS);
  const running = replayAll('--rate 2');
  await delay(1_500);
  const forgotten = await Forgotten.open(world.store);
  await forgotten.add(new Set([forgotten.fingerprintOf('m7')]), new Date());
  await bring('late', hoursAgo(8), ['l1']);
  const { err } = await running;

  expect(await queued()).toEqual(IDS.slice(0, 7));
  expect(err.replace(/\s+/g, ' ')).toContain('1 event came into the archive meanwhile');
});

it('From whenever it may be, it begins where the archive does', async () => {
  world.stage.setSources(sources(['old']));
  await bring('a', hoursAgo(8), ['a1']);
  for (const from of ['1970-01-01', '99999999999999d']) {
    const { code, out } = await world.stage.run(`replay --from ${from} --dry-run --json`);
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { wouldSend: 1 } });
  }
});

it('Without its list of deleted people it does not go on', async () => {
  world.stage.setSources(sources(['old']));
  await bring('a', hoursAgo(8), ['a1']);
  await writeFile(join(folder, 'deleted.txt'), 'u6\n');
  await replayAll(`--deleted ${join(folder, 'deleted.txt')}`);

  expect((await replayAll()).code).toBe(2);
});

it('Of a file that grows, as on this machine, no more than what is new is sent', async () => {
  world.stage.setSources(sources(['old']));
  const [archive, at] = [join(folder, 'archive'), hoursAgo(4)];
  const file = join(archive, partitionAt(at), '1.ndjson');
  await mkdir(join(archive, partitionAt(at)), { recursive: true });
  await appendFile(file, lineAt(at, 'm0') + lineAt(at, 'm1'));
  await replayAll(`--archive ${archive}`);
  await appendFile(file, lineAt(hoursAgo(0), 'after'));
  const second = await replayAll(`--archive ${archive}`);
  await appendFile(file, lineAt(at, 'm2'));
  const third = await replayAll(`--archive ${archive}`);

  expect(second.err).toContain('It was replayed before, says');
  expect(third.out).toContain('1 event put on the queue again.');
  expect(await queued()).toEqual(['m0', 'm1', 'm2']);
});

it('A folder that is not there has no events, which is told', async () => {
  world.stage.setSources(sources(['old']));
  for (const words of ['replay --from 9h --yes', 'forget somebody --yes']) {
    const { code, err } = await world.stage.run(`${words} --archive ${join(folder, 'typo')}`);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('There is no folder') });
  }
});

it('A folder or a bucket that is no archive has nobody to be forgotten, which is told', async () => {
  world.stage.setSources(sources(['old']));
  const words = ['trace u1', 'replay --from 9h --yes', 'forget u1 --yes', 'compare --from 9h --left none'];
  for (const place of [folder, 's3://archive-of-test'])
    for (const word of words) {
      const { code, err } = await world.stage.run(`${word} --archive ${place}`);
      expect({ code, err: err.replace(/\s+/g, ' ').trim() }).toEqual({
        code: 2,
        err: `${place} is no archive: there is no events/ in it. Give the folder or the bucket that has one.`,
      });
    }
  expect(await readdir(folder)).toEqual([]);
});

it('What both workspaces had is sent to one of them once, and said to be there', async () => {
  await world.deliver(EVENTS.slice(0, 2), sources(['old']));
  await world.deliver(EVENTS.slice(2), sources(['old', 'new']));
  world.stage.setSources(sources(['old', 'new']));
  const rehearsal = await replay('--to-workspace new --dry-run --json');
  const { out } = await replay('--to-workspace new --json');

  expect(JSON.parse(rehearsal.out)).toMatchObject({ wouldSend: 4, alreadyThere: 2 });
  expect(JSON.parse(out)).toEqual({ sent: 4 });
  expect(await world.stage.count('events')).toBe(1);
});

it('Where its checkpoint cannot be written nothing is sent', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  for (const path of [`${folder}/none/checkpoint.json`, folder]) {
    const { code, out, err } = await world.stage.run(`replay --from 1h --yes --checkpoint ${path}`);

    // Before the archive is read, which may take minutes.
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`${path} cannot be written`);
    expect(await world.stage.count('events')).toBe(0);
  }
});

it('A file that is no checkpoint is never taken for one, nor taken away', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  const path = join(folder, 'notes.json');
  await writeFile(path, '{"mine":1}');
  const command = `replay --from 1h --yes --checkpoint ${path}`;
  const ends = [await world.stage.run(command), await world.stage.run(`${command} --restart`)];

  for (const { code, err } of ends) expect({ code, err }).toMatchObject({ code: 2, err: NO_CHECKPOINT });
  expect(await readFile(path, 'utf8')).toBe('{"mine":1}');
  expect(await world.stage.count('events')).toBe(0);
});

const NO_CHECKPOINT = expect.stringContaining('is no checkpoint.');

it('A rehearsal of beginning anew leaves what is known of the replay', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  const path = join(folder, 'checkpoint.json');
  const command = `replay --from 1h --yes --checkpoint ${path}`;
  await world.stage.run(command);
  const known = await readFile(path, 'utf8');
  const { out } = await world.stage.run(`${command} --restart --dry-run --json`);
  const again = await world.stage.run(command);

  expect(JSON.parse(out)).toMatchObject({ done: 0, wouldSend: 4 });
  expect(await readFile(path, 'utf8')).toBe(known);
  expect(again.err).toContain('It was replayed before');
});

it('A second replay on the same checkpoint is refused while the first is at work, and goes on after it', async () => {
  world.stage.setSources(sources(['old']));
  await bring('b', hoursAgo(4), IDS);
  const first = replayAll('--rate 4');
  await delay(1_000);
  const second = await replayAll();
  const { code } = await first;
  const third = await replayAll();

  expect({ code: second.code, err: second.err.replace(/\s+/g, ' ') }).toEqual({
    code: 1,
    err: expect.stringContaining('checkpoint.json is in use by another command'),
  });
  expect({ first: code, third: third.code }).toEqual({ first: 0, third: 0 });
  expect(await queued()).toEqual(IDS);
});

it('What an earlier replay sent is not sent twice by the next, though both were archived', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  await replay('');
  await world.deliver([], sources(['old']));
  const { out } = await replay('--dry-run --json --restart');
  const told = await replay('--dry-run --restart');

  expect(JSON.parse(out)).toEqual({ done: 0, wouldSend: 4, alreadyThere: 4, repeated: 4, keptBack: {} });
  expect(told.out).toMatch(/4 +other lines of these, as a replay leaves them; each event counts once/);
  await replay('--restart');
  expect(await queued()).toEqual(['a', 'b', 'c', 'd']);
});

it('A dead letter that was delivered later is one event, and there already', async () => {
  world.stage.setSources(sources(['old']));
  const event = { type: 'track', userId: 'u1', event: 'Ordered', messageId: 'a', timestamp: LONG_AGO };
  const line = { messageId: 'a', type: 'track', workspace: 'old', event };
  await storeLine(world.store, { ...line, ago: 6 * HOUR_MS, outcome: 'dead_lettered', reason: 'rejected' });
  await storeLine(world.store, { ...line, ago: 3 * HOUR_MS });
  const { out } = await replayAll('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 1, alreadyThere: 1, repeated: 1 });
});

it('What privacy takes away since the first time makes no other event of it', async () => {
  const event = {
    ...{ type: 'track', userId: 'u1', event: 'Ordered', messageId: 'a', timestamp: LONG_AGO },
    properties: { ssn: '1', total: 2 },
  };
  const stricter = sources(['old']).map((source) => ({ ...source, privacy: { deny: ['ssn'] } }));
  await world.deliver([event], sources(['old']));
  await world.deliver([event], stricter);
  world.stage.setSources(stricter);
  const { out } = await replay('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 1, repeated: 1 });
});

it('However its numbers are spelled, an event is the same: a long one that privacy took away keeps the rest as it was', async () => {
  const stricter = sources(['old']).map((source) => ({ ...source, privacy: { deny: ['ssn'] } }));
  const properties = '{ "total": 1.0, "items": [ 2.50, 1e3 ], "ssn": 12345678901234567890 }';
  const event = `{ "type": "track", "userId": "u1", "event": "Ordered", "messageId": "a", "timestamp": "${LONG_AGO}", "properties": ${properties} }`;
  for (const settings of [sources(['old']), stricter]) {
    await world.stage.put('events', event);
    await world.deliver([], settings);
  }
  world.stage.setSources(stricter);
  const { out } = await replay('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 1, repeated: 1 });
});

it('A sender that got no answer has sent one event twice, unless its time is that of its arrival', async () => {
  const event = { type: 'track', userId: 'u1', event: 'Ordered', timestamp: LONG_AGO };
  for (const ago of [6 * HOUR_MS, 3 * HOUR_MS]) {
    const receivedAt = new Date(Date.now() - ago).toISOString();
    const arrived = { ago, workspace: 'old', type: 'track' };
    const again = { ...event, messageId: 'again', receivedAt };
    const timeless = { ...event, messageId: 'timeless', timestamp: receivedAt, receivedAt };
    await storeLine(world.store, { ...arrived, messageId: 'again', event: again });
    await storeLine(world.store, { ...arrived, messageId: 'timeless', event: timeless });
  }
  world.stage.setSources(sources(['old']));
  const { out } = await replayAll('--dry-run --json --allow-campaigns');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 3, repeated: 1 });
});

it('Other events with the same messageId and time are all sent', async () => {
  const of = (total: number) => ({ ...EVENTS[1], properties: { total } });
  await world.deliver([of(1), of(2)], sources(['old']));
  await world.deliver([of(1)], sources(['old']));
  world.stage.setSources(sources(['old']));
  const { out } = await replay('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 2, repeated: 1 });
});

it('What both workspaces had goes to one of them once, though the replay dies between its two lines', async () => {
  world.stage.setSources(sources(['old', 'new']));
  const at = hoursAgo(4);
  const lines = ['old', 'new'].flatMap((workspace) => IDS.map((id) => lineAt(at, id, workspace)));
  await world.store.write(`${partitionAt(at)}/b.gz`, gzipSync(lines.join('')));
  await replayUntil(4, '--to-workspace new');
  const { out } = await replayAll('--to-workspace new');

  expect(out).toContain('4 events put on the queue again.');
  expect(await queued()).toEqual(IDS);
});

it('A line that comes late, of an event that was sent from another line of it, is passed over', async () => {
  world.stage.setSources(sources(['old']));
  await bring('b', hoursAgo(4), ['m0', 'm1']);
  await replayAll();
  await bring('late', hoursAgo(8), ['m1', 'm2']);
  const { out } = await replayAll();

  expect(out).toContain('1 event put on the queue again.');
  expect(await queued()).toEqual(['m0', 'm1', 'm2']);
});

it('A name with blanks around it deletes as the bare one does, and so does one that a rule makes of another', async () => {
  const renaming = sources(['old'], { rules: [{ name: 'r', rename: { 'Account Closed': 'User Deleted' } }] });
  const of = (messageId: string, event: string, userId: string) => ({
    ...{ type: 'track', userId, event, messageId, timestamp: LONG_AGO },
  });
  await world.deliver([of('a', 'Ordered', 'u1'), of('b', ' Ordered ', 'u2')], renaming);
  await world.deliver([of('c', ' User Deleted ', 'u1'), of('d', 'Account Closed', 'u2')], renaming);
  world.stage.setSources(renaming);
  const { out } = await replay('--dry-run --json');
  const named = await replay('--dry-run --json --name Ordered');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 0, keptBack: { 'deleted since': 4 } });
  expect(JSON.parse(named.out)).toMatchObject({ keptBack: { 'deleted since': 2 } });
});

it('Who was deleted by one id stays away by the others that stood beside it, and whoever shares those does not', async () => {
  world.stage.setSources(sources(['old']));
  const put = (ago: number, event: { readonly messageId: string; readonly [field: string]: unknown }) =>
    storeLine(world.store, {
      ...{ ago: ago * HOUR_MS, workspace: 'old', messageId: event.messageId, type: event['type'] },
      event: { timestamp: LONG_AGO, ...event },
    });
  const ordered = (messageId: string, userId: string) => ({
    ...{ type: 'track', userId, event: 'Ordered', messageId },
  });
  const email = 'Ada@example.com';
  const identify = (messageId: string, userId: string) => ({
    ...{ type: 'identify', userId, traits: { email }, messageId },
  });
  await put(7, ordered('a', 'old-1'));
  await put(7, ordered('b', email));
  await put(6, identify('c', 'u1'));
  await put(5, { type: 'alias', previousId: 'old-1', userId: 'u1', messageId: 'd' });
  await put(4, { ...ordered('e', 'u1'), event: 'User Deleted' });
  await put(3, ordered('f', email));
  await put(6, identify('g', 'u2'));
  await put(6, ordered('h', 'u2'));
  const { out } = await replayAll('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 3, keptBack: { 'deleted since': 5 } });
});

it('What happened before somebody was deleted stays away, though it was sent again after that', async () => {
  world.stage.setSources(sources(['old']));
  const received = hoursAgo(6);
  const of = (messageId: string, more: object = {}) => ({
    ...{ type: 'track', userId: 'u1', event: 'Ordered', messageId, timestamp: LONG_AGO, ...more },
  });
  const line = { type: 'track', workspace: 'old', outcome: 'dead_lettered', reason: 'rejected' };
  const gone = { type: 'track', userId: 'u1', event: 'User Deleted', messageId: 'g', timestamp: LONG_AGO };
  // A dead letter that was sent again and became one again; what a producer put, and what ingest took.
  for (const ago of [6 * HOUR_MS, 2 * HOUR_MS])
    await storeLine(world.store, { ...line, ago, messageId: 'put', event: of('put') });
  await storeLine(world.store, {
    ...{ ...line, ago: 2 * HOUR_MS, messageId: 'taken' },
    event: of('taken', { receivedAt: received }),
  });
  await storeLine(world.store, { ...line, ago: HOUR_MS, messageId: 'anew', event: of('anew') });
  await storeLine(world.store, {
    ...line,
    ago: 4 * HOUR_MS,
    messageId: 'g',
    outcome: 'delivered',
    event: gone,
  });
  const { out } = await replayAll('--dry-run --json');

  expect(JSON.parse(out)).toMatchObject({ wouldSend: 1, repeated: 1, keptBack: { 'deleted since': 3 } });
});

it('Of an event that is kept back the other lines are no more events, and of a dead letter it is said that it is there', async () => {
  world.stage.setSources(sources(['old']));
  const of = (messageId: string, userId: string) => ({
    ...{ type: 'track', userId, event: 'Ordered', messageId, timestamp: LONG_AGO },
  });
  const line = { type: 'track', workspace: 'old' };
  const deadLetter = { ...line, outcome: 'dead_lettered', reason: 'rejected' };
  // An id that a bug made, three times a dead letter; and two that were delivered, before or after.
  for (const ago of [6, 5, 4])
    await storeLine(world.store, {
      ...deadLetter,
      ago: ago * HOUR_MS,
      messageId: 'a',
      event: of('a', 'undefined'),
    });
  await storeLine(world.store, { ...deadLetter, ago: 6 * HOUR_MS, messageId: 'b', event: of('b', 'u1') });
  await storeLine(world.store, { ...line, ago: 4 * HOUR_MS, messageId: 'b', event: of('b', 'u1') });
  await storeLine(world.store, { ...line, ago: 6 * HOUR_MS, messageId: 'c', event: of('c', 'u1') });
  await storeLine(world.store, { ...deadLetter, ago: 4 * HOUR_MS, messageId: 'c', event: of('c', 'u1') });
  const keptBack = { 'rejected: illegal_identifier': 1 };
  const all = await replayAll('--dry-run --json');
  const deadLetters = await replayAll('--dry-run --json --outcome dead_lettered');

  expect(JSON.parse(all.out)).toEqual({ done: 0, wouldSend: 2, alreadyThere: 2, repeated: 4, keptBack });
  expect(JSON.parse(deadLetters.out)).toEqual({
    ...{ done: 0, wouldSend: 2, alreadyThere: 2, repeated: 2, keptBack },
  });
});

it('With --json it answers as well where there is nothing to send, or nothing any more', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  const nothing = { done: 0, wouldSend: 0, alreadyThere: 0, repeated: 0, keptBack: {} };
  const answer = async (words: string) => JSON.parse((await replay(`--json ${words}`)).out);

  expect(await answer('--type alias --dry-run')).toEqual(nothing);
  expect(await answer('--type alias')).toEqual({ sent: 0 });
  expect(await answer('')).toEqual({ sent: 4 });
  expect(await answer('--dry-run')).toEqual({ ...nothing, done: 4 });
  expect(await answer('')).toEqual({ sent: 0 });
});

it('A deletion that became a dead letter is left to whoever looks after its order, which is said', async () => {
  world.stage.setSources(sources(['old']));
  const of = (event: string, userId: string) => ({
    ...{ type: 'track', userId, event, messageId: event + userId, timestamp: LONG_AGO },
  });
  const line = { type: 'track', workspace: 'old', ago: 4 * HOUR_MS };
  const deadLetter = { ...line, outcome: 'dead_lettered', reason: 'rejected' };
  await storeLine(world.store, { ...line, messageId: 'a', event: of('Ordered', 'u1') });
  for (const name of ['User Deleted', 'User Suppressed', 'User Unsuppressed'])
    await storeLine(world.store, { ...deadLetter, messageId: name, event: of(name, name) });
  const { out } = await replayAll('--dry-run --json');
  const { err } = await replayAll('--dry-run');

  expect(JSON.parse(out)).toMatchObject({
    wouldSend: 1,
    keptBack: { 'itself a deletion or suppression': 3 },
  });
  expect(err.replace(/\s+/g, ' ')).toContain(
    'Deletions and suppressions that became dead letters go by npx relay dead-letters retry.',
  );
});
