// A file to import, as records with the line they stand on: plain or gzip, NDJSON, a JSON array or CSV, told apart by
// what is in it. Whatever its size, a few chunks of it are in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { cannotRead, Failure, toFailure } from '../failure';
import { linesOf } from '../lines';
import { Meter } from './meter';

export type Format = 'ndjson' | 'json' | 'csv';

/** One thing of the file that is to become events. */
export type FileRecord = RecordContent & {
  readonly line: number;
  /** Bytes of the unpacked file up to its end, or up to where it was read; undefined for NDJSON. */
  readonly end?: number;
  /** Why it cannot be what stands in the file. */
  readonly fault?: { readonly reason: string; readonly detail: string };
};

type RecordContent =
  /** A line of NDJSON, as it is. */
  | { readonly text: string }
  /** An element of an array; `line` counts them from 1. */
  | { readonly value: unknown }
  | { readonly row: Readonly<Record<string, string>> };

export interface Input {
  /** The name of the file, without its folder: a part of what messageIds are made of. */
  readonly name: string;
  /** Bytes on the disk; undefined for standard input and pipes, which cannot be read again. */
  readonly size: number | undefined;
  /** The first bytes, which tell another file of the same name. */
  readonly head: Buffer;
  readonly format: Format;
  readonly records: AsyncIterable<FileRecord>;
  /**
   * Bytes of the file on the disk that are imported, without those read ahead.
   *
   * @param processed of the unpacked file, that which is imported.
   */
  bytesDone(processed: number): number;
}

const HEAD_BYTES = 65_536;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** @param path a file; `-` is standard input. @param onHeader is told the columns of CSV, and may throw. */
export const openInput = async (
  path: string,
  stdin: Readable,
  format?: Format,
  onHeader: (header: readonly string[]) => void = () => {},
): Promise<Input> => {
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
    records: explained(
      READERS[known]({ stream: unpacked, start, meter: unpackedMeter, path, onHeader }),
      path,
      known,
      unpackedMeter,
    ),
    bytesDone: (processed) => meter.bytes * Math.min(1, processed / Math.max(1, unpackedMeter.bytes)),
  };
};

/** Passes records on, and turns the error of a parser into a Failure with the place and what to do. */
async function* explained(
  records: AsyncIterable<FileRecord>,
  path: string,
  format: Format,
  meter: Meter,
): AsyncGenerator<FileRecord> {
  let line = 0;
  try {
    for await (const record of records) {
      ({ line } = record);
      yield meter.isBroken && record.fault === undefined && isReplaced(record)
        ? { ...record, fault: NOT_UTF8 }
        : record;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unreadable(path, `${format} after ${UNITS[format]} ${line}`, error);
  }
}

const NOT_UTF8 = {
  reason: 'not_utf8',
  detail: 'the line holds bytes that are no UTF-8: convert the file, like iconv -f latin1 -t utf-8',
};

/** What a decoder puts where it cannot read; in a file that is UTF-8 throughout it stands for itself. */
const isReplaced = (record: FileRecord): boolean =>
  ('text' in record ? record.text : JSON.stringify('row' in record ? record.row : record.value)).includes(
    '\uFFFD',
  );

const unreadable = (path: string, as: string, error: unknown): Failure =>
  new Failure(
    `${path} cannot be read as ${as}: ${toFailure(error).message}`,
    'Is it something else, say what: --format. Else mend it and import it with --restart; what was sent before is the same event again.',
  );

const UNITS = { ndjson: 'line', csv: 'line', json: 'element' } as const;

/** Resolves to its size; undefined for a pipe. @throws Failure when there is no such file. */
export const requireFile = async (path: string): Promise<number | undefined> => {
  const found = await stat(path).catch(
    cannotRead(path, 'Give a file that is there, or - for standard input.'),
  );
  if (found.isDirectory()) throw new Failure(`${path} is a folder.`, 'Name the files in it.');
  return found.isFile() ? found.size : undefined;
};

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

const UTF16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

const formatOf = (path: string, start: Buffer): Format => {
  if (UTF16.some((mark) => start.subarray(0, 2).equals(mark)))
    throw new Failure(
      `${path} is in UTF-16.`,
      `Convert it: iconv -f UTF-16 -t UTF-8 ${path} > utf8-${basename(path)}`,
    );
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

interface Unpacked {
  readonly stream: Readable;
  /** Its first bytes. */
  readonly start: Buffer;
  /** Counts what was read of it. */
  readonly meter: Meter;
  readonly path: string;
  onHeader(header: readonly string[]): void;
}

async function* readLines({ stream }: Unpacked): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of linesOf(stream)) {
    line += 1;
    if (text.trim() !== '') yield { line, text: line === 1 ? text.replace(/^\uFEFF/, '') : text };
  }
}

async function* readArray({ stream, meter }: Unpacked): AsyncGenerator<FileRecord> {
  const elements = pipeTo(stream, streamArray.withParserAsStream());
  for await (const { key, value } of elements) yield { line: Number(key) + 1, value, end: meter.bytes };
}

async function* readRows({ stream, start, path, onHeader }: Unpacked): AsyncGenerator<FileRecord> {
  const rows = pipeTo(
    stream,
    parse({
      bom: true,
      columns: (header: string[]) => {
        onHeader(header);
        return columnsOf(header, path);
      },
      delimiter: delimiterOf(start),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }),
  );
  for await (const { record, info } of rows) {
    const { lines: line, bytes: end, error } = info;
    yield { line, row: record, end, ...(error === undefined ? {} : { fault: WRONG_COLUMNS }) };
  }
}

const WRONG_COLUMNS = {
  reason: 'wrong_columns',
  detail: 'the row has more or fewer cells than the first line: is a comma or a quote of it not quoted?',
};

/** A column without a name, as an index has, is left out. */
const columnsOf = (header: readonly string[], path: string): (string | false)[] => {
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice === undefined) return header.map((name) => (name.trim() === '' ? false : name));
  throw new Failure(
    `The column "${twice}" stands twice in the first line of ${path}.`,
    'Give one of them another name.',
  );
};

const DELIMITERS = [',', ';', '\t'] as const;

/** Spreadsheets of many countries write semicolons. What stands most often in the first line, outside of quotes. */
const delimiterOf = (start: Buffer): string => {
  const [first = ''] = start
    .toString('utf8')
    .replace(/"[^"]*"/g, '')
    .split('\n');
  const counts = DELIMITERS.map((one) => first.split(one).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
};

const READERS: Readonly<Record<Format, (unpacked: Unpacked) => AsyncIterable<FileRecord>>> = {
  ndjson: readLines,
  json: readArray,
  csv: readRows,
};
