import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendTo } from '../../../infra/local/archive-folder';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-archive-folder-'));
});

afterEach(() => rm(folder, { recursive: true }));

it('Lines that many invocations bring at once stay lines, however much each brings', async () => {
  const append = appendTo(folder);
  // A file is written half a megabyte at a time.
  const lines = Array.from({ length: 12 }, (_, call) =>
    Array.from({ length: 1_500 }, (_, index) => JSON.stringify({ call, index, text: 'x'.repeat(600) })),
  );
  await Promise.all(lines.map((ofCall) => append('hour/', ofCall)));
  const files = await readdir(join(folder, 'hour'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, 'hour', file), 'utf8')));
  const stored = texts.flatMap((text) => text.trimEnd().split('\n'));

  expect(files.length).toBeGreaterThan(1);
  expect(stored.toSorted()).toEqual(lines.flat().toSorted());
});
