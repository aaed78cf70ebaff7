// Asks Athena for lines, and waits for its answer. Values go into a query as literals, with their quotes doubled.

import { setTimeout as delay } from 'node:timers/promises';
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type Row,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { type ArchiveLine, readLine } from '../../../lib/archive/line';
import { parseJson } from '../../../lib/json/parse-json';
import type { TimeRange } from '../../archive/layout';
import { Failure } from '../failure';
import type { ArchiveTable } from './open-archive';

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

const POLL_MS = 500;

export const ask = async (
  { athena, bucket }: ArchiveTable,
  query: string,
  signal: AbortSignal,
): Promise<ArchiveLine[]> => {
  const { QueryExecutionId: id } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: query,
      ResultConfiguration: { OutputLocation: `s3://${bucket}/athena/` },
    }),
  );
  for (;;) {
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    const { State: state, StateChangeReason: reason = '' } = QueryExecution?.Status ?? {};
    if (state === 'SUCCEEDED') return results(athena, id);
    if (state === 'FAILED' || state === 'CANCELLED')
      throw new Failure(`Athena did not answer: ${reason || state}.`, 'Read the objects themselves: --scan.');
    await delay(POLL_MS, undefined, { signal });
  }
};

const results = async (athena: ArchiveTable['athena'], id: string | undefined): Promise<ArchiveLine[]> => {
  const lines: ArchiveLine[] = [];
  let token: string | undefined;
  do {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token }));
    lines.push(...(page.ResultSet?.Rows ?? []).flatMap((row) => lineOf(row) ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return lines;
};

/** The first row has the names of the columns, and is no line. */
const lineOf = ({ Data: data = [] }: Row): ArchiveLine | undefined => {
  const fields = Object.values(COLUMNS).flatMap((name, index) => {
    const text = data[index]?.VarCharValue;
    return text === undefined ? [] : [[name, name === 'event' ? parseJson(text) : text] as const];
  });
  return readLine(JSON.stringify(Object.fromEntries(fields)));
};
