// A file to import, as records with the line they stand on: plain or gzip, NDJSON, a JSON array or CSV, told apart by
// what is in it. Whatever its size, a few chunks of it are in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { Failure, noSuchFile, toFailure } from '../failure';
import { linesOf } from '../lines';

export type Format = 'ndjson' | 'json' | 'csv';

/** One thing of the file that is to become events. */
export type FileRecord =
  /** A line of NDJSON, as it is. */
  | { readonly line: number; readonly text: string }
  /** An element of an array; `line` counts them from 1. */
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly row: Readonly<Record<string, string>> };

export interface Input {
  /** The name of the file, without its folder: a part of what messageIds are made of. */
  readonly name: string;
  /** Bytes on the disk; undefined for standard input. */
  readonly size: number | undefined;
  /** The first bytes, which tell another file of the same name. */
  readonly head: Buffer;
  readonly format: Format;
  readonly records: AsyncIterable<FileRecord>;
  /**
   * Bytes of the file on the disk that are imported. Those read ahead are left out where `processed` tells them.
   *
   * @param processed characters of the lines that are imported; undefined for a format without lines.
   */
  bytesDone(processed: number | undefined): number;
}

const HEAD_BYTES = 65_536;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** @param path a file; `-` is standard input. */
export const openInput = async (path: string, stdin: Readable, format?: Format): Promise<Input> => {
  const size = path === '-' ? undefined : await requireFile(path);
  const meter = new Meter();
  const raw = startReading(
    path === '-' ? stdin : createReadStream(path, { highWaterMark: HEAD_BYTES }),
    meter,
  );
  const head = await readHead(raw);
  const isGzip = head.subarray(0, 2).equals(GZIP_MAGIC);
  const unpackedMeter = isGzip ? new Meter() : meter;
  const unpacked = isGzip ? pipeTo(pipeTo(raw, createGunzip()), unpackedMeter) : raw;
  const start = isGzip ? await readHead(unpacked).catch(rethrowAsGzip(path)) : head;
  const known = format ?? formatOf(path, start);
  return {
    name: path === '-' ? 'stdin' : basename(path),
    size,
    head,
    format: known,
    records: explained(READERS[known](unpacked), path, known),
    bytesDone: (processed) =>
      processed === undefined
        ? meter.bytes
        : meter.bytes * Math.min(1, processed / Math.max(1, unpackedMeter.bytes)),
  };
};

/** Passes records on, and turns the error of a parser into a Failure with the place and what to do. */
async function* explained(
  records: AsyncIterable<FileRecord>,
  path: string,
  format: Format,
): AsyncGenerator<FileRecord> {
  let line = 0;
  try {
    for await (const record of records) {
      ({ line } = record);
      yield record;
    }
  } catch (error) {
    throw unreadable(path, `${format} after ${UNITS[format]} ${line}`, error);
  }
}

const unreadable = (path: string, as: string, error: unknown): Failure =>
  new Failure(
    `${path} cannot be read as ${as}: ${toFailure(error).message}`,
    'Is it something else, say what: --format. Else mend it and import it with --restart; what was sent before is the same event again.',
  );

const UNITS = { ndjson: 'line', csv: 'line', json: 'element' } as const;

/** Resolves to its size. @throws Failure when there is no such file. */
export const requireFile = async (path: string): Promise<number> => {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) return found.size;
  throw noSuchFile(path, 'Give a file that is there, or - for standard input.');
};

/** Counts what goes through. */
class Meter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

const startReading = (source: Readable, meter: Meter): Readable => pipeTo(source, meter);

const pipeTo = <T extends NodeJS.ReadWriteStream & { destroy(error: Error): unknown }>(
  from: Readable,
  to: T,
): T => {
  from.once('error', (error) => to.destroy(error));
  return from.pipe(to);
};

const rethrowAsGzip =
  (path: string) =>
  (error: unknown): never => {
    throw unreadable(path, 'gzip', error);
  };

/** Looks at the first chunk and gives it back. */
const readHead = async (stream: Readable): Promise<Buffer> => {
  const first = await new Promise<Buffer>((resolve, reject) => {
    const settle = (): void => {
      const chunk: unknown = stream.read();
      if (chunk === null && !stream.readableEnded) return;
      stream.off('readable', settle);
      stream.off('error', reject);
      if (Buffer.isBuffer(chunk)) stream.unshift(chunk);
      resolve(Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0));
    };
    stream.on('readable', settle);
    stream.once('end', () => resolve(Buffer.alloc(0)));
    stream.once('error', reject);
  });
  return first.subarray(0, HEAD_BYTES);
};

/** A pretty-printed object: none of its lines is JSON by itself. */
const OBJECT_ON_LINES = /^\{\s*\n/;

const formatOf = (path: string, start: Buffer): Format => {
  if (/\.csv(\.gz)?$/i.test(path)) return 'csv';
  const text = start
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('[')) return 'json';
  if (OBJECT_ON_LINES.test(text)) {
    throw new Failure(
      `${path} is a JSON object on several lines.`,
      'Write it on one: jq -c . <file>. Or send it as it is: npx relay send <file>.',
    );
  }
  if (text.startsWith('{') || text === '') return 'ndjson';
  return 'csv';
};

async function* readLines(stream: Readable): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of linesOf(stream)) {
    line += 1;
    if (text.trim() !== '') yield { line, text: line === 1 ? text.replace(/^\uFEFF/, '') : text };
  }
}

async function* readArray(stream: Readable): AsyncGenerator<FileRecord> {
  const elements = pipeTo(stream, streamArray.withParserAsStream());
  for await (const { key, value } of elements) yield { line: Number(key) + 1, value };
}

async function* readRows(stream: Readable): AsyncGenerator<FileRecord> {
  const rows = pipeTo(
    stream,
    parse({ bom: true, columns: true, info: true, relax_column_count: true, skip_empty_lines: true }),
  );
  for await (const { record, info } of rows) yield { line: info.lines, row: record };
}

const READERS: Readonly<Record<Format, (stream: Readable) => AsyncIterable<FileRecord>>> = {
  ndjson: readLines,
  json: readArray,
  csv: readRows,
};
