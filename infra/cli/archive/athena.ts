// Asks Athena for lines, and waits for its answer. Values go into a query as literals, with their quotes doubled.

import { setTimeout as delay } from 'node:timers/promises';
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type Row,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { readLine } from '../../../lib/archive/line';
import { parseJson } from '../../../lib/json/parse-json';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { TimeRange } from '../../archive/layout';
import { Failure, toFailure } from '../failure';
import type { ArchiveTable } from './open-archive';
import type { ScannedLine } from './scan';

const COLUMNS = {
  receivedat: 'receivedAt',
  endedat: 'endedAt',
  source: 'source',
  workspace: 'workspace',
  outcome: 'outcome',
  reason: 'reason',
  detail: 'detail',
  attempts: 'attempts',
  messageid: 'messageId',
  type: 'type',
  event: 'event',
  eventleftout: 'eventLeftOut',
  eventchanged: 'eventChanged',
} as const;

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Lines of these sources in this time that have the text in their messageId, or anywhere in their event. */
export const queryFor = (
  { database, table }: Pick<ArchiveTable, 'database' | 'table'>,
  wanted: string,
  sources: readonly string[],
  { fromMs, untilMs }: TimeRange,
  limit: number,
): string => {
  const [from, until] = [fromMs, untilMs].map((ms) => new Date(ms).toISOString());
  const names = Object.keys(COLUMNS).map((name) => `"${name}"`);
  return [
    `SELECT ${names.join(', ')} FROM "${database}"."${table}"`,
    `WHERE source IN (${sources.map(literal).join(', ')})`,
    `AND day BETWEEN ${literal(from?.slice(0, 10) ?? '')} AND ${literal(until?.slice(0, 10) ?? '')}`,
    `AND receivedat >= ${literal(from ?? '')} AND receivedat < ${literal(until ?? '')}`,
    // An email is written in any case; which lines are meant is looked at closely afterwards.
    `AND (messageid = ${literal(wanted)} OR strpos(lower(event), ${literal(JSON.stringify(wanted.trim().toLowerCase()).slice(1, -1))}) > 0)`,
    `ORDER BY receivedat DESC LIMIT ${limit}`,
  ].join('\n');
};

/** A line with the event's own text; in a table it has no place. */
export type TracedLine = Omit<ScannedLine, 'place'>;

export interface AthenaAnswer {
  readonly lines: readonly TracedLine[];
  /** Of the archive, for which AWS bills; undefined where Athena does not say. */
  readonly readBytes: number | undefined;
}

/** Of a query that was refused or failed. The objects can be read all the same. */
export class AthenaFailure extends Failure {
  constructor(why: string) {
    super(`Athena did not answer: ${why}`, 'Read the objects themselves: --scan.');
  }
}

const POLL_MS = 500;

/** @throws AthenaFailure whatever is wrong; the signal's reason once that is aborted, and the query is stopped. */
export const ask = async (
  { athena, bucket }: ArchiveTable,
  query: string,
  signal: AbortSignal,
): Promise<AthenaAnswer> => {
  let id: string | undefined;
  try {
    const started = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: query,
        ResultConfiguration: { OutputLocation: `s3://${bucket}/athena/` },
      }),
    );
    id = started.QueryExecutionId;
    const readBytes = await finished(athena, id, signal);
    return { lines: await results(athena, id, signal), readBytes };
  } catch (error) {
    if (!signal.aborted) throw error instanceof AthenaFailure ? error : failureOf(error);
    if (id !== undefined) await stop(athena, id);
    throw signal.reason;
  }
};

const failureOf = (error: unknown): AthenaFailure => {
  const { message } = toFailure(error);
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  const isRefused = message.startsWith('AccessDenied');
  return new AthenaFailure(
    sentence + (isRefused ? ' The permissions that it takes are in docs/archive.md.' : ''),
  );
};

/** @returns how many bytes were read for it. */
const finished = async (
  athena: ArchiveTable['athena'],
  QueryExecutionId: string | undefined,
  signal: AbortSignal,
): Promise<number | undefined> => {
  for (;;) {
    signal.throwIfAborted();
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }), {
      abortSignal: signal,
    });
    const { State: state, StateChangeReason: reason = '' } = QueryExecution?.Status ?? {};
    if (state === 'SUCCEEDED') return QueryExecution?.Statistics?.DataScannedInBytes;
    if (state === 'FAILED' || state === 'CANCELLED') throw new AthenaFailure(`${reason || state}.`);
    await delay(POLL_MS, undefined, { signal });
  }
};

/** What it has read by then is billed; what it has not is not. */
const stop = async (athena: ArchiveTable['athena'], QueryExecutionId: string): Promise<void> => {
  await athena.send(new StopQueryExecutionCommand({ QueryExecutionId })).catch(() => undefined);
};

const results = async (
  athena: ArchiveTable['athena'],
  QueryExecutionId: string | undefined,
  signal: AbortSignal,
): Promise<TracedLine[]> => {
  const lines: TracedLine[] = [];
  let NextToken: string | undefined;
  do {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }), {
      abortSignal: signal,
    });
    lines.push(...(page.ResultSet?.Rows ?? []).flatMap((row) => lineOf(row) ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return lines;
};

/** JSON of more than text. */
const PARSED: ReadonlySet<string> = new Set(['event', 'eventChanged']);

/** The first row has the names of the columns, and is no line. */
const lineOf = ({ Data: data = [] }: Row): TracedLine | undefined => {
  const names = Object.values(COLUMNS);
  const fields = names.flatMap((name, index) => {
    const text = data[index]?.VarCharValue;
    return text === undefined ? [] : [[name, PARSED.has(name) ? parseJson(text) : text] as const];
  });
  const line = readLine(writeDeepJson(Object.fromEntries(fields)));
  return line && { ...line, eventText: data[names.indexOf('event')]?.VarCharValue };
};
