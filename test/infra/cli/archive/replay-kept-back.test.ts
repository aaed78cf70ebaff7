// What a replay keeps back: of whoever was deleted, suppressed or forgotten since.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Forgotten } from '../../../../infra/cli/archive/forgotten';
import { storeLine } from '../../../support/archived-stage';
import {
  bring,
  EVENTS,
  folder,
  HOUR_MS,
  hoursAgo,
  IDS,
  LONG_AGO,
  queued,
  replay,
  replayAll,
  sources,
  useReplayWorld,
  world,
} from '../../../support/replay-world';

useReplayWorld();

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

it('What a form has for no email keeps nobody away, though somebody was deleted who had that too', async () => {
  world.stage.setSources(sources(['old']));
  const form = { context: { traits: { email: 'n/a' } } };
  const put = (ago: number, messageId: string, event: object) =>
    storeLine(world.store, {
      ...{ ago: ago * HOUR_MS, workspace: 'old', messageId, type: 'track' },
      event: { type: 'track', event: 'Ordered', messageId, timestamp: LONG_AGO, ...form, ...event },
    });
  await put(7, 'a', { userId: 'u1' });
  await put(7, 'b', { userId: 'u2' });
  await put(7, 'c', { anonymousId: 'v3' });
  await put(6, 'd', { userId: 'u1', event: 'User Deleted' });
  await replayAll();

  expect(await queued()).toEqual(['b', 'c']);
});

it('An id is one though its sender writes it in the place of an email too', async () => {
  world.stage.setSources(sources(['old']));
  const put = (ago: number, messageId: string, event: object) =>
    storeLine(world.store, {
      ...{ ago: ago * HOUR_MS, workspace: 'old', messageId, type: 'track' },
      event: { type: 'track', event: 'Ordered', messageId, timestamp: LONG_AGO, ...event },
    });
  const ada = { userId: 'ada', context: { traits: { email: 'ada' } } };
  await put(7, 'a', ada);
  await put(7, 'b', { userId: 'bob' });
  await put(6, 'd', { ...ada, event: 'User Deleted' });
  await replayAll();

  expect(await queued()).toEqual(['b']);
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
    'Deletions and suppressions that became dead letters go by: npx relay dead-letters retry --stage test',
  );
});
