import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from '../../../support/archived-stage';
import { startServer } from '../../../support/http-server';

let world: ArchivedStage;
let sandbox: Sandbox;
let folder: string;

beforeEach(async () => {
  world = await startArchivedStage();
  sandbox = await startSandbox({ workspaces: [{ siteId: 'old', apiKey: 'k' }] });
  folder = await mkdtemp(join(tmpdir(), 'relay-compare-'));
  world.stage.setSources([source()]);
  world.standIn.faults.push('twice');
  await world.deliver(
    [
      { type: 'identify', userId: 'u1', traits: { plan: 'pro' }, messageId: 'a' },
      { type: 'track', userId: 'u1', event: 'Ordered', messageId: 'b' },
      { type: 'track', userId: 'u2', event: 'Ordered', messageId: 'c' },
      { type: 'page', userId: 'u2', name: 'Pricing', messageId: 'd' },
    ],
    [source()],
  );
});

afterEach(async () => {
  await Promise.all([world.stop(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

afterAll(stopStandIn);

const source = () => ({
  name: 'shop',
  writeKey: 'w',
  siteId: 'old',
  apiKey: 'k',
  trackUrl: sandbox.url,
  archive: 'events',
});

const left = () => `--left ${sandbox.url}/sandbox/activity?workspace=old`;

it('A workspace that has all of it agrees', async () => {
  const { code, out } = await world.stage.run(`compare --from 1h ${left()}`);

  expect({ code, out }).toEqual({ code: 0, out: 'The archive and what is held agree.\n' });
});

it('Who became one person there is no difference: a visitor who was identified, two who were merged', async () => {
  const events = [
    { type: 'page', anonymousId: 'v9', name: 'Docs', messageId: 'e' },
    { type: 'identify', userId: 'u9', anonymousId: 'v9', messageId: 'f' },
    { type: 'page', userId: 'u9', name: 'Docs', messageId: 'g' },
    { type: 'track', userId: 'old-u1', event: 'Before', messageId: 'h' },
    { type: 'alias', userId: 'u1', previousId: 'old-u1', messageId: 'i' },
  ];
  for (const event of events) await world.deliver([event], [source()]);
  const one = await world.stage.run(`compare --from 1h ${left()}`);
  const two = await world.stage.run(
    `compare --from 1h --all --json ${left()} ${left().replace('left', 'right')}`,
  );

  expect(one).toMatchObject({ code: 0, out: 'The archive and what is held agree.\n' });
  expect(two.code).toBe(0);
  expect(JSON.parse(two.out).counts[0]).toMatchObject({ name: '(people)', archive: 5, held: [3, 3] });
});

it('What the archive has and cannot be counted is told: outcomes alone, and of a source that is gone', async () => {
  await world.deliver(
    [{ type: 'track', userId: 'u1', event: 'Told', messageId: 'o' }],
    [{ ...source(), archive: 'outcomes' }],
  );
  const outcomes = await world.stage.run(`compare --from 1h ${left()}`);
  world.stage.setSources([{ ...source(), name: 'other' }]);
  const gone = await world.stage.run(`compare --from 1h ${left()}`);
  const rule = { name: 'none', exclude: { event: 'Ordered' } };
  world.stage.setSources([{ ...source(), rules: [rule] }]);
  const skipped = await world.stage.run(`compare --from 1h ${left()}`);

  expect(outcomes.err.replace(/\s+/g, ' ')).toContain('Not counted: 1 delivered line, without its event.');
  expect(skipped.err.replace(/\s+/g, ' ')).toContain(
    'Not counted: 2 delivered lines, of what the settings of now do not deliver.',
  );
  expect(gone.err.replace(/\s+/g, ' ')).toContain(
    'Not counted: 4 delivered lines, of what the settings no longer have.',
  );
});

it('Of one name it counts no other, neither in the archive nor where it is held', async () => {
  const { code, out, err } = await world.stage.run(`compare --from 1h --name Ordered --all --json ${left()}`);

  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    counts: [
      { name: '(people)', archive: 2, held: [2] },
      { name: 'Ordered', archive: 2, held: [2] },
    ],
  });
});

it.each(['--type track', '--person u1', '--outcome delivered'])(
  'What cannot be told of an export is no option: %s',
  async (words) => {
    expect(await world.stage.run(`compare --from 1h ${words} ${left()}`)).toMatchObject({ code: 2 });
  },
);

it('Of a second one it is shown by day and name what is missing', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const day = new Date(now * 1_000).toISOString().slice(0, 10);
  const activity = { name: 'Ordered', timestamp: now, identifiers: { id: 'u1' } };
  await writeFile(join(folder, 'new.ndjson'), `${JSON.stringify(activity)}\n`);
  const { code, out, err } = await world.stage.run(
    `compare --from 1h ${left()} --right ${join(folder, 'new.ndjson')} --json`,
  );

  expect(code).toBe(1);
  expect(err).toContain('3 counts of 3 differ.');
  expect((JSON.parse(out) as { counts: unknown }).counts).toEqual([
    { day, name: '(people)', archive: 2, held: [2, 1] },
    { day, name: 'Ordered', archive: 2, held: [2, 1] },
    { day, name: 'Pricing', archive: 1, held: [1, 0] },
  ]);
});

it.each([
  ['a file that is not there', '--left /no/such/file', 2, 'There is no file /no/such/file.'],
  ['an address where nobody is', '--left http://127.0.0.1:1/x', 1, '127.0.0.1:1/x does not answer: bad port'],
  ['an address that has nothing', '--left <sandbox>/nothing', 1, 'answered 404.'],
])('%s is said to be so', async (_, words, exit, message) => {
  const { code, err } = await world.stage.run(`compare --from 1h ${words.replace('<sandbox>', sandbox.url)}`);

  expect(code).toBe(exit);
  expect(err).toContain(message);
});

it.each(['compare --left none', 'trace b', 'replay --from 1h --dry-run', 'forget u1 --dry-run'])(
  'A file is no archive: %s',
  async (words) => {
    const place = join(folder, 'file');
    await writeFile(place, '');
    const from = words.startsWith('compare') ? ' --from 1h' : '';
    const { code, err } = await world.stage.run(`${words}${from} --archive ${place}`);

    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('is no folder.\nGive s3://') });
  },
);

