// What the console's page is told, and the one interface by which it knows a backend. A backend names what it can
// do in its capabilities; what it cannot know is absent from them, and the page does not show it.

/** What has become of an event: exactly one at a time. */
export const FATES = ['refused', 'skipped', 'queued', 'retried', 'delivered', 'dead_lettered'] as const;

export type Fate = (typeof FATES)[number];

/** The way in: the HTTP endpoint, the queue itself, or Customer.io's reporting webhooks. */
export type Door = 'http' | 'queue' | 'webhook';

/** One row of the events page. All times are milliseconds since 1970. */
export interface EventSummary {
  /** From 1 in each run, in the order in which the events came. */
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
  /** Whether there is more of it, which only the backend can search. */
  readonly isTextCut: boolean;
  /** Where its source has several workspaces: what became of it at each. The row has the worst of them. */
  readonly workspaces?: readonly WorkspaceFate[] | undefined;
}

/** What has become of an event at one of the workspaces that it is for. */
export interface WorkspaceFate {
  readonly name: string;
  readonly fate: Fate;
  readonly reason: string;
  readonly detail: string;
  readonly retryAt?: number | undefined;
}

/** The request in which an event came. Secrets in it are replaced by a word that says so. */
export interface DoorRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where a write key stands in it, in the order in which they are tried; none where it has none. */
  readonly keysIn: readonly string[];
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
  /** What was answered, whole unless it is very long; where something was asked. */
  readonly answer?: string | undefined;
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
  /** Where its source has several workspaces: the name of that which each operation is for. */
  readonly operationsFor?: readonly string[] | undefined;
  /** Oldest first. */
  readonly steps: readonly Step[];
}

export interface BackendInfo {
  /** Of a stage on AWS everything that is asked for takes time, and dead letters are read only when somebody asks. */
  readonly kind: 'local' | 'aws';
  /** Where this deployment is, in a few words. */
  readonly title: string;
  /** What may be done here, in a sentence. */
  readonly note: string;
  /** What of events is kept at most, where there are events; older ones are forgotten. */
  readonly keeps?: { readonly events: number; readonly bytes: number };
  /** Where SDKs send, and with which write keys, that of the first source first; for what is copied as a command. */
  readonly endpoint?: { readonly url: string; readonly writeKeys: readonly SourceKey[] };
  /** What a copied command must begin with to reach this deployment, like `PORT=3001`; empty where it needs nothing. */
  readonly environment?: string;
  /** What such a command names; undefined for the local stack. */
  readonly stage?: string;
  /** How often the page asks for what may have changed. */
  readonly readEveryMs: number;
}

export interface SourceKey {
  readonly source: string;
  readonly writeKey: string;
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
  /** SQS's id of the message. */
  readonly id: string;
  readonly queue: string;
  /** The queue that it came from and goes back to. */
  readonly origin: string;
  /** The event as it was: JSON, or whatever came. */
  readonly body: string;
  readonly reason: string;
  readonly detail: string;
  /** With the workspace behind it, where it has several. */
  readonly source: string;
  /** The two apart. */
  readonly from: { readonly source?: string | undefined; readonly workspace?: string | undefined };
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly failedAt: number;
  /** Of the message, as SQS has them. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface DeadLetters {
  readonly letters: readonly DeadLetter[];
  /** How many there are, about; more than `letters` where only the first were read. */
  readonly total: number;
  /** When they were read, in milliseconds since 1970. */
  readonly readAt: number;
}

/** What became of the letters that something was to be done with. */
export interface Done {
  readonly done: number;
  /** Not done: SQS did not take them, somebody else holds them, or they are gone. */
  readonly left: number;
  /** Which of these it is and what to do, in sentences, where SQS has said it. */
  readonly why?: string;
  /** The file that holds what was deleted. */
  readonly storedIn?: string;
}

/** What is measured of the pipeline. Counts are of one step; depths and ages are those at its end. */
export const MEASURES = [
  /** Events that came to any door, or that were taken from the queue for the first time. */
  'came',
  'refused',
  'skipped',
  'delivered',
  'retried',
  'deadLettered',
  /** Requests to the destination, however they ended. */
  'requests',
  'operations',
  /** Of the requests: answered 429. */
  'throttled',
  /** Of the requests: answered otherwise than 2xx and 429, or not at all. */
  'failed',
  /** Invocations whose credentials were refused. */
  'authFailures',
  /** Invocations that crashed, or could do nothing. */
  'functionErrors',
  /** Messages on the queue that nobody works on. */
  'waiting',
  /** Messages that an invocation has, or that were put back until later. */
  'inFlight',
  /** How long the oldest of them all has been there. */
  'oldestSeconds',
  /** How old the oldest event was that an invocation delivered, in 95 of 100 of them at most. */
  'deliveredSeconds',
] as const;

