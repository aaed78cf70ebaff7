import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { mockClient } from 'aws-sdk-client-mock';
import { folderStore } from '../../../../infra/archive/folder-store';
import { queryFor } from '../../../../infra/cli/archive/athena';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from '../../../support/archived-stage';
import { relayCli } from '../../../support/relay-cli';

let world: ArchivedStage;
let sandbox: Sandbox;
const athena = mockClient(AthenaClient);

beforeEach(async () => {
  athena.reset();
  world = await startArchivedStage();
  sandbox = await startSandbox();
  world.stage.setSources([source()]);
  await world.deliver(
    [
      { type: 'identify', userId: 'u1', traits: { email: 'ada@example.com' }, messageId: 'a' },
      { type: 'track', userId: 'u1', event: 'Ordered', messageId: 'b' },
      { type: 'track', userId: 'u2', event: '', messageId: 'c' },
    ],
    [source()],
  );
});

afterEach(() => Promise.all([world.stop(), sandbox.close()]));
afterAll(stopStandIn);

const source = () => ({
  name: 'shop',
  writeKey: 'w',
  siteId: 'local',
  apiKey: 'local',
  trackUrl: sandbox.url,
  archive: 'events',
});

const traced = async (words: string) =>
  JSON.parse((await world.stage.run(`trace ${words} --scan --json`)).out);

it('An event is found by its messageId, with what became of it', async () => {
  expect(await traced('b')).toMatchObject({
    lines: [{ messageId: 'b', outcome: 'delivered', attempts: 1, event: { userId: 'u1' } }],
    deadLetters: [],
    queue: { waiting: 0, inFlight: 0 },
  });
});

it('Whoever refused consent is found by the messageId alone, which a search for the person says', async () => {
  const context = { consent: { categoryPreferences: { mail: false } } };
  const refused = { type: 'track', userId: 'opted-out', event: 'A', messageId: 'refused', context };
  await world.deliver([refused], [{ ...source(), consent: { require: ['mail'] } }]);

  const { out, err } = await world.stage.run('trace opted-out --scan');
  expect(out).toBe('Nothing of it in the archive, nor among the dead letters.\n');
  expect(err.replace(/\s+/g, ' ')).toContain('refused consent nobody is kept: only its messageId finds it.');
  expect(await traced('refused')).toMatchObject({
    lines: [{ outcome: 'skipped', reason: 'consent_refused' }],
  });
});

it('Two events that were given the same messageId are both found', async () => {
  const of = (event: string) => ({ type: 'track', userId: 'u3', event, messageId: 'same' });
  await world.deliver([of('First'), of('Second')], [source()]);

  expect((await traced('same')).lines).toMatchObject([
    { event: { event: 'First' } },
    { event: { event: 'Second' } },
  ]);
});

it('Where the archive has outcomes alone, two of one messageId are told apart by what became of them', async () => {
  const outcomes = { ...source(), archive: 'outcomes' };
  const of = (event: string, userId: string) => ({ type: 'track', userId, event, messageId: 'same' });
  await world.deliver([of('', 'u3'), of('First', 'undefined')], [outcomes]);
  const { lines } = await traced('same');

  expect(lines.map(({ reason }: { reason: string }) => reason).sort()).toEqual([
    'illegal_identifier',
    'missing_event_name',
  ]);
});

it('A person’s last events are found by an id, and no more than asked for, which is said', async () => {
  const { out, err } = await world.stage.run('trace u1 --limit 1 --scan --json');

  expect(JSON.parse(out)).toMatchObject({
    lines: [{ event: { userId: 'u1' } }],
    alsoNamed: expect.any(Array),
  });
  expect(JSON.parse(out).lines).toHaveLength(1);
  expect(err).toContain('These are the newest 1: there may be older ones');
});

it('A dead letter is shown beside its line', async () => {
  const { out } = await world.stage.run('trace c --scan');

  expect(out).toMatch(/dead_lettered +shop +track +missing_event_name/);
  expect(out).toMatch(/Dead letter [\w-]+: missing_event_name/);
  expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});

