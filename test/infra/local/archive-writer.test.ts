import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../../infra/archive/folder-store';
import { appendTo } from '../../../infra/local/archive-folder';

const PREFIX = 'events/source=s/day=2026-03-01/hour=10/';

it('A line that is appended while its file is rewritten stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archive-writer-'));
  const append = appendTo(folder, 1);
  const store = folderStore(folder);
  const key = `${PREFIX}1-0001.ndjson`;
  await append(PREFIX, ['theirs'.padEnd(2_000_000, '.')]);
  let isWriting = true;
  const writing = (async () => {
    for (let line = 0; line < 200; line += 1) await append(PREFIX, [`line ${line}`]);
    isWriting = false;
  })();
  let round = 0;
  while (isWriting) {
    round += 1;
    await store.change(key, (content) => Buffer.from(`${content}forgotten ${round}\n`));
  }
  await writing;
  const lines = new Set(String(await store.read(key)).split('\n'));
  await rm(folder, { recursive: true });

  expect(Array.from({ length: 200 }, (_, line) => `line ${line}`).filter((line) => !lines.has(line))).toEqual(
    [],
  );
});
