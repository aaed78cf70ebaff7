// Lets a person edit a text in the editor of their environment, in a file that nobody else may read and that is gone
// afterwards.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, usageFailure } from './failure';
import type { Io } from './io';

/** @param otherwise what to do where there is no editor. @throws Failure when the editor says that it failed. */
export const editText = async (text: string, otherwise: string, { env }: Io): Promise<string> => {
  const editor = env['VISUAL'] || env['EDITOR'];
  if (!editor) throw usageFailure('There is no editor.', `Set EDITOR, or ${otherwise}`);
  const folder = await mkdtemp(join(tmpdir(), 'relay-edit-'));
  try {
    const path = join(folder, 'edited.json');
    await writeFile(path, text, { mode: 0o600 });
    // By a shell, because an editor may come with options: `code --wait`.
    const [code] = await once(spawn(`${editor} "${path}"`, { shell: true, stdio: 'inherit' }), 'exit');
    if (code !== 0) throw new Failure(`The editor ended with ${code}.`, 'Nothing was changed; try again.');
    return await readFile(path, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
};
