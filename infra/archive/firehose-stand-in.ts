// Stands in for Amazon Data Firehose: takes PutRecordBatch as the API reference has it, checks its limits, takes records
// apart into lines, and stores those by source, day and hour. The local stack writes its archive through it; tests
// have it fail, throttle, and deliver twice.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_CALL_RECORDS, MAX_RECORD_BYTES, MAX_RECORD_LINES } from '../../lib/archive/records';
import { isObject } from '../../lib/json/json-object';
import { parseJson } from '../../lib/json/parse-json';
import { ERRORS_PREFIX, partitionOf } from './layout';

export interface StandInOptions {
  /** What is stored, by the prefix of its partition; resolves before the sender is answered. */
  readonly store: (prefix: string, lines: readonly string[]) => Promise<void>;
  /** Asked for each call. Left out, all is well. */
  readonly fault?: () => Fault | undefined;
}

/**
 * `some`: every other record is throttled. `lost`: taken, and the answer does not arrive. `unplaced`: of more sources and
 * hours than there are places.
 */
export type Fault = 'unavailable' | 'some' | 'all' | 'lost' | 'twice' | 'unplaced';

/** 4 MiB, of which the API reference says that nothing changes it. */
const MAX_CALL_BYTES = 4_194_304;
const TARGET = 'Firehose_20150804.PutRecordBatch';

/** Answers false for what is not meant for it. @param path the one that its endpoint has. */
export const firehoseHandler =
  (path: string, options: StandInOptions) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [asked = ''] = (request.url ?? '').split('?', 1);
    if (asked.replace(/\/$/, '') !== path) return false;
    void answer(request, response, options);
    return true;
  };

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: StandInOptions,
): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.headers['x-amz-target'] !== TARGET) return refuse(response, 'UnknownOperationException');
  const records = recordsIn(Buffer.concat(chunks).toString());
  const mistake = mistakeIn(records);
  if (mistake !== undefined) return refuse(response, 'InvalidArgumentException', mistake);
  const fault = options.fault?.();
  if (fault === 'unavailable') return refuse(response, 'ServiceUnavailableException', undefined, 503);
  const isThrottled = records.map((_, index) => fault === 'all' || (fault === 'some' && index % 2 === 0));
  const taken = records.filter((_, index) => !isThrottled[index]);
  const place = fault === 'unplaced' ? unplaced('activePartitionExceeded') : placeOf;
  for (let times = fault === 'twice' ? 2 : 1; times > 0; times -= 1)
    await storeAll(taken, place, options.store);
  if (fault === 'lost') return void response.destroy();
  send(response, 200, {
    FailedPutCount: records.length - taken.length,
    RequestResponses: isThrottled.map((isLeft, index) => (isLeft ? THROTTLED : { RecordId: String(index) })),
  });
};

const THROTTLED = { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' };

const recordsIn = (body: string): Buffer[] => {
  const parsed = parseJson(body);
  const records = isObject(parsed) ? parsed['Records'] : undefined;
  if (!Array.isArray(records)) return [];
  return records.map((record) => Buffer.from(isObject(record) ? String(record['Data']) : '', 'base64'));
};

const mistakeIn = (records: readonly Buffer[]): string | undefined => {
  if (records.length === 0 || records.length > MAX_CALL_RECORDS) return `${records.length} records`;
  if (records.some(({ length }) => length === 0 || length > MAX_RECORD_BYTES)) return 'the size of a record';
  const bytes = records.reduce((sum, { length }) => sum + length, 0);
  return bytes > MAX_CALL_BYTES ? `${bytes} bytes` : undefined;
};

interface Placed {
  readonly prefix: string;
  /** As it is written there. */
  readonly text: string;
}

/** Beyond five hundred lines Firehose does not take a record apart: the rest would be lost to the partitions. */
const storeAll = async (
  records: readonly Buffer[],
  place: (line: string) => Placed,
  store: StandInOptions['store'],
): Promise<void> => {
  const lines = records.flatMap((record) => {
    const ofRecord = record.toString().split('\n').filter(Boolean);
    return ofRecord.length > MAX_RECORD_LINES ? [ofRecord.join('')] : ofRecord;
  });
  for (const [prefix, placed] of Map.groupBy(lines.map(place), (one) => one.prefix))
    await store(
      prefix,
      placed.map(({ text }) => text),
    );
};

const placeOf = (line: string): Placed => {
  const parsed = parseJson(line);
  const [source, receivedAt] = isObject(parsed) ? [parsed['source'], parsed['receivedAt']] : [];
  return typeof source === 'string' && typeof receivedAt === 'string'
    ? { prefix: partitionOf(source, receivedAt), text: line }
    : unplaced('processing-failed')(line);
};

/** By the day of its arrival, with what Firehose says of it: the line itself is in Base64. */
const unplaced =
  (errorType: string) =>
  (line: string): Placed => {
    const arrivalTimestamp = Date.now();
    const said = { attemptsMade: 1, arrivalTimestamp, attemptEndingTimestamp: arrivalTimestamp };
    return {
      prefix: `${ERRORS_PREFIX}${errorType}/${new Date(arrivalTimestamp).toISOString().slice(0, 10)}/`,
      text: JSON.stringify({ ...said, rawData: Buffer.from(line).toString('base64') }),
    };
  };

const refuse = (response: ServerResponse, type: string, message = '', status = 400): void =>
  send(response, status, { __type: type, message });

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
};
