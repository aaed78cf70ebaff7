// The HTTP doors as the journal sees them: a request when it begins, and how it was answered. What a request put on
// the queue is known by then, so that its events are found there and only what was not taken is added.

import { gunzipSync } from 'node:zlib';
import { parseBody } from '../../../lib/ingest/parse-body';
import { findRoute } from '../../../lib/ingest/routes';
import { isObject } from '../../../lib/json/json-object';
import type { DoorRequest } from '../../console/contract';
import { explainChanges } from './explain-changes';
import type { Journal, JournalEntry } from './journal';
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
}

const NOTHING: Came = { events: [], sentAt: undefined };
const WEBHOOKS = '/webhooks/';

export class DoorWatch {
  constructor(private readonly journal: Journal) {}

  /** Returns what `end` wants to know of the beginning. */
  begin(): number {
    return this.journal.count;
  }

  end(mark: number, answered: DoorAnswer): void {
    const { events, sentAt } = read(answered);
    const request = describe(answered, events.length);
    const fresh = this.journal.since(mark).filter(({ request: known }) => known === undefined);
    for (const raw of events) {
      const entry = takeMatching(fresh, raw);
      if (entry !== undefined) {
        this.journal.arrived(entry, request, raw, explainChanges(raw, entry.queued, sentAt));
        this.journal.step(entry, `${request.method} ${request.path}`, `answered ${request.status}`);
      } else if (answered.status >= 400) this.refuse(raw, request);
    }
  }

  private refuse(raw: unknown, request: DoorRequest): void {
    const { code = 'refused', message = request.answer } = readRefusal(request.answer);
    const door = request.path.startsWith(WEBHOOKS) ? 'webhook' : 'http';
    const messageId = isObject(raw) && typeof raw['messageId'] === 'string' ? raw['messageId'] : '';
    const what = `${request.method} ${request.path} answered ${request.status}`;
    const refused = { fate: 'refused' as const, reason: code, detail: message };
    const entry = this.journal.add({ door, source: '', raw, messageId }, refused, what);
    this.journal.arrived(entry, request, raw, []);
  }
}

const describe = ({ method, path, headers, status, answer }: DoorAnswer, events: number): DoorRequest => ({
  method,
  path: withoutSecretQuery(path),
  headers: withoutSecrets(headers),
  events,
  status,
  answer,
});

const read = ({ method, path, headers, body }: DoorAnswer): Came => {
  if (body === undefined) return NOTHING;
  const text = textOf(body, headers['content-encoding']);
  const pathname = path.split('?', 1)[0] ?? '';
  const match = findRoute(method, pathname);
  const route = match.kind === 'found' ? match.route : undefined;
  if (route?.kind === 'event' || route?.kind === 'batch') return readEvents(text, route);
  return pathname.startsWith(WEBHOOKS) ? { events: [parsed(text)], sentAt: undefined } : NOTHING;
};

const readEvents = (text: string, route: Parameters<typeof parseBody>[1]): Came => {
  const body = parseBody(text, route);
  if ('code' in body) return { events: [text], sentAt: undefined };
  const events = body.envelopes.flatMap((envelope) => envelope.events);
  const withType = route.kind === 'event' ? events.map((event) => typed(event, route.type)) : events;
  return { events: withType, sentAt: body.envelopes[0]?.shared?.sentAt };
};

/** The path says it where the event does not. */
const typed = (event: unknown, type: string | undefined): unknown =>
  isObject(event) && type !== undefined ? { type, ...event } : event;

const textOf = (body: Buffer, encoding: string | undefined): string => {
  try {
    return (encoding === 'gzip' ? gunzipSync(body) : body).toString();
  } catch {
    return '';
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const readRefusal = (answer: string): { code?: string; message?: string } => {
  const body = parsed(answer);
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

const isSame = (messageId: string, stored: unknown, raw: unknown): boolean => {
  if (!isObject(raw) || !isObject(stored)) return JSON.stringify(stored) === JSON.stringify(raw);
  // A reporting webhook becomes an event that has its event_id as messageId.
  const id = raw['messageId'] ?? raw['event_id'];
  if (id !== undefined) return String(id) === messageId;
  return essence(stored) === essence(raw);
};

const essence = ({
  type,
  userId,
  event,
  name,
  traits,
  properties,
}: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([type, userId ? String(userId) : null, event, name, traits, properties]);
