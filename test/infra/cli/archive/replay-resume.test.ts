// What a replay knows of an earlier one by its checkpoint: after a kill, of late objects, beside another.

import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  bring,
  EVENTS,
  folder,
  hoursAgo,
  IDS,
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

const NO_CHECKPOINT = expect.stringContaining('is no checkpoint.');

it('A checkpoint of other options is not taken for this one’s', async () => {
  await world.deliver(EVENTS, sources(['old']));
  world.stage.setSources(sources(['old']));
  await replay('--type track');
  const { code, err } = await replay('--type page');

  expect(code).toBe(2);
  expect(err.replace(/\s+/g, ' ')).toContain('is of another file, or of other options.');
});

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
