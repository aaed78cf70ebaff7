import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { relayCli, startStage } from '../../../support/relay-cli';

const SHOP = {
  name: 'shop',
  writeKey: 'w',
  siteId: 's',
  apiKey: 'k',
  hashSalt: 'a long random string',
  consent: { require: ['Marketing'] },
  privacy: { deny: ['password'] },
  rules: [
    { name: 'no staging', exclude: { when: { field: 'context.app.environment', equals: 'staging' } } },
    { name: 'orders', rename: { 'Order Completed': 'Purchase' } },
    { name: 'hash the email', hash: ['traits.email'] },
    { name: 'misspelt', drop: ['traits.emial'] },
  ],
};
const TWO = {
  name: 'two',
  writeKey: 'w2',
  destinations: [
    {
      name: 'eu',
      siteId: 'eu',
      apiKey: 'k',
      rules: [{ name: 'only the EU', include: { when: { field: 'context.timezone', matches: 'Europe/*' } } }],
    },
    { name: 'us', siteId: 'us', apiKey: 'k' },
  ],
};
const WRONG = { name: 'wrong', writeKey: 'w3', siteId: 's', apiKey: 'k', rules: [{ name: 'idle' }] };

const REFUSED = { consent: { categoryPreferences: { Marketing: false } } };
const SAMPLE = [
  { type: 'track', userId: 'u1', event: 'Order Completed', properties: { total: 7, password: 'x' } },
  { type: 'identify', userId: 'u1', traits: { email: 'ada@example.com' } },
  { type: 'track', userId: 'u1', event: 'Viewed', context: { app: { environment: 'staging' } } },
  { type: 'track', userId: 'u1', event: 'Viewed', context: REFUSED },
  { type: 'track', userId: 'u1', event: 'Viewed', context: { timezone: 'Europe/Paris' } },
];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-rules-'));
  await writeFile(join(folder, 'sources.json'), JSON.stringify([SHOP, TWO, WRONG]));
  await writeFile(join(folder, 'sample.ndjson'), linesOf(SAMPLE));
});

afterEach(() => rm(folder, { recursive: true }));

const linesOf = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** Of a sample that is given, else of the file. */
const tryRules = (argv: string, sample?: string | Buffer) =>
  relayCli(
    [
      'rules',
      'test',
      sample === undefined ? join(folder, 'sample.ndjson') : '-',
      '--settings',
      join(folder, 'sources.json'),
      ...argv.split(' ').filter((word) => word !== ''),
    ],
    { stdin: Readable.from(sample === undefined ? [] : [Buffer.from(sample)]) },
  );

it('says what would be delivered, changed and skipped, and what each rule did', async () => {
  const { code, out, err } = await tryRules('');

  expect({ code, err }).toEqual({ code: 0, err: 'Nothing was sent.\n' });
  expect(out.replaceAll(folder, '')).toMatchInlineSnapshot(`
"/sample.ndjson: 5 events

Source shop

events  lines  what becomes of it
2       1, 2   delivered, changed
1       3      skipped: excluded_by_rule
1       4      skipped: consent_refused
1       5      delivered, unchanged

events  lines  what each rule did
1       4      consent: skipped the event
1       1      privacy: removed what never leaves
1       3      no staging: skipped the event
1       1      orders: renamed the event
1       2      hash the email: hashed traits.email
0              misspelt: nothing
"
`);
});

it('answers the same in JSON', async () => {
  const { code, out } = await tryRules('--json');

  expect(code).toBe(0);
  const once = (line: number) => ({ count: 1, lines: [line] });
  expect(JSON.parse(out)).toEqual({
    file: join(folder, 'sample.ndjson'),
    events: 5,
    results: [
      {
        source: 'shop',
        fates: {
          'delivered, changed': { count: 2, lines: [1, 2] },
          'skipped: excluded_by_rule': once(3),
          'skipped: consent_refused': once(4),
          'delivered, unchanged': once(5),
        },
        rules: [
          { rule: 'consent', did: { 'skipped the event': once(4) } },
          { rule: 'privacy', did: { 'removed what never leaves': once(1) } },
          { rule: 'no staging', did: { 'skipped the event': once(3) } },
          { rule: 'orders', did: { 'renamed the event': once(1) } },
          { rule: 'hash the email', did: { 'hashed traits.email': once(2) } },
          { rule: 'misspelt', did: {} },
        ],
      },
    ],
  });
});

it('shows each event with the operation it becomes, where that is asked for', async () => {
  const { out } = await tryRules('--events');

  expect(out).toContain('Line 1, source shop: delivered, changed\n  privacy: removed what never leaves\n');
  expect(out).toContain('"name":"Purchase"');
  expect(out).toContain('"attributes":{"total":7}');
  expect(out).toContain('Line 3, source shop: skipped: excluded_by_rule\n  no staging: skipped the event\n');
});

it('shows each event as a line of JSON, and the summary last', async () => {
  const { out } = await tryRules('--events --json');

  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(6);
  expect(lines[2]).toEqual({
    line: 3,
    source: 'shop',
    fate: 'skipped: excluded_by_rule',
    steps: [{ rule: 'no staging', did: 'skipped the event' }],
    operations: [],
  });
  expect(lines[5]).toMatchObject({ events: 5 });
});

it('tells the workspaces of a source apart, and takes one of them alone', async () => {
  const both = JSON.parse((await tryRules('--source two --json')).out);
  const [eu, us] = both.results;
  const { fates } = eu;

  expect(fates['skipped: excluded_by_rule']).toMatchObject({ count: 4 });
  expect(us).toMatchObject({ workspace: 'us', rules: [], fates: { 'delivered, unchanged': { count: 5 } } });
  const { out } = await tryRules('--source two --workspace us');
  expect(out).toContain('Source two/us');
  expect(out).toContain('It has no rules.');
  expect(out).not.toContain('two/eu');
});

