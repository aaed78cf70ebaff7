// The HTTP doors as the journal sees them: a request when it begins, and how it was answered. What a request put on
// the queue is known by then, so that its events are found there and only what was not taken is added.

import { gunzipSync } from 'node:zlib';
import { parseBody } from '../../../lib/ingest/parse-body';
import { readPixel } from '../../../lib/ingest/pixel';
import { readBody } from '../../../lib/ingest/read-body';
import { findRoute, isPixelRoute } from '../../../lib/ingest/routes';
import { isObject } from '../../../lib/json/json-object';
import { parseJsonOrText } from '../../../lib/json/parse-json';
import { writeDeepJson } from '../../../lib/json/write-json';
import { toSqsText } from '../../../lib/queue/outgoing-message';
import type { DoorRequest } from '../../console/contract';
import type { Arrival, Journal, JournalEntry } from './journal';
import { withoutSecretQuery, withoutSecrets } from './secrets';

export interface DoorAnswer {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined where there was none, or it was not read. */
  readonly body: Buffer | undefined;
  readonly status: number;
  readonly answer: string;
}

interface Came {
  readonly events: readonly unknown[];
  readonly sentAt: unknown;
  /** Whether a write key stands in the body. */
  readonly hasKey: boolean;
}

const NOTHING: Came = { events: [], sentAt: undefined, hasKey: false };
const WEBHOOKS = '/webhooks/';

export class DoorWatch {
  constructor(private readonly journal: Journal) {}

  /** Returns what `end` wants to know of the beginning. */
  begin(): number {
    return this.journal.lastNumber;
  }

  end(mark: number, answered: DoorAnswer): void {
    const came = read(answered);
    const { events, sentAt } = came;
    const arrival = { request: describe(answered, came), sentAt };
    const { method, path, status, answer } = arrival.request;
    const fresh = this.journal.since(mark).filter(({ arrival: known }) => known === undefined);
    for (const raw of events) {
      const entry = takeMatching(fresh, raw);
      if (entry !== undefined) {
        this.journal.arrived(entry, arrival, raw);
        this.journal.step(entry, `${method} ${path}`, `answered ${status}`, answer);
      } else if (status >= 400) this.refuse(raw, arrival);
    }
  }

  private refuse(raw: unknown, arrival: Arrival): void {
    const { request } = arrival;
    const { code = 'refused', message = request.answer } = readRefusal(request.answer);
    const door = request.path.startsWith(WEBHOOKS) ? 'webhook' : 'http';
    const messageId = isObject(raw) && typeof raw['messageId'] === 'string' ? raw['messageId'] : '';
    const what = `${request.method} ${request.path} answered ${request.status}`;
    const refused = { fate: 'refused' as const, reason: code, detail: message };
    const entry = this.journal.add({ door, source: '', raw, messageId }, refused, what);
    this.journal.arrived(entry, arrival, raw);
  }
}

const describe = (answered: DoorAnswer, { events, hasKey }: Came): DoorRequest => {
  const { method, path, headers, status, answer } = answered;
  return {
    method,
    path: withoutSecretQuery(path),
    headers: withoutSecrets(headers),
    keysIn: [
      ...(headers['authorization'] === undefined ? [] : ['the Authorization header']),
      ...(hasKey ? ['the body'] : []),
      ...(queryOf(path).has('writeKey') ? ['the query'] : []),
    ],
    events: events.length,
    status,
    answer,
  };
};

const queryOf = (path: string): URLSearchParams => new URLSearchParams(path.split('?').slice(1).join('?'));

const read = ({ method, path, headers, body }: DoorAnswer): Came => {
  const pathname = path.split('?', 1)[0] ?? '';
  const match = findRoute(method, pathname);
  const route = match.kind === 'found' ? match.route : undefined;
  if (route?.kind === 'event' && isPixelRoute(route))
    return readEvents(readPixel(Object.fromEntries(queryOf(path))), route);
  if (body === undefined) return NOTHING;
  const text = readText(body, headers);
  if (route?.kind === 'event' || route?.kind === 'batch') return readEvents(text, route);
  return pathname.startsWith(WEBHOOKS) ? { ...NOTHING, events: [parseJsonOrText(text)] } : NOTHING;
};

/** A body that is not wholly read is one of the events, as it came: so it is dead-lettered. */
const readEvents = (text: string, route: Parameters<typeof parseBody>[1]): Came => {
  const body = parseBody(text, route);
  if ('code' in body) return { ...NOTHING, events: [text] };
  const { envelopes, unreadable } = body;
  const events = envelopes.flatMap((envelope) => envelope.events);
  return {
    events: [
      ...(route.kind === 'event' ? events.map((event) => typed(event, route.type)) : events),
      ...(unreadable === undefined ? [] : [text]),
    ],
    sentAt: envelopes[0]?.shared?.sentAt,
    hasKey: envelopes.some(({ writeKeys }) => writeKeys.some((key) => typeof key === 'string' && key !== '')),
  };
};

/** The path says it where the event does not. */
const typed = (event: unknown, type: string | undefined): unknown =>
  isObject(event) && type !== undefined ? { type, ...event } : event;

/** As the endpoint reads it; of what it does not read at all, the text that is there. */
const readText = (body: Buffer, headers: DoorAnswer['headers']): string => {
  const read = readBody({ body: body.toString('base64'), isBase64Encoded: true, headers });
  if (typeof read === 'string') return read;
  return read.kind === 'damaged' ? read.text : inflated(body).toString();
};

const inflated = (body: Buffer): Buffer => {
  try {
    return gunzipSync(body);
  } catch {
    return body;
  }
};

const readRefusal = (answer: string): { code?: string; message?: string } => {
  const body = parseJsonOrText(answer);
  if (!isObject(body)) return {};
  const { code, message } = body;
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  };
};

/**
 * Takes the queued event that a raw one became: by its messageId, or, where the door had to make one, by all that
 * the door leaves alone.
 */
const takeMatching = (entries: JournalEntry[], raw: unknown): JournalEntry | undefined => {
  const index = entries.findIndex(({ summary, raw: stored }) => isSame(summary.messageId, stored, raw));
  return index === -1 ? undefined : entries.splice(index, 1)[0];
};

/** @param stored JSON. */
const isSame = (messageId: string, stored: string, raw: unknown): boolean => {
  // A reporting webhook becomes an event that has its event_id as messageId.
  const id = isObject(raw) ? (raw['messageId'] ?? raw['event_id']) : undefined;
  if (id !== undefined) return String(id) === messageId;
  const queued = parseJsonOrText(stored);
  return isObject(raw) && isObject(queued)
    ? essence(queued) === essence(raw)
    : typeof raw === 'string' && typeof queued === 'string' && isBeginning(queued, raw);
};

const BEGINNING = 200;

/** SQS takes not every character, and not every length, of a body that was dead-lettered as it came. */
const isBeginning = (stored: string, came: string): boolean =>
  toSqsText(came.slice(0, BEGINNING)) === stored.slice(0, BEGINNING);

const essence = ({
  type,
  userId,
  event,
  name,
  traits,
  properties,
}: Readonly<Record<string, unknown>>): string =>
  writeDeepJson([type, userId ? String(userId) : null, event, name, traits, properties]);
