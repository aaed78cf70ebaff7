// The events that an import does not take, in a file that can be mended and imported again: a line each, with where it
// stood and why.

import { type FileHandle, open } from 'node:fs/promises';

export interface RejectedRow {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

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
  JSON.stringify({ rejected: { line, reason, detail }, event: asJson(text) });

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
