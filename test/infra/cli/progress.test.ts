// How far an import says it is: by what is on the queue, not by what is read ahead.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openInput } from '../../../infra/cli/import/input';
import { bar, timeLeft } from '../../../infra/cli/progress';

it('draws a bar and says how long it takes, where the whole is known', () => {
  expect(bar(250, 1_000)).toBe('[#####---------------] 25 %');
  expect(timeLeft(250, 1_000, 60_000)).toBe('3 min left');
  expect([bar(250, undefined), bar(0, 0), timeLeft(0, 1_000, 60_000), timeLeft(1, 0, 1)]).toEqual([
    '',
    '',
    '',
    '',
  ]);
});

it('counts what is done with of a small file that was read at once, gzip too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-progress-'));
  const lines = Array.from({ length: 100 }, (_, index) => `{"line":${String(index).padStart(5, '0')}}`);
  const content = Buffer.from(`${lines.join('\n')}\n`);
  for (const bytes of [content, gzipSync(content)]) {
    const path = join(folder, 'a.ndjson');
    await writeFile(path, bytes);
    const input = await openInput(path, Readable.from([]));
    let processed = 0;
    for await (const record of input.records) {
      processed += 'text' in record ? record.text.length + 1 : 0;
      if (record.line === 25) break;
    }
    expect(input.bytesDone(processed)).toBeCloseTo(bytes.length / 4, 0);
  }
  await rm(folder, { recursive: true });
});

it('counts of CSV what is done with, and of an array no more than was read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-progress-'));
  const rows = Array.from({ length: 99 }, (_, index) => `${String(index).padStart(5, '0')},ä\n`);
  const csv = join(folder, 'a.csv');
  await writeFile(csv, `id   ,ä\n${rows.join('')}`);
  const json = join(folder, 'a.json');
  await writeFile(json, JSON.stringify(Array.from({ length: 50_000 }, (_, index) => ({ index }))));
  const doneAt = async (path: string, part: number): Promise<number> => {
    const input = await openInput(path, Readable.from([]));
    for await (const { line, end = 0 } of input.records)
      if (line === part) return input.bytesDone(end) / (input.size ?? 1);
    return Number.NaN;
  };
  expect(await doneAt(csv, 25)).toBeCloseTo(0.25, 2);
  expect(await doneAt(json, 5_000)).toBeLessThan(0.5);
  expect(await doneAt(json, 50_000)).toBe(1);
  await rm(folder, { recursive: true });
});
