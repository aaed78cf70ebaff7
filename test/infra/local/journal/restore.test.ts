import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../../../infra/archive/folder-store';
import { readLetter } from '../../../../infra/cli/dead-letters/letter';
import { appendTo, removeOldDays } from '../../../../infra/local/archive-folder';
import { Journal } from '../../../../infra/local/journal/journal';
import { restoreJournal } from '../../../../infra/local/journal/restore';
import { archiveIn } from '../../../../lib/archive/firehose';
import { headOf, tailOf } from '../../../../lib/archive/line';
import { type StandIn, startStandIn, useStandIn } from '../../../support/archive-stand-in';

const NOW = Date.parse('2026-03-10T12:00:00.000Z');
const HOUR_MS = 3_600_000;

let folder: string;
let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn((prefix, lines) => appendTo(folder)(prefix, lines));
  useStandIn(standIn);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cio-relay-restore-'));
});

afterEach(() => rm(folder, { recursive: true }));
afterAll(() => standIn.close());

const lineOf = (messageId: string, receivedAtMs: number, source = 'shop'): string =>
  headOf({
    receivedAtMs,
    endedAtMs: receivedAtMs + 1_000,
    source,
    workspace: undefined,
    outcome: 'dead_lettered',
    reason: 'missing_event_name',
    detail: 'event: is empty',
    attempts: 1,
  }) +
  tailOf({ messageId, type: 'track', event: `{"type":"track","userId":"u-${messageId}","event":"Ordered"}` });

const archived = (...lines: readonly string[]) => archiveIn('local')?.put(lines, AbortSignal.timeout(10_000));

it('After a restart the page shows what was archived before, in its order, with its fate and its times', async () => {
  await archived(lineOf('b', NOW), lineOf('a', NOW - 30 * HOUR_MS, 'other'), lineOf('c', NOW + HOUR_MS));
  const journal = new Journal({ capacity: 100 });
  await restoreJournal(journal, folderStore(folder));

  expect(journal.list().map(({ messageId }) => messageId)).toEqual(['a', 'b', 'c']);
  expect(journal.list()[1]).toMatchObject({
    at: NOW,
    fateAt: NOW + 1_000,
    fate: 'dead_lettered',
    reason: 'missing_event_name',
    detail: 'event: is empty',
    person: 'u-b',
    name: 'Ordered',
    source: 'shop',
  });
  expect(journal.tallies().size).toBe(0);
});

it('A dead letter that waits is shown too where the archive has none of it, as of those that the door gave up', async () => {
  await archived(lineOf('archived', NOW));
  const letterOf = (messageId: string, body: string) =>
    readLetter({
      MessageId: `sqs-${messageId}`,
      Body: body,
      MessageAttributes: Object.fromEntries(
        Object.entries({
          ...{ reason: 'invalid_event', detail: 'type: expected a type', source: 'shop', messageId },
          failedAt: new Date(NOW + 500).toISOString(),
        }).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    });
  const journal = new Journal({ capacity: 100 });
  await restoreJournal(journal, folderStore(folder), [
    {
      door: 'queue',
      letters: [letterOf('archived', '{}'), letterOf('at-the-door', '{"type":"trakc","userId":"u"}')],
    },
    { door: 'webhook', letters: [letterOf('report', 'no JSON')] },
  ]);

  expect(journal.list()).toMatchObject([
    { messageId: 'at-the-door', fate: 'dead_lettered', reason: 'invalid_event', person: 'u', at: NOW + 500 },
    { messageId: 'report', door: 'webhook', fate: 'dead_lettered' },
    { messageId: 'archived', fate: 'dead_lettered', reason: 'missing_event_name' },
  ]);
});

it('A start without an archive, or with a line that was being written, is a start', async () => {
  const journal = new Journal({ capacity: 100 });
  await restoreJournal(journal, folderStore(join(folder, 'nothing')));
  await appendTo(folder)('events/source=s/day=2026-03-10/hour=12/', [
    lineOf('a', NOW),
    '{"receivedAt":"2026',
  ]);
  await restoreJournal(journal, folderStore(folder));

  expect(journal.list().map(({ messageId }) => messageId)).toEqual(['a']);
});

it('Days of more than a week ago are removed', async () => {
  const day = 24 * HOUR_MS;
  await archived(lineOf('old', NOW - 8 * day), lineOf('new', NOW - 6 * day));
  await removeOldDays(folder, NOW);

  expect(await readdir(join(folder, 'events/source=shop'))).toEqual(['day=2026-03-04']);
});

it('So are those of what could not be placed, and what a file manager leaves behind is no source', async () => {
  const store = folderStore(folder);
  for (const day of ['2026-03-02', '2026-03-04'])
    await store.write(`errors/processing-failed/${day}/a`, Buffer.from('{}'));
  await store.write('events/.DS_Store', Buffer.from('of a file manager'));
  await removeOldDays(folder, NOW);

  expect(await readdir(join(folder, 'errors/processing-failed'))).toEqual(['2026-03-04']);
});

it('A file that has enough is followed by another, and none is lost', async () => {
  const append = appendTo(folder);
  const place = 'events/source=s/day=2026-03-10/hour=12/';
  const line = lineOf('m'.repeat(1_000), NOW, 's');
  for (let count = 0; count < 5; count += 1)
    await append(
      place,
      Array.from({ length: 2_000 }, () => line),
    );
  const sizes: number[] = [];
  for await (const { bytes } of folderStore(folder).list(place)) sizes.push(bytes);

  expect(sizes).toHaveLength(3);
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(10_000 * (line.length + 1));
});
