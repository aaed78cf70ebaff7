// What happens on the local stack: the event stream of its console, from now on.

import type { EventSummary } from '../../console/contract';
import { Failure } from '../failure';
import { linesOf } from '../lines';
import type { Feed, Happening } from './happening';

const STREAM = '/console/api/events/stream';
/** Rows remembered, as many as the journal keeps. */
const MAX_KNOWN = 100_000;

/** @param url of the console. */
export const journalFeed = (url: string): Feed =>
  async function* (signal) {
    const response = await fetch(`${url}${STREAM}`, { signal });
    if (response.body === null || !response.ok) throw ended();
    const known = new Map<number, number>();
    let isLive = false;
    for await (const { event, data } of messagesOf(response.body, signal)) {
      isLive ||= event === 'live';
      if (event !== 'rows') continue;
      const changed = rowsOf(data).filter((row) => isNews(row, known));
      if (isLive) yield* changed.map(toHappening);
    }
    throw ended();
  };

/** All that the journal has, oldest first. */
export const journalRows = async (url: string): Promise<EventSummary[]> => {
  const reading = new AbortController();
  const { body } = await fetch(`${url}${STREAM}`, { signal: reading.signal });
  const rows: EventSummary[] = [];
  if (body === null) throw ended();
  for await (const { event, data } of messagesOf(body, reading.signal)) {
    if (event === 'live') break;
    if (event === 'rows') rows.push(...rowsOf(data));
  }
  reading.abort();
  return rows;
};

const ended = (): Failure =>
  new Failure('The local stack has ended.', 'Start it again with `npm start`, then run the same command.');

interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

/** Server-sent events as the console writes them: an `event:` line, then a `data:` line. */
async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  let event = '';
  for await (const line of linesOf(buffersOf(body, signal))) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (line.startsWith('data: ')) yield { event, data: line.slice('data: '.length) };
  }
}

/** The body in chunks. A connection that breaks, as when the stack is killed, counts as its end. */
async function* buffersOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield Buffer.from(chunk);
  } catch (error) {
    if (signal.aborted) throw error;
  }
}

const rowsOf = (data: string): EventSummary[] => JSON.parse(data);

/** A row is sent again at every change of it; only a change of its fate is shown. */
const isNews = ({ number, fateAt }: EventSummary, known: Map<number, number>): boolean => {
  if (known.get(number) === fateAt) return false;
  known.set(number, fateAt);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  return true;
};

const toHappening = (row: EventSummary): Happening => ({
  at: row.fateAt,
  fate: row.fate,
  count: 1,
  source: row.source,
  reason: row.reason,
  what: [row.type, row.name].filter((word) => word !== '').join(' '),
  person: row.person,
});
