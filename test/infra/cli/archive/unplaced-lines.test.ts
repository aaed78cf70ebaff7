// Lines that Firehose could not place: every command that reads the archive finds them where they lie.

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { mockClient } from 'aws-sdk-client-mock';
import { ERRORS_PREFIX } from '../../../../infra/archive/layout';
import { unpackedText } from '../../../../infra/archive/read';
import { scan } from '../../../../infra/cli/archive/scan';
import {
  EVENTS,
  folder,
  hoursAgo,
  IDS,
  lineAt,
  queued,
  replay,
  replayAll,
  replayUntil,
  sandbox,
  sources,
  useReplayWorld,
  world,
} from '../../../support/replay-world';

useReplayWorld();

const athena = mockClient(AthenaClient);

beforeEach(() => athena.reset());

/** All that is delivered then is of more sources and hours than Firehose has places for. */
const deliverUnplaced = async (events: readonly object[] = EVENTS): Promise<void> => {
  world.standIn.faults.push('unplaced');
  await world.deliver(events, sources(['old']));
  world.stage.setSources(sources(['old']));
};

/** As Firehose writes a record: many lines of it, or one. */
const envelope = (lines: string): string =>
  JSON.stringify({ attemptsMade: 1, rawData: Buffer.from(lines).toString('base64') });

const storeUnplaced = (name: string, day: string, records: readonly string[]): Promise<void> =>
  world.store.write(
    `${ERRORS_PREFIX}activePartitionExceeded/${day.slice(0, 10)}/${name}.gz`,
    gzipSync(records.map((record) => `${envelope(record)}\n`).join('')),
  );

const keys = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of world.store.list('')) found.push(key);
  return found;
};

it('A trace finds an event and a person among them, whether it reads the objects or asks Athena', async () => {
  await deliverUnplaced();
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status: { State: 'SUCCEEDED' } } });
  athena.on(GetQueryResultsCommand).resolves({ ResultSet: { Rows: [] } });
  const traced = await Promise.all(
    ['trace b --json --scan', 'trace u1 --json --scan', 'trace b --json', 'trace u1 --json'].map((words) =>
      world.stage.run(words),
    ),
  );
  const ids = traced.map(({ out }) =>
    (JSON.parse(out) as { lines: { messageId: string }[] }).lines.map(({ messageId }) => messageId).sort(),
  );

  expect((await keys()).filter((key) => key.startsWith('events/'))).toEqual([]);
  expect(ids).toEqual([['b'], ['a', 'b'], ['b'], ['a', 'b']]);
});

it('A replay sends them, each event once, though a part of them was placed as well', async () => {
  await world.deliver(EVENTS.slice(0, 2), sources(['old']));
  await deliverUnplaced();
  const { code, out, err } = await replay('--json');

  expect({ code, err, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { sent: EVENTS.length } });
  expect(await queued()).toEqual(EVENTS.map(({ messageId }) => messageId).sort());
});

it('A replay that is killed within one of their objects goes on in it, and sends nothing twice', async () => {
  world.stage.setSources(sources(['old']));
  const at = hoursAgo(5);
  await storeUnplaced('a', at, [
    IDS.slice(0, 5)
      .map((id) => lineAt(at, id))
      .join(''),
  ]);
  await storeUnplaced(
    'b',
    at,
    IDS.slice(5).map((id) => lineAt(at, id).trimEnd()),
  );
  await replayUntil(2);
  const first = await queued();
  const { code } = await replayAll();

  expect(code).toBe(0);
  expect([...first, ...(await queued())].sort()).toEqual(IDS);
});

it('Who was deleted by an event among them does not come back', async () => {
  world.stage.setSources(sources(['old']));
  const deletion = { type: 'track', userId: 'm1', event: 'User Deleted', messageId: 'd' };
  const line = { ...JSON.parse(lineAt(hoursAgo(1), 'd')), event: deletion };
  const at = hoursAgo(5);
  await storeUnplaced('a', at, [lineAt(at, 'm1') + lineAt(at, 'm2')]);
  await storeUnplaced('b', hoursAgo(1), [JSON.stringify(line)]);
  await replayAll();

  expect(await queued()).toEqual(['m2']);
});