it('Where the queues cannot be looked at, what the archive knows is told all the same, and it fails', async () => {
  const env = { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9' };
  const { code, out, err } = await world.stage.run('trace b --scan', { env });
  const json = await world.stage.run('trace b --scan --json', { env });

  expect([code, json.code]).toEqual([1, 1]);
  expect(out).toContain('messageId b');
  expect(err).not.toContain('On the queue');
  expect(err.replace(/\s+/g, ' ')).toContain('The dead letters and the queue were not looked at:');
  expect(JSON.parse(json.out)).toMatchObject({ lines: [{ messageId: 'b' }] });
  expect(JSON.parse(json.out)).not.toHaveProperty('deadLetters');
});

it('Below its row stands the messageId to copy, and when the event was received', async () => {
  const messageId = `ajs-next-${'0123456789abcdef'.repeat(5)}`;
  await world.deliver([{ type: 'track', userId: 'u9', event: 'Paid', messageId }], [source()]);
  const { out } = await world.stage.run('trace u9 --scan');
  const { lines } = await traced('u9');
  const received = `${lines[0].receivedAt.slice(0, 19)}Z`;

  expect(out).toMatch(/delivered +shop +track Paid\n/);
  expect(out).toContain(`\n  received ${received}\n  messageId ${messageId}\n`);
  expect((await world.stage.run('trace b --scan')).out).toMatch(/\n {2}received [\d:TZ-]+, messageId b\n/);
});

it('Of an event that is not in the archive as it was, it is said', async () => {
  const now = new Date().toISOString();
  const line = { receivedAt: now, endedAt: now, source: 'shop', outcome: 'delivered', type: 'track' };
  const lines = [
    { ...line, messageId: 'changed', event: { userId: 'u8' }, eventChanged: true },
    { ...line, messageId: 'left-out', eventLeftOut: 'too_large' },
  ].map((one) => JSON.stringify(one));
  const folder = `events/source=shop/day=${now.slice(0, 10)}/hour=${now.slice(11, 13)}`;
  await world.store.write(`${folder}/1.gz`, gzipSync(`${lines.join('\n')}\n`));
  const changed = await world.stage.run('trace changed --scan');
  const leftOut = await world.stage.run('trace left-out --scan');

  expect(changed.out).toContain('messageId changed\n  eventChanged: a mention of somebody forgotten');
  expect(leftOut.out).toContain('messageId left-out\n  eventLeftOut: too_large\n');
});

it('An email is the same in any case, and its lines lead to those that do not have it', async () => {
  const { out, err } = await world.stage.run('trace ADA@Example.com --scan --from 2d');

  expect(out).toContain('identify');
  expect(out).not.toContain('Ordered');
  expect(err).toContain('\n  npx relay trace --stage test --from 2d --scan u1\n');
});

it('What an event has for an id is quoted for the shell, and what a terminal would act on is not told', async () => {
  const ids = ["it's $(me)", '-rf', '\u001b[2J', 'a\u202eb'];
  await world.deliver(
    ids.map((userId, index) => ({ type: 'page', userId, anonymousId: 'many', messageId: `id-${index}` })),
    [source()],
  );
  const { err } = await world.stage.run('trace many --scan');

  expect(err).toContain("\n  npx relay trace --stage test --scan 'it'\\''s $(me)'\n");
  expect(err).toContain('\n  npx relay trace --stage test --scan -- -rf\n');
  expect(err).not.toContain('\u001b');
  expect(err).not.toContain('\u202e');
});

it('What a bug has made of an id, or a form of an email, is no other id of the person', async () => {
  const shared = { userId: 'undefined', context: { traits: { email: 'n/a' } } };
  await world.deliver(
    [{ ...shared, type: 'identify', traits: { email: 'eve@example.com' }, messageId: 'e' }],
    [source()],
  );

  expect(await traced('eve@example.com')).toMatchObject({ lines: [{ messageId: 'e' }], alsoNamed: [] });
});

it('A blank is nothing to look for', async () => {
  const { code, out, err } = await relayCli(['trace', ' ', '--stage', 'test'], { env: world.stage.env });

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('There is nothing to look for.');
});

it('Nothing that an event or a dead letter holds is done to the terminal, as a table or as JSON', async () => {
  const evil = 'a\u001b]0;title\u0007\u001b[2J\u009b2J\u001b[31m\nforged\u202e';
  await world.deliver([{ type: 'track', userId: 'evil-one', event: evil, messageId: 'evil' }], [source()]);
  await world.stage.put('dead-letters', '{"type":"track","userId":"evil-one"}', {
    ...{ reason: 'missing_event_name', source: 'shop', failedAt: new Date().toISOString() },
    detail: `of ${evil}`,
  });
  const table = await world.stage.run('trace evil-one --scan');
  const json = await world.stage.run('trace evil-one --scan --json');
  const refused = await world.stage.run(`trace evil-one --source \u001b[2J\u001b[31m`);

  for (const { out, err } of [table, json, refused]) expect(out + err).not.toMatch(/[\p{Cc}\u202e](?<!\n)/u);
  expect(table.out).not.toMatch(/^forged/m);
  expect((JSON.parse(json.out) as { lines: { event: unknown }[] }).lines[0]?.event).toMatchObject({
    event: evil,
  });
});

it('What is no object of the archive, or the half of one, does not keep the rest from being found', async () => {
  const hour = new Date().toISOString();
  const folder = `events/source=shop/day=${hour.slice(0, 10)}/hour=${hour.slice(11, 13)}`;
  const whole = gzipSync(
    `${JSON.stringify({
      ...{ receivedAt: hour, endedAt: hour, source: 'shop', outcome: 'delivered', messageId: 'whole' },
      event: { type: 'track', userId: 'u1' },
    })}\n${randomBytes(10_000).toString('base64')}\n`,
  );
  await world.store.write(`${folder}/0-cut.gz`, whole.subarray(0, whole.length - 2_000));
  await world.store.write(`${folder}/0-broken.gz`, Buffer.from([0x1f, 0x8b, 0xff, 0xff]));
  await world.store.write(`${folder}/0-empty.gz`, Buffer.alloc(0));
  await world.store.write(`${folder}/0-foreign.png`, randomBytes(1_000));
  const { code, out, err } = await world.stage.run('trace u1 --scan --json');
  const ids = JSON.parse(out).lines.map(({ messageId }: { messageId: string }) => messageId);

  expect(code).toBe(0);
  expect(ids.sort()).toEqual(['a', 'b', 'whole']);
  expect(err.replace(/\n/g, ' ')).toContain(`${folder}/0-broken.gz is broken: it is passed over.`);
});

it('A source that nobody knows is told, and one that only the archive knows is not', async () => {
  const { code, err } = await world.stage.run('trace b --scan --source shpo');
  world.stage.setSources([{ ...source(), name: 'other' }]);

  expect(code).toBe(2);
  expect(err).toContain('No source "shpo" is in the settings, nor in s3://archive-of-test.');
  expect(err).toContain('Choose with --source: shop.');
  expect((await traced('b --source shop')).lines).toHaveLength(1);
});

it('Of all sources are those too that the settings have no more, or cannot use', async () => {
  const broken = { ...source(), apiKey: '' };
  world.stage.setSources([{ ...source(), name: 'other' }]);
  const renamed = await traced('b');
  world.stage.setSources([broken, { ...source(), name: 'other', writeKey: 'other' }]);
  const mistaken = await traced('b');
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status: { State: 'SUCCEEDED' } } });
  athena.on(GetQueryResultsCommand).resolves({ ResultSet: { Rows: [] } });
  await world.stage.run('trace b');
  const copy = await mkdtemp(join(tmpdir(), 'relay-trace-'));
  for await (const { key } of world.store.list('events/'))
    await folderStore(copy).write(key, (await world.store.read(key)) ?? Buffer.alloc(0));
  const copied = await traced(`b --archive ${copy}`);
  await rm(copy, { recursive: true });

  expect(copied.lines).toMatchObject([{ messageId: 'b', source: 'shop' }]);
  expect(renamed.lines).toMatchObject([{ messageId: 'b', source: 'shop' }]);
  expect(mistaken.lines).toMatchObject([{ messageId: 'b', source: 'shop' }]);
  expect(athena.commandCalls(StartQueryExecutionCommand)[0]?.args[0].input.QueryString).toContain(
    `source IN ('other', 'shop')`,
  );
});

