// Replays through the real queue and consumer into a second workspace of the sandbox: what is sent, and what is said.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deliverAll } from '../../../support/deliver-queue';
import {
  bring,
  EVENTS,
  folder,
  hoursAgo,
  replay,
  sandbox,
  sources,
  useReplayWorld,
  world,
} from '../../../support/replay-world';

useReplayWorld();

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
  const ofAll = await replay('--dry-run');

  expect(ofWorkspace.out).toMatch(/4 +kept back: no such workspace any more/);
  expect(ofWorkspace.err.replace(/\s+/g, ' ')).toContain(
    'Of a workspace that is gone they go to another of the same source with --to-workspace: new.',
  );
  expect(ofSource.out).toMatch(/4 +kept back: no such source any more/);
  expect(ofAll.out).toMatch(/4 +kept back: no such source any more/);
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

it('A stage without an archive says how to get one', async () => {
  world.stage.setSources(sources(['old']));
  world.stage.parameters.versions.delete('/cio-relay/test/archive');
  const { code, err } = await replay('');

  expect(code).toBe(1);
  expect(err).toContain('The stage test has no archive.');
});

it('From whenever it may be, it begins where the archive does', async () => {
  world.stage.setSources(sources(['old']));
  await bring('a', hoursAgo(8), ['a1']);
  for (const from of ['1970-01-01', '99999999999999d']) {
    const { code, out } = await world.stage.run(`replay --from ${from} --dry-run --json`);
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { wouldSend: 1 } });
  }
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