it('A replay reads who was deleted before it reads anything else', async () => {
  const { code, err } = await world.stage.run(`replay --from 1h --restart --yes --deleted ${folder}`);

  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('is a folder.\nGive a file with') });
});

it('A folder is no file', async () => {
  const { code, err } = await world.stage.run('compare --from 1h --left /tmp');

  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining('/tmp is a folder.\nName a file in it'),
  });
});

it.each(['<html>', '{"people":[]}'])('An address that answers %s has no activities', async (body) => {
  const page = await startServer((_, response) => response.end(body));
  const { code, err } = await world.stage.run(`compare --from 1h --left ${page.url}`);
  await page.close();

  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('has no activities.') });
});

const now = (): number => Math.floor(Date.now() / 1_000);
const held = () => [
  { name: 'Ordered', timestamp: now(), customer_id: 'u1' },
  { name: 'Ordered', timestamp: now() * 1_000, customer_identifiers: { id: 'u2', email: 'b@x.example' } },
  { name: 'Pricing', timestamp: new Date().toISOString(), identifiers: { id: 'u2' } },
];

it.each([
  ['an array', (rows: readonly object[]) => JSON.stringify(rows, null, 2)],
  ['gzip', (rows: readonly object[]) => gzipSync(rows.map((row) => JSON.stringify(row)).join('\n'))],
  [
    'a table with a mark of its encoding',
    () => `\ufeffname,timestamp,customer_id\nOrdered,${now()},u1\nOrdered,${now()},u2\nPricing,${now()},u2\n`,
  ],
])('An export may be %s', async (_, write) => {
  const path = join(folder, 'export');
  await writeFile(path, write(held()));
  const { code, out, err } = await world.stage.run(`compare --from 1h --left ${path}`);

  expect({ code, out, err }).toMatchObject({ code: 0, out: 'The archive and what is held agree.\n' });
});

it('What cannot be counted is told, and an event may be called as the people are', async () => {
  const path = join(folder, 'export.ndjson');
  const odd = [{ name: '(people)', timestamp: now(), customer_id: 'u1' }, { name: 'Ordered' }, 'text', null];
  await writeFile(path, [...held(), ...odd].map((row) => JSON.stringify(row)).join('\n'));
  const { out, err } = await world.stage.run(`compare --from 1h --left ${path} --json`);

  expect(err.replace(/\n/g, ' ')).toContain(`${path}: 3 of 7 have no name or no time, and are not counted.`);
  expect(JSON.parse(out)).toMatchObject({ counts: [{ name: '(people)', archive: 0, held: [1] }] });
});
