// The functions' own log lines on their way to the terminal. They are JSON for CloudWatch; here each becomes one short
// line, or none where something else has shown the same already. What is no such line passes as it is.

import { isObject, type JsonObject } from '../../lib/json/json-object';
import { problemLine, replacedLine, skippedLine } from './terminal';

/** Shown by what the request was answered, and by what came on the dead-letter queue. */
const SHOWN_ALREADY: readonly unknown[] = ['Requests refused', 'Events dead-lettered'];

/** What a line says besides, in this order. */
const FIELDS = [
  'source',
  'workspace',
  'mistake',
  'advice',
  'failure',
  'attributes',
  'events',
  'errorName',
  'errorCode',
  'errorAt',
] as const;

/** The lines to write instead; undefined when the text is none of a function's log. */
export const shortLines = (text: string): string[] | undefined => {
  const logs = text.trimEnd().split('\n').map(parse);
  return logs.every((log) => log !== undefined) ? logs.flatMap(shorten) : undefined;
};

const parse = (line: string): JsonObject | undefined => {
  if (!line.startsWith('{') || !line.includes('"service":"cio-relay"')) return undefined;
  try {
    const log: unknown = JSON.parse(line);
    return isObject(log) ? log : undefined;
  } catch {
    return undefined;
  }
};

const shorten = (log: JsonObject): string[] => {
  const { message } = log;
  if (SHOWN_ALREADY.includes(message)) return [];
  if (message === 'Events skipped') return [skippedLine(log)];
  if (message === 'Timestamps replaced') return [replacedLine(log)];
  const details = FIELDS.filter((field) => log[field] !== undefined).map(
    (field) => `${field}: ${textOf(log[field])}`,
  );
  return [problemLine([message, ...details].join('; '))];
};

/** The value; the names of what is counted by name; or the first line of a stack trace: the place where it happened. */
const textOf = (value: unknown): string =>
  isObject(value) ? Object.keys(value).join(', ') : String(Array.isArray(value) ? value[0] : value).trim();

type Write = typeof process.stdout.write;

/** Functions run in threads, whose output is written to these streams. */
export const shortenFunctionLogs = (streams: readonly NodeJS.WriteStream[]): void => {
  for (const stream of streams) {
    const write = stream.write.bind(stream) as Write;
    const writeShort = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const lines = shortLines(String(chunk));
      if (lines === undefined) return Reflect.apply(write, undefined, [chunk, ...rest]);
      const text = lines.map((line) => `${line}\n`).join('');
      return Reflect.apply(write, undefined, [text, ...rest]);
    };
    stream.write = writeShort as Write;
  }
};