it('Where there is nothing, it says where to look', async () => {
  const { code, out, err } = await world.stage.run('trace nobody --scan');

  expect(code).toBe(0);
  expect(out).toBe('Nothing of it in the archive, nor among the dead letters.\n');
  expect(err).toContain('--from 30d');
});

const NAMES =
  'receivedat endedat source workspace outcome reason detail attempts messageid type event eventleftout eventchanged';

/** Of Athena's results; a cell without a value is undefined. */
const row = (cells: readonly (string | undefined)[]) => ({
  Data: cells.map((text) => (text === undefined ? {} : { VarCharValue: text })),
});

const rowOf = (messageId: string, event: string) => {
  const [receivedAt, endedAt] = ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:01.000Z'];
  return row([
    ...[receivedAt, endedAt, 'shop', undefined, 'delivered', undefined, undefined, '1'],
    ...[messageId, 'track', event, undefined, 'true'],
  ]);
};

it('Athena is asked on a stage, its answer is read, and a line that is there twice is told once', async () => {
  const line = rowOf('b', '{"type":"track","userId":"u1","event":"Ordered"}');
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena.on(GetQueryExecutionCommand).resolves({
    QueryExecution: { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 12_300_000 } },
  });
  athena
    .on(GetQueryResultsCommand)
    .resolvesOnce({ ResultSet: { Rows: [row(NAMES.split(' ')), line] }, NextToken: 'more' })
    .resolves({ ResultSet: { Rows: [line, rowOf('c', '{"userId":"u2","properties":{"by":"u1"}}')] } });
  const { out, err } = await world.stage.run('trace u1 --json');
  const nothing = await world.stage.run('trace u3');

  expect(nothing.err.replace(/\s+/g, ' ')).toContain('one key twice: --scan reads the objects themselves.');
  expect(err).not.toContain('--scan');
  expect(JSON.parse(out).lines).toMatchObject([
    { messageId: 'b', event: { userId: 'u1' }, eventChanged: true, attempts: 1 },
  ]);
  expect(JSON.parse(out).lines).toHaveLength(1);
  expect(err).toContain('Athena read 12 MB for it.');
  expect(athena.commandCalls(StartQueryExecutionCommand)[0]?.args[0].input).toMatchObject({
    ResultConfiguration: { OutputLocation: 's3://archive-of-test/athena/' },
  });
});