export type Measure = (typeof MEASURES)[number];

/** By measure one value for each step; null where nothing is known of it. What the backend cannot know is absent. */
export type Measured = Readonly<Partial<Record<Measure, readonly (number | null)[]>>>;

export interface PipelineQuery {
  /** How far back, one of the backend's ranges. */
  readonly seconds: number;
  /** Empty: all of them together. */
  readonly source: string;
  /** One of the backend's ways; empty: the first. */
  readonly way: string;
}

/** Why events went nowhere, by code. */
export interface Cause {
  readonly fate: Fate;
  readonly code: string;
  readonly source: string;
  readonly count: number;
}

export interface Pipeline {
  /** End of each step, in milliseconds since 1970, oldest first. */
  readonly times: readonly number[];
  readonly stepSeconds: number;
  readonly measured: Measured;
  /** What is on the queues at this moment; absent where the last step says it. */
  readonly now?: { readonly waiting: number; readonly inFlight: number; readonly deadLetters: number };
  /** Requests a second that the settings allow; absent where they cannot be read. */
  readonly allowedRequests?: number;
  /** Names that a query may have. */
  readonly sources: readonly string[];
  /** In the whole range, the most frequent first; absent where each event can be seen. */
  readonly causes?: readonly Cause[];
  /** What could not be asked, and what to do about it. */
  readonly problems: readonly string[];
}

/** One value that an attribute of a person had. */
export interface AttributeChange {
  readonly name: string;
  /** Undefined: it was removed. */
  readonly value: unknown;
  /** Milliseconds since 1970, as the event says. */
  readonly at: number;
  /** The event that set it, where it is known. */
  readonly event?: { readonly number: number; readonly type: string; readonly name: string };
}

/** What is looked for in the archive and among the dead letters. */
export interface TraceQuery {
  /** A messageId, userId, anonymousId or email. */
  readonly wanted: string;
  /** A time, or how long ago: `7d`. */
  readonly since: string;
  /** The same; empty: now. */
  readonly until: string;
  /** Empty: all that the settings have. */
  readonly source: string;
  /** How many lines at most, the newest. */
  readonly limit: number;
  /** Whether the objects of the archive are read where Athena could be asked. */
  readonly scans: boolean;
}

/** How far a search is, in words, and in numbers where there are any. */
export interface TraceProgress {
  readonly of: 'archive' | 'dead letters';
  readonly words: string;
  readonly done?: number;
  readonly whole?: number;
}

/** What became of one event, at one workspace. All times are milliseconds since 1970. */
export interface TracedLine {
  /** Of this line and no other. */
  readonly key: string;
  readonly receivedAt: number;
  readonly endedAt: number;
  readonly fate: Fate;
  readonly reason: string;
  readonly detail: string;
  /** How often it was handed out. */
  readonly attempts: number;
  /** With its workspace where it has several. */
  readonly source: string;
  readonly messageId: string;
  readonly type: string;
  readonly name: string;
  /** Ids that the event names people by; none where the event is not archived. */
  readonly people: readonly string[];
  /** Its JSON; absent where it is not archived. */
  readonly event?: string;
  /** Why it is not, where its source archives events. */
  readonly leftOut?: LeftOut;
  /** True where a mention of somebody who was forgotten was replaced in it. */
  readonly isChanged?: true;
}

/** Why an event that could be archived is not. */
export type LeftOut = 'consent_refused' | 'too_large' | 'not_json' | 'forgotten' | 'too_many';

/** Lines of the Activity Log. */
export interface Activities {
  /** Newest first. */
  readonly newest: readonly unknown[];
  /** How many there have been, forgotten ones too. */
  readonly total: number;
}

export type TracedLetter = Omit<DeadLetter, 'queue' | 'origin' | 'from' | 'body' | 'attributes'>;

