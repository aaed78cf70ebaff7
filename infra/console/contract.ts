// What the console's page is told, and the one interface by which it knows a backend. A backend names what it can
// do in its capabilities; what it cannot know is absent from them, and the page does not show it.

/** What has become of an event: exactly one at a time. */
export const FATES = ['refused', 'skipped', 'queued', 'retried', 'delivered', 'dead_lettered'] as const;

export type Fate = (typeof FATES)[number];

/** The way in: the HTTP endpoint, the queue itself, or Customer.io's reporting webhooks. */
export type Door = 'http' | 'queue' | 'webhook';

/** One row of the events page. All times are milliseconds since 1970. */
export interface EventSummary {
  /** From 1, in the order in which the events came. */
  readonly number: number;
  readonly at: number;
  readonly door: Door;
  readonly fate: Fate;
  readonly fateAt: number;
  /** The code of a refusal, or the reason of another fate; empty where there is none. */
  readonly reason: string;
  /** The same in plain words. */
  readonly detail: string;
  /** When a retried event comes again, as far as it is known. */
  readonly retryAt?: number | undefined;
  readonly source: string;
  readonly type: string;
  readonly name: string;
  readonly person: string;
  readonly messageId: string;
  /** The beginning of the event's JSON, for searching. */
  readonly text: string;
}

/** The request in which an event came. Secrets in it are replaced by a word that says so. */
export interface DoorRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Events it held. */
  readonly events: number;
  readonly status: number;
  readonly answer: string;
}

/** One field that the door wrote or took away, and why. */
export interface Change {
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

export interface Step {
  readonly at: number;
  readonly what: string;
  readonly detail: string;
}

/** A row with its whole way. */
export interface EventDetail {
  readonly summary: EventSummary;
  readonly request?: DoorRequest | undefined;
  /** As it came. */
  readonly raw: unknown;
  /** As it stands on the queue; absent where it never got there. */
  readonly queued?: unknown;
  readonly changes: readonly Change[];
  /** What the mapping makes of it. */
  readonly operations: readonly unknown[];
  /** Oldest first. */
  readonly steps: readonly Step[];
}

export interface BackendInfo {
  readonly kind: 'local' | 'aws';
  /** Where this deployment is, in a few words. */
  readonly title: string;
  /** Events kept at most; older ones are forgotten. */
  readonly keepsEvents: number;
  /** Where SDKs send, and with which write key; for what is copied as a command. */
  readonly endpoint?: { readonly url: string; readonly writeKey: string };
}

/** Where an event is sent to by hand. */
export type SendTo = 'http' | 'queue';

export interface Sent {
  /** Whether it was taken. */
  readonly ok: boolean;
  /** What the door said. */
  readonly answer: string;
}

/** A dead letter on its queue. */
export interface DeadLetter {
  readonly id: string;
  readonly queue: string;
  /** The event as it was: JSON, or whatever came. */
  readonly body: string;
  readonly reason: string;
  readonly detail: string;
  readonly source: string;
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly failedAt: number;
}

/** One second of the pipeline. What counts is of that second alone, the rest is at its end. */
export interface PipelineSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Events that came to any door. */
  readonly came: number;
  readonly delivered: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Requests to Customer.io, however they ended. */
  readonly requests: number;
  readonly operations: number;
  /** How many of the requests were answered 429. */
  readonly throttled: number;
  /** How many of the requests were answered otherwise than 2xx and 429, or not at all. */
  readonly failed: number;
  /** Messages on the queue that nobody works on. */
  readonly waiting: number;
  /** Messages that an invocation has. */
  readonly inFlight: number;
  /** How long the oldest of them all has been there. */
  readonly oldestSeconds: number;
}

export interface Pipeline {
  /** Oldest first, one a second. */
  readonly samples: readonly PipelineSample[];
  /** Requests a second that the settings allow. */
  readonly allowedRequests: number;
}

/** Told the rows that are new or have changed; never more than a few times a second. */
export type Listener = (rows: readonly EventSummary[]) => void;

export interface ConsoleBackend {
  readonly info: BackendInfo;
  readonly events?: {
    /** All rows, oldest first. */
    list(): readonly EventSummary[];
    detail(number: number): EventDetail | undefined;
    /** Returns how to stop listening. */
    listen(listener: Listener): () => void;
  };
  /** JSON of what Customer.io shows, by page: the activity log, people, objects. */
  readonly customerIo?: {
    activities(limit: number): readonly unknown[];
    people(): readonly unknown[];
    objects(): readonly unknown[];
  };
  readonly send?: (to: SendTo, body: string) => Promise<Sent>;
  readonly deadLetters?: {
    list(): Promise<readonly DeadLetter[]>;
    /** Puts it on its queue again, with `body` instead of its own where one is given, then takes it away. */
    sendAgain(id: string, body?: string): Promise<void>;
    discard(id: string): Promise<void>;
  };
  readonly pipeline?: () => Pipeline;
  /** Customer.io's message activity on its way to Segment. */
  readonly reporting?: {
    /** Answers what is wrong with the report; undefined when it is on its way. */
    emit(report: unknown): string | undefined;
    /** Newest first. */
    webhooks(): readonly unknown[];
    /** What Segment has, newest first. */
    arrived(): readonly unknown[];
  };
  readonly faults?: {
    get(): unknown;
    /** Answers what is wrong with the new ones; undefined when they are set. */
    set(faults: unknown): string | undefined;
  };
}

export type Page =
  | 'pipeline'
  | 'events'
  | 'activity'
  | 'people'
  | 'objects'
  | 'try'
  | 'dead-letters'
  | 'faults'
  | 'reporting';

/** The first message of the event stream, and the answer of `GET /console/api/info`. */
export type PageInfo = BackendInfo & { readonly pages: readonly Page[] };