it('A query of Athena’s that fails or is refused says what to do instead', async () => {
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena
    .on(GetQueryExecutionCommand)
    .resolves({ QueryExecution: { Status: { State: 'FAILED', StateChangeReason: 'no table' } } });
  const failed = await world.stage.run('trace u1');
  athena
    .on(StartQueryExecutionCommand)
    .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));
  const refused = await world.stage.run('trace u1');

  expect([failed.code, refused.code]).toEqual([1, 1]);
  expect(failed.err).toContain('Athena did not answer: no table.\nRead the objects themselves: --scan.');
  expect(refused.err.replace(/\n/g, ' ')).toContain(
    'Athena did not answer: AccessDeniedException: not authorized. The permissions that it takes are in docs/archive.md. Read the objects themselves: --scan.',
  );
});

it('A query that nobody waits for any more is stopped, so that no more of it is billed', async () => {
  const interruption = new AbortController();
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena.on(GetQueryExecutionCommand).callsFake(() => {
    interruption.abort();
    return { QueryExecution: { Status: { State: 'RUNNING' } } };
  });
  const { code } = await world.stage.run('trace u1', { signal: interruption.signal });

  expect(code).toBe(130);
  expect(athena.commandCalls(StopQueryExecutionCommand).map(({ args }) => args[0].input)).toEqual([
    { QueryExecutionId: 'q' },
  ]);
});

it('What is asked for stands in the query as a literal, whatever it is', () => {
  const query = queryFor(
    { database: 'd', table: 't' },
    `x' OR '1'='1`,
    ['shop', 'blog'],
    { fromMs: Date.parse('2026-03-01T10:00:00Z'), untilMs: Date.parse('2026-03-03T00:00:00Z') },
    20,
  );

  expect(query).toContain(`messageid = 'x'' OR ''1''=''1'`);
  expect(query).toContain(`source IN ('shop', 'blog')`);
  expect(query).toContain(`day BETWEEN '2026-03-01' AND '2026-03-03'`);
});
