// A file to import, as records with the line they stand on: plain or gzip, NDJSON, JSON objects on several lines, a JSON
// array or CSV, told apart by what is in it. Whatever its size, a few chunks of it are in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { parseJson } from '../../../lib/json/parse-json';
import { withoutByteOrderMark } from '../../../lib/text';
import { cannotRead, Failure, toFailure } from '../failure';
import { sizeOf } from '../layout';
import { linesOf } from '../lines';
import { Meter } from './meter';
import { type Unpacked, unpack } from './unpack';

export type Format = 'ndjson' | 'json' | 'csv';

/** One thing of the file that is to become events. */
export type FileRecord = RecordContent & {
  readonly line: number;
  /** Bytes of the unpacked file up to its end, or up to where it was read; undefined for text. */
  readonly end?: number;
  /** Why it cannot be what stands in the file. */
  readonly fault?: { readonly reason: string; readonly detail: string };
};

type RecordContent =
  /** A line of NDJSON as it is, or an object on several lines as one. */
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
  const raw = pipeTo(path === '-' ? stdin : createReadStream(path, { highWaterMark: HEAD_BYTES }), meter);
  const head = await readHead(raw);
  const isGzip = head.subarray(0, 2).equals(GZIP_MAGIC);
  const unpacked: Unpacked = isGzip ? unpack(raw) : { stream: raw, fault: () => undefined };
  const { stream } = unpacked;
  const start = isGzip ? await readHead(stream) : head;
  const known = format ?? formatOf(path, start);
  return {
    name: nameOf(path),
    size,
    head,
    format: known,
    records: explained(readerOf(known, start)({ stream, start, path, onHeader }), path, known, unpacked),
    bytesDone: (processed) => meter.bytes * Math.min(1, processed / Math.max(1, stream.bytes)),
  };
};

export const nameOf = (path: string): string => (path === '-' ? 'stdin' : basename(path));

/** Passes records on, and turns the error of a parser, or of gzip, into a Failure with the place and what to do. */
async function* explained(
  records: AsyncIterable<FileRecord>,
  path: string,
  format: Format,
  unpacked: Unpacked,
): AsyncGenerator<FileRecord> {
  const end: End = { line: 0, problem: undefined };
  yield* wholeOnes(records, unpacked, end);
  const where = `after ${UNITS[format]} ${end.line}`;
  const fault = unpacked.fault();
  if (fault !== undefined) throw unreadable(path, `gzip ${where}`, fault, GET_IT_WHOLE);
  if (end.problem !== undefined) throw unreadable(path, `${format} ${where}`, end.problem, MEND_IT);
}

interface End {
  /** Of the last record that is whole. */
  line: number;
  /** What the parser says. */
  problem: unknown;
}

