import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWNER_ALONE, writeNewFile } from '../../../infra/cli/new-file';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-new-file-'));
  path = join(folder, 'new.json');
});

afterEach(() => rm(folder, { recursive: true }));

it('has its name once it is whole, and not before', async () => {
  let namesWhileWriting: string[] = [];
  await writeNewFile(path, async (file) => {
    await file.writeFile('whole');
    namesWhileWriting = await readdir(folder);
  });

  expect(namesWhileWriting).toEqual([`new.json.${process.pid}.unfinished`]);
  expect(await readdir(folder)).toEqual(['new.json']);
  expect(await readFile(path, 'utf8')).toBe('whole');
});

it('leaves nothing when it cannot be written to its end, and says what became of it', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const writing = writeNewFile(path, async (file) => {
    await file.writeFile('a part');
    throw full;
  });

  await expect(writing).rejects.toBe(full);
  expect(await readdir(folder)).toEqual([]);
});

it('is refused where there is one, before anything is written', async () => {
  await writeFile(path, 'of somebody');
  const fill = jest.fn();

  await expect(writeNewFile(path, fill)).rejects.toThrow(`${path} is there already.`);
  expect(fill).not.toHaveBeenCalled();
});

it('overwrites none that came while it was written', async () => {
  const writing = writeNewFile(path, async (file) => {
    await file.writeFile('mine');
    await writeFile(path, 'of somebody');
  });

  await expect(writing).rejects.toThrow(`${path} is there already.`);
  expect(await readFile(path, 'utf8')).toBe('of somebody');
  expect(await readdir(folder)).toEqual(['new.json']);
});

it('is named as it was given where its folder is not there', async () => {
  const nowhere = join(folder, 'none', 'new.json');

  await expect(writeNewFile(nowhere, async () => {})).rejects.toMatchObject({
    message: `${nowhere} cannot be written: ENOENT: no such file or directory, open '${nowhere}'`,
    exitCode: 2,
  });
});

it('can be for its owner alone, from its first byte', async () => {
  let modeWhileWriting = 0;
  await writeNewFile(
    path,
    async (file) => {
      modeWhileWriting = (await file.stat()).mode & 0o777;
    },
    OWNER_ALONE,
  );

  expect(modeWhileWriting).toBe(0o600);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