it('Of another source, another time, and days that had passed by then none is told', async () => {
  const [from, until] = ['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'];
  const other = JSON.stringify({ ...JSON.parse(lineAt(from, 'other')), source: 'blog' });
  const inTime = ['2026-11-20T00:00:00.000Z', '2026-11-20T23:59:59.999Z']
    .map((at) => lineAt(at, at))
    .join('');
  const outside = ['2026-11-19T23:59:59.999Z', until].map((at) => lineAt(at, at)).join('');
  // An object has the day of what came first in it.
  await storeUnplaced('first', '2026-11-19', [inTime + outside, other]);
  await storeUnplaced('late', '2026-11-27', [lineAt('2026-11-20T12:00:00.000Z', 'late')]);
  await storeUnplaced('before', '2026-11-18', [lineAt('2026-11-20T12:00:00.000Z', 'impossible')]);
  await world.store.write(`${ERRORS_PREFIX}by-hand/note.txt`, Buffer.from('not a line'));
  const ids: string[] = [];
  const options = {
    sources: ['shop'],
    range: { fromMs: Date.parse(from), untilMs: Date.parse(until) },
    signal: new AbortController().signal,
    onBroken: () => {},
  };
  for await (const { messageId } of scan(world.store, options)) ids.push(messageId);

  expect(ids).toEqual(['2026-11-20T00:00:00.000Z', '2026-11-20T23:59:59.999Z', 'late']);
});

it.each([
  ['records', (lines: readonly string[]) => lines.map((line) => envelope(line)).join('')],
  ['lines in a record', (lines: readonly string[]) => envelope(lines.join(''))],
  ['lines as they came', (lines: readonly string[]) => lines.join('')],
])('%s with nothing between them are told apart, and others than the forgotten stay', async (_, written) => {
  world.stage.setSources(sources(['old']));
  const at = hoursAgo(5);
  const tricky = { ...JSON.parse(lineAt(at, 'm2')), detail: 'ends in }{' };
  const lines = [lineAt(at, 'm1').trimEnd(), JSON.stringify(tricky), lineAt(at, 'm3').trimEnd()];
  const key = `${ERRORS_PREFIX}activePartitionExceeded/${at.slice(0, 10)}/a`;
  await world.store.write(key, Buffer.from(written(lines)));
  const { out } = await world.stage.run('trace m2 --json --scan');
  await world.stage.run('forget m2 --yes');
  await replayAll();

  expect(JSON.parse(out)).toMatchObject({ lines: [{ messageId: 'm2', detail: 'ends in }{' }] });
  expect(await queued()).toEqual(['m1', 'm3']);
  const left = unpackedText(key, String(await world.store.read(key)));
  expect(left.match(/"messageId":"m\d","type"/g)).toHaveLength(2);
  expect(left).not.toContain('m2');
});

it('They are compared, and forgotten without a trace', async () => {
  await deliverUnplaced(EVENTS.map(({ timestamp: _, ...event }) => event));
  const left = `--left ${sandbox.url}/sandbox/activity?workspace=old`;
  const compared = await world.stage.run(`compare --from 1h ${left}`);
  const { code } = await world.stage.run(`forget u1 --yes --report ${join(folder, 'report.json')}`);
  const { out } = await world.stage.run('trace u1 --scan');
  const { out: rest } = await world.stage.run('trace u2 --json --scan');

  expect(compared.out).toBe('The archive and what is held agree.\n');
  expect(code).toBe(0);
  expect(out).toContain('Nothing of it');
  expect(JSON.parse(rest)).toMatchObject({ lines: [{ messageId: 'c' }] });
});