/** One record is held back: the last one may be a part of what was there. */
async function* wholeOnes(
  records: AsyncIterable<FileRecord>,
  { stream, fault }: Unpacked,
  end: End,
): AsyncGenerator<FileRecord> {
  let held: FileRecord | undefined;
  try {
    for await (const record of records) {
      if (held !== undefined) yield held;
      held = withFault(record, stream);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    end.problem = error;
  }
  if (held === undefined) return;
  const isPart = fault() !== undefined && end.problem === undefined && !stream.endsLine;
  end.line = isPart ? held.line - 1 : held.line;
  if (!isPart) yield held;
}

const withFault = (record: FileRecord, { isBroken }: Meter): FileRecord =>
  isBroken && record.fault === undefined && isReplaced(record) ? { ...record, fault: NOT_UTF8 } : record;

const NOT_UTF8 = {
  reason: 'not_utf8',
  detail: 'the line holds bytes that are no UTF-8: convert the file, like iconv -f latin1 -t utf-8',
};

/** What a decoder puts where it cannot read; in a file that is UTF-8 throughout it stands for itself. */
const isReplaced = (record: FileRecord): boolean =>
  ('text' in record ? record.text : JSON.stringify('row' in record ? record.row : record.value)).includes(
    '\uFFFD',
  );

const MEND_IT =
  'Is it something else, say what: --format. Else mend it and import it with --restart; what was sent before is the same event again.';

const GET_IT_WHOLE =
  'Get it whole, under the same name, and import it with --restart; what was sent before is the same event again.';

const unreadable = (path: string, as: string, error: unknown, whatToDo: string): Failure =>
  new Failure(`${path} cannot be read as ${as}: ${toFailure(error).message}`, whatToDo);

const UNITS = { ndjson: 'line', csv: 'line', json: 'element' } as const;

/** Resolves to its size; undefined for a pipe. @throws Failure when there is no such file. */
export const requireFile = async (path: string): Promise<number | undefined> => {
  const found = await stat(path).catch(
    cannotRead(path, 'Give a file that is there, or - for standard input.'),
  );
  if (found.isDirectory()) throw new Failure(`${path} is a folder.`, 'Name the files in it.');
  return found.isFile() ? found.size : undefined;
};

const pipeTo = <T extends NodeJS.ReadWriteStream & { destroy(error: Error): unknown }>(
  from: Readable,
  to: T,
): T => {
  from.once('error', (error) => to.destroy(error));
  return from.pipe(to);
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

const UTF16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

const formatOf = (path: string, start: Buffer): Format => {
  if (UTF16.some((mark) => start.subarray(0, 2).equals(mark)))
    throw new Failure(
      `${path} is in UTF-16.`,
      `Convert it: iconv -f UTF-16 -t UTF-8 ${path} > utf8-${basename(path)}`,
    );
  if (/\.csv(\.gz)?$/i.test(path)) return 'csv';
  const text = textAt(start);
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{') || text === '') return 'ndjson';
  return 'csv';
};

const textAt = (start: Buffer): string => withoutByteOrderMark(start.toString('utf8')).trimStart();

interface Content {
  readonly stream: Meter;
  /** Its first bytes. */
  readonly start: Buffer;
  readonly path: string;
  onHeader(header: readonly string[]): void;
}

interface Line {
  readonly line: number;
  readonly text: string;
}

async function* readLines({ stream }: Pick<Content, 'stream'>): AsyncGenerator<Line> {
  let line = 0;
  for await (const text of linesOf(stream)) {
    line += 1;
    if (text.trim() !== '') yield { line, text: line === 1 ? withoutByteOrderMark(text) : text };
  }
}

/** An object that is printed over several lines, as in most examples: none of its lines is JSON by itself. */
const OBJECT_ON_LINES = /^\{\s*\n/;

/** More than that is no event, but a whole export in one object. */
const MAX_OBJECT_LENGTH = 4_000_000;

/** In JSON a line that begins an object follows one that ends an object only between two objects of the file. */
async function* readObjects({ stream, path }: Content): AsyncGenerator<FileRecord> {
  let lines: string[] = [];
  let length = 0;
  let from = 1;
  for await (const { line, text } of readLines({ stream })) {
    if (text.trimStart().startsWith('{') && lines.at(-1)?.trimEnd().endsWith('}')) {
      yield { line: from, text: inOne(lines) };
      lines = [];
      length = 0;
    }
    if (lines.length === 0) from = line;
    lines.push(text);
    length += text.length;
    if (length > MAX_OBJECT_LENGTH) throw tooLong(path, from);
  }
  if (lines.length > 0) yield { line: from, text: inOne(lines) };
}

/** Without its indentation, which would count as its size. What is no JSON stays as it is, to be mended. */
const inOne = (lines: readonly string[]): string => {
  const text = lines.join('\n');
  return parseJson(text) === undefined ? text : lines.map((line) => line.trim()).join('');
};

const tooLong = (path: string, line: number): Failure =>
  new Failure(
    `The object on line ${line} of ${path} is no event: it has more than ${sizeOf(MAX_OBJECT_LENGTH)}.`,
    'Give the events in it, one a line, as by: jq -c ".events[]" <file>.',
  );

async function* readArray({ stream }: Content): AsyncGenerator<FileRecord> {
  const elements = pipeTo(stream, streamArray.withParserAsStream());
  for await (const { key, value } of elements) yield { line: Number(key) + 1, value, end: stream.bytes };
}

async function* readRows(content: Content): AsyncGenerator<FileRecord> {
  /** Where a stray quote was met, in a row that may end lines later; the parser tells before it goes on behind it. */
  const broken: number[] = [];
  let lastLine = 1;
  /** @param until the last line before the next row that is CSV. */
  const takeBroken = function* (until: number): Generator<FileRecord> {
    for (let met = broken[0]; met !== undefined && met <= until; met = broken[0]) {
      broken.shift();
      const isLast = (broken[0] ?? Infinity) > until;
      const end = isLast ? until : met;
      if (end > lastLine) yield withStrayQuote(lastLine + 1, end);
      lastLine = end;
    }
  };
  const rows = rowsOf(content, (line) => broken.push(line));
  for await (const { record, info } of rows) {
    const { lines: line, bytes: end, error } = info;
    if (broken.length > 0) yield* takeBroken(line - lineEndsIn(record) - 1);
    lastLine = line;
    yield { line, row: record, end, ...(error === undefined ? {} : { fault: WRONG_COLUMNS }) };
  }
  const lines = content.stream.endsLine ? rows.info.lines - 1 : rows.info.lines;
  yield* takeBroken(Math.max(lines, broken.at(-1) ?? 0));
}

/** In its cells, as the parser counts lines. */
const lineEndsIn = (row: Readonly<Record<string, string>>): number =>
  Object.values(row)
    .join('')
    .match(/[\r\n]/g)?.length ?? 0;

const rowsOf = ({ stream, start, path, onHeader }: Content, onBroken: (line: number) => void) => {
  const { delimiter, isSaid } = delimiterOf(start);
  let hasHeader = false;
  return pipeTo(
    stream,
    parse({
      bom: true,
      columns: (header: string[]) => {
        hasHeader = true;
        onHeader(header);
        return columnsOf(header, path);
      },
      delimiter,
      from_line: isSaid ? 2 : 1,
      info: true,
      on_skip: (error) => {
        // Without the names of the columns no row can be read.
        if (!hasHeader) throw error;
        onBroken(Number(error?.['lines']));
      },
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
    }),
  );
};

/** Of what it holds nobody can tell where one cell ends and the next begins. */
const withStrayQuote = (line: number, lastLine: number): FileRecord => ({
  line,
  text: '',
  fault: {
    reason: 'stray_quote',
    detail: `a quote that is not doubled, or not closed, in ${line === lastLine ? `line ${line}` : `lines ${line} to ${lastLine}`} of the file, left out: mend it there, and import it with --restart`,
  },
});

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

/** The line that Excel writes, and reads, before the names of the columns. */
const SAYS_DELIMITER = /^"?sep=(.)"?\r?\n/i;

/** Spreadsheets of many countries write semicolons. What stands most often in the first line, outside of quotes. */
const delimiterOf = (start: Buffer): { delimiter: string; isSaid: boolean } => {
  const text = textAt(start);
  const said = SAYS_DELIMITER.exec(text)?.[1];
  if (said !== undefined) return { delimiter: said, isSaid: true };
  const [first = ''] = text.replace(/"[^"]*"/g, '').split('\n');
  const counts = DELIMITERS.map((one) => first.split(one).length);
  return { delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',', isSaid: false };
};

/** Objects on several lines are told by their first one, whatever the file is said to be: else it would be no JSON. */
const readerOf = (format: Format, start: Buffer): ((content: Content) => AsyncIterable<FileRecord>) =>
  format !== 'csv' && OBJECT_ON_LINES.test(textAt(start)) ? readObjects : READERS[format];

const READERS: Readonly<Record<Format, (content: Content) => AsyncIterable<FileRecord>>> = {
  ndjson: readLines,
  json: readArray,
  csv: readRows,
};
