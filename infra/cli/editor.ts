// Lets a person edit a text in the editor of their environment, in a file that nobody else may read and that is gone
// afterwards. What is written with a mistake is edited again, so that nobody writes it twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, inWords, usageFailure } from './failure';
import type { Io } from './io';

export interface EditOptions {
  /** What to do where there is no editor. */
  readonly otherwise: string;
  /** @throws for what cannot be used. */
  check(written: string): void;
  /** Where somebody may be asked whether to edit it again. */
  readonly yes?: boolean | undefined;
}

/** @throws what `check` throws, for whoever does not edit it again; Failure when the editor says that it failed. */
export const editText = async (text: string, options: EditOptions, io: Io): Promise<string> => {
  const editor = io.env['VISUAL'] || io.env['EDITOR'];
  if (!editor) throw usageFailure('There is no editor.', `Set EDITOR, or ${options.otherwise}`);
  const folder = await mkdtemp(join(tmpdir(), 'relay-edit-'));
  try {
    const path = join(folder, 'edited.json');
    await writeFile(path, text, { mode: 0o600 });
    for (;;) {
      await open(editor, path);
      const written = await readFile(path, 'utf8');
      if (await isRight(written, options, io)) return written;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
};

const open = async (editor: string, path: string): Promise<void> => {
  // By a shell, because an editor may come with options: `code --wait`.
  const [code] = await once(spawn(`${editor} "${path}"`, { shell: true, stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Failure(`The editor ended with ${code}.`, 'Nothing was changed; try again.');
};

/** False for what is to be edited again. */
const isRight = async (written: string, { check, yes }: EditOptions, { ask, err }: Io): Promise<boolean> => {
  try {
    check(written);
    return true;
  } catch (error) {
    if (yes || ask === undefined) throw error;
    err(inWords(error));
    const answer = await ask('Edit it again? [y/N] ');
    if (/^y(es)?$/i.test(answer.trim())) return false;
    throw new Failure('Nothing was changed.', 'What was written is not kept.');
  }
};