it.each([
  ['a line that is no JSON', '{"type":', 'rejected: invalid_json'],
  ['an event of nobody', '{"type":"track","event":"A"}', 'rejected: missing_identifier'],
  ['what is no event', 'null', 'rejected: invalid_event'],
  [
    'an event that is too large',
    JSON.stringify({ type: 'track', userId: 'u1', event: 'A', properties: { text: 'x'.repeat(33_000) } }),
    'rejected: operation_too_large',
  ],
])('fails for %s, because it would be a dead letter', async (_, line, fate) => {
  const { code, out, err } = await tryRules('--json', `${linesOf(SAMPLE)}${line}\n`);

  expect(code).toBe(1);
  expect(err).toContain('1 event would be a dead letter.\nWith --events');
  expect(JSON.parse(out).results[0].fates[fate]).toEqual({ count: 1, lines: [6] });
});

it('says with an event what would be wrong with it', async () => {
  const { out } = await tryRules('--events', '{"type":"track","event":"A"}');

  expect(out.replace(/\s+/g, ' ')).toContain('rejected: missing_identifier, userId or anonymousId: expected');
});

it.each([
  ['gzip', gzipSync(linesOf(SAMPLE))],
  ['a JSON array', JSON.stringify(SAMPLE)],
  ['a batch on one line', JSON.stringify({ batch: SAMPLE })],
  ['a batch on several lines', JSON.stringify({ batch: SAMPLE }, undefined, 2)],
  ['objects on several lines', SAMPLE.map((one) => JSON.stringify(one, undefined, '\t')).join('\r\n\r\n')],
  [
    'such after a byte order mark',
    `\uFEFF${SAMPLE.map((one) => JSON.stringify(one, undefined, 2)).join('\n')}`,
  ],
])('reads %s', async (_, sample) => {
  const { code, out } = await tryRules('--json', sample);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ events: 5 });
});

it('reads an event of the examples, which stands on several lines, and sends nothing', async () => {
  const settings = ['--settings', join(folder, 'sources.json')];
  const { code, out } = await relayCli(['rules', 'test', 'examples/track.json', ...settings]);

  expect(code).toBe(0);
  expect(out).toContain('examples/track.json: 1 event\n');
});

it('names of an object on several lines the one on which it begins', async () => {
  const wrong = '{\n  "type": "track",\n  "event": "A"\n}\n';
  const broken = '{\n  "type": track\n}\n';
  const { code, out } = await tryRules('--events --json', `${wrong}\n${broken}${wrong}`);

  expect(code).toBe(1);
  const events = out
    .trim()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(events.map(({ line, fate }) => [line, fate])).toEqual([
    [1, 'rejected: missing_identifier'],
    [6, 'rejected: invalid_json'],
    [9, 'rejected: missing_identifier'],
  ]);
});

it('reads an event of a delivery metric, which is no operation of a batch', async () => {
  const event = { type: 'track', userId: 'u1', event: 'Report Delivery Event' };
  const metric = { ...event, properties: { deliveryId: 'd1', metric: 'clicked' } };

  const { out } = await tryRules('--events --json', JSON.stringify(metric));

  expect(JSON.parse(out.split('\n')[0] ?? '').operations).toEqual([
    expect.objectContaining({ metric: 'clicked' }),
  ]);
});

it.each([
  ['a sample without events', '', '\n', 2, 'holds no event'],
  ['CSV', '', 'userId,plan\nu1,pro\n', 2, 'is no JSON'],
  ['a source that is not there', '--source blog', '{}', 2, 'Choose with --source: shop, two, wrong.'],
  ['a workspace that is not there', '--source two --workspace x', '{}', 2, '--workspace: eu, us.'],
  ['a workspace of a source that has one', '--workspace eu', '{}', 2, 'It has one, which needs no name.'],
  ['a source with a mistake', '--source wrong', '{}', 1, 'must have exactly one of include'],
  ['settings that are not there', '--settings nowhere.json', '{}', 1, 'There is no file nowhere.json.'],
])('fails for %s, and says what to do', async (_, argv, sample, exitCode, text) => {
  const { code, out, err } = await tryRules(argv, sample);

  expect({ code, out }).toEqual({ code: exitCode, out: '' });
  expect(err).toContain(text);
});

it.each([
  ['nowhere.ndjson', 'There is no file nowhere.ndjson.'],
  ['.', '. is a folder.'],
])('fails for %s, which is no file', async (path, text) => {
  const { code, err } = await relayCli(['rules', 'test', path, '--settings', join(folder, 'sources.json')]);

  expect(code).toBe(1);
  expect(err).toContain(text);
});

it('stops at Ctrl-C', async () => {
  const path = join(folder, 'sample.ndjson');
  const argv = ['rules', 'test', path, '--settings', join(folder, 'sources.json')];

  expect(await relayCli(argv, { signal: AbortSignal.abort() })).toMatchObject({
    code: 130,
    err: 'Interrupted.\nNothing was sent.\n',
  });
});

it('takes the rules in force where no file of settings is given, and puts nothing on a queue', async () => {
  const stage = await startStage();
  stage.setSources([SHOP]);

  const { code, out } = await stage.run(`rules test ${join(folder, 'sample.ndjson')} --json`);

  expect(code).toBe(0);
  expect(JSON.parse(out).results).toMatchObject([{ source: 'shop' }]);
  expect(await stage.count('events')).toBe(0);
  await stage.stop();
});
