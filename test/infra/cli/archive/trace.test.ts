import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { mockClient } from 'aws-sdk-client-mock';
import { queryFor } from '../../../../infra/cli/archive/athena';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from '../../../support/archived-stage';

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

it('A person’s last events are found by an id, and no more than asked for', async () => {
  expect((await traced('u1 --limit 1')).lines).toMatchObject([{ event: { userId: 'u1' } }]);
});

it('A dead letter is shown beside its line', async () => {
  const { out } = await world.stage.run('trace c --scan');

  expect(out).toMatch(/dead_lettered +shop +track +missing_event_name/);
  expect(out).toMatch(/Dead letter [\w-]+: missing_event_name/);
});

it('Where there is nothing, it says where to look', async () => {
  const { code, out, err } = await world.stage.run('trace nobody --scan');

  expect(code).toBe(0);
  expect(out).toBe('Nothing of it in the archive, nor among the dead letters.\n');
  expect(err).toContain('--from 30d');
});

it('Athena is asked on a stage, and its answer is read', async () => {
  const names =
    'receivedat endedat source workspace outcome reason detail attempts messageid type event eventleftout';
  const values = [
    ...[
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T10:00:01.000Z',
      'shop',
      undefined,
      'delivered',
      undefined,
      undefined,
    ],
    ...['1', 'b', 'track', '{"type":"track","userId":"u1","event":"Ordered"}', undefined],
  ];
  const row = (cells: readonly (string | undefined)[]) => ({
    Data: cells.map((text) => (text === undefined ? {} : { VarCharValue: text })),
  });
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status: { State: 'SUCCEEDED' } } });
  athena
    .on(GetQueryResultsCommand)
    .resolvesOnce({ ResultSet: { Rows: [row(names.split(' '))] }, NextToken: 'more' })
    .resolves({ ResultSet: { Rows: [row(values)] } });
  const { out } = await world.stage.run('trace u1 --json');

  expect(JSON.parse(out)).toMatchObject({
    lines: [{ messageId: 'b', event: { userId: 'u1' }, attempts: 1 }],
  });
  expect(athena.commandCalls(StartQueryExecutionCommand)[0]?.args[0].input).toMatchObject({
    ResultConfiguration: { OutputLocation: 's3://archive-of-test/athena/' },
  });
});

it('A query of Athena’s that fails says what to do instead', async () => {
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena
    .on(GetQueryExecutionCommand)
    .resolves({ QueryExecution: { Status: { State: 'FAILED', StateChangeReason: 'no table' } } });
  const { code, err } = await world.stage.run('trace u1');

  expect(code).toBe(1);
  expect(err).toContain('Athena did not answer: no table.\nRead the objects themselves: --scan.');
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