export interface Traced {
  /** Newest first. */
  readonly lines: readonly TracedLine[];
  /** Whether there may be older ones than were asked for. */
  readonly isCut: boolean;
  /** Other ids of the person: events that name the person by one of them alone are not among the lines. */
  readonly alsoNamed: readonly string[];
  /** Newest first. */
  readonly letters: readonly TracedLetter[];
  /** Of all events together; absent where it is not known. */
  readonly queue?: { readonly waiting: number; readonly inFlight: number };
  /** What the archive has of each source: nothing, what became of its events, or the events too. */
  readonly archived: readonly { readonly source: string; readonly what: 'none' | 'outcomes' | 'events' }[];
  /** What Athena read for it, and bills; absent where it was not asked, or does not say. */
  readonly athenaBytes?: number;
  /** Whether the archive and the dead letters could be searched: else nothing found means nothing. */
  readonly isWhole: boolean;
  /** What could not be asked or read, and what to do about it. */
  readonly problems: readonly string[];
  /** When the search ended. */
  readonly readAt: number;
}

/** A line of the answer to a search: how far it is, any number of times, and then what was found or what is wrong. */
export type TraceNews =
  | { readonly progress: TraceProgress }
  | { readonly traced: Traced }
  | { readonly problem: string };

/** A source as the preview needs it. Nothing in it is secret. */
export interface PreviewSource {
  /** With its workspace where it has several. */
  readonly name: string;
  /** As they would be written; defaults are left out. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Told the rows that are new or have changed; never more than a few times a second. */
export type Listener = (rows: readonly EventSummary[]) => void;

export interface ConsoleBackend {
  readonly info: BackendInfo;
  readonly events?: {
    /** Letters and digits that are of this start of the stack alone, as the numbers are. */
    readonly run: string;
    /** All rows, oldest first. */
    list(): readonly EventSummary[];
    detail(number: number): EventDetail | undefined;
    /** Numbers of those whose text goes on after what their row has, and in which all the words are. */
    search(words: readonly string[]): Promise<readonly number[]>;
    /** Returns how to stop listening. */
    listen(listener: Listener): () => void;
  };
  /** JSON of what Customer.io shows of one workspace, by page: the activity log, people, objects. */
  readonly customerIo?: {
    /** By site id; what is asked of one that there is none of is told of the first. */
    workspaces(): readonly string[];
    activities(workspace: string, limit: number): Activities;
    people(workspace: string): readonly unknown[];
    objects(workspace: string): readonly unknown[];
    /** Of the person with that id of Customer.io's own, newest first. */
    history(workspace: string, cioId: string): readonly AttributeChange[];
  };
  readonly send?: (to: SendTo, body: string) => Promise<Sent>;
  readonly deadLetters?: {
    list(): Promise<DeadLetters>;
    /** Absent where nothing may be written. */
    readonly write?: {
      /** In words, where what is discarded is kept. */
      readonly discardsTo: string;
      /** Puts them on their queue again, one with `body` instead of its own where that is given, then takes them away. */
      sendAgain(ids: readonly string[], body?: string): Promise<Done>;
      /** Stores them in a file, then deletes them. */
      discard(ids: readonly string[]): Promise<Done>;
    };
  };
  readonly pipeline?: {
    /** In seconds, the shortest first. */
    readonly ranges: readonly number[];
    /** Where events go, the first one by default. */
    readonly ways: readonly string[];
    read(query: PipelineQuery): Promise<Pipeline>;
  };
  readonly trace?: {
    /** How far back is looked unless a query says otherwise, as it would say it. */
    readonly since: string;
    /** How many lines at most, the first by default. */
    readonly limits: readonly number[];
    /** @throws Error with words for the reader, for what is no query; with the signal's reason once nobody waits. */
    find(query: TraceQuery, tell: (progress: TraceProgress) => void, signal: AbortSignal): Promise<Traced>;
  };
  /** The sources of this deployment; none where their settings cannot be read. */
  readonly sources?: () => Promise<readonly PreviewSource[]>;
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
  | 'trace'
  | 'activity'
  | 'people'
  | 'objects'
  | 'try'
  | 'dead-letters'
  | 'faults'
  | 'reporting'
  | 'codes';

/** The first message of the event stream, and the answer of `GET info`. */
export interface PageInfo extends BackendInfo {
  /** Of the events, where there are any. */
  readonly run?: string;
  readonly pages: readonly Page[];
  readonly canSend: boolean;
  /** Of Customer.io, by site id; none where what it has is not known. */
  readonly workspaces: readonly string[];
  /** Where what is discarded is kept; absent where dead letters may only be read. */
  readonly discardsTo?: string;
  readonly pipeline?: { readonly ranges: readonly number[]; readonly ways: readonly string[] };
  readonly trace?: { readonly since: string; readonly limits: readonly number[] };
}
