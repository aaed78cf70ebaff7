// The events that an import does not take, in a file that can be mended and imported again: a line each, with where it
// stood and why.

import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseJsonOrText } from '../../../lib/json/parse-json';
import { Failure, toFailure, usageFailure } from '../failure';

export interface RejectedRow {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

/** Asked before anything is sent: what a command leaves must have a place. @throws Failure when it has none. */
export const requireWritable = async (path: string, option: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw noPlace(path, 'it is a folder.', option);
  await access(found === undefined ? dirname(path) : path, constants.W_OK).catch((error: unknown) => {
    throw noPlace(path, toFailure(error).message, option);
  });
};

const noPlace = (path: string, why: string, option: string): Failure =>
  new Failure(
    `${path} cannot be written: ${why}`,
    `Name another with ${option}, in a folder that is there and may be written.`,
  );

/** How each line of such a file begins. */
const ROW_START = Buffer.from('{"rejected":{"line":');

/**
 * An import that begins anew writes over what an earlier one has left, and over nothing else.
 *
 * @throws Failure for the file that is to be read, and for one that no import has left.
 */
export const requireOverwritable = async (path: string, imported: string): Promise<void> => {
  if (resolve(path) === resolve(imported))
    throw usageFailure(`${path} is the file that is imported.`, ANOTHER_FILE);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || (await isLeftByImport(path))) return;
  throw usageFailure(`${path} is there, and not what an import has left.`, ANOTHER_FILE);
};

const ANOTHER_FILE = 'It is left as it is: give another file with --rejected.';

/** Of the first line there may be a beginning only, or nothing, after a kill. */
const isLeftByImport = async (path: string): Promise<boolean> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ROW_START.length));
    return ROW_START.subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
};

/** Made when there is a first line for it. */
export class RejectionFile {
  private file: FileHandle | undefined;

  /** @param bytes what of it is known to be whole; more was written by a run that was killed, and is written again. */
  constructor(
    private readonly path: string,
    private bytes: number,
  ) {}

  /** Resolves to the bytes it has then. */
  async add(rejections: readonly RejectedRow[]): Promise<number> {
    if (rejections.length === 0) return this.bytes;
    this.file ??= await this.openAt();
    const text = Buffer.from(rejections.map((one) => `${toLine(one)}\n`).join(''));
    await this.file.write(text, 0, text.length, this.bytes);
    this.bytes += text.length;
    return this.bytes;
  }

  async close(): Promise<void> {
    await this.file?.close();
  }

  private async openAt(): Promise<FileHandle> {
    const file = await open(this.path, this.bytes === 0 ? 'w' : 'r+');
    await file.truncate(this.bytes);
    return file;
  }
}

const toLine = ({ line, reason, detail, text }: RejectedRow): string =>
  JSON.stringify({ rejected: { line, reason, detail }, event: parseJsonOrText(text) });
