// However many lines the archive has of an event, a replay sends it to a workspace once.

import { gzipSync } from 'node:zlib';
import { storeLine } from '../../../support/archived-stage';
import {
  bring,
  EVENTS,
  HOUR_MS,
  hoursAgo,
  IDS,
  LONG_AGO,
  lineAt,
  partitionAt,
  queued,
  replay,
  replayAll,
  replayUntil,
  sources,
  useReplayWorld,
  world,
} from '../../../support/replay-world';

useReplayWorld();

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
