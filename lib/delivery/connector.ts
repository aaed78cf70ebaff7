// What the engine must know of an API it delivers to. Customer.io and Segment are two such destinations;
// the engine itself knows neither.

import type { Source } from '../config/source';
import type { Reason } from '../errors';
import { NESTED_TOO_DEEPLY } from '../json/write-json';
import type { JsonBytes } from './json-bytes';

/** One API that the engine can deliver to: how an event becomes items for it, and where a source's items go. */
export interface Connector {
  readonly prepare: Prepare;
  readonly destination: (source: Source) => Destination | NotSetUp;
  /** How a dead letter holds the event; left out, it holds it as it came. Replayed, it must become the same items. */
  readonly asDeadLetter?: AsDeadLetter;
  /** The event without what never leaves; the very same where nothing must go. */
  readonly asArchived?: AsArchived;
}

/** Takes the JSON of an event, and gives JSON. */
export type AsDeadLetter = (body: string, source: Source) => string;

export type AsArchived = (event: unknown, source: Source) => unknown;

/** `raw` is the event as it came, without what was filled in for it. */
export type Prepare = (event: unknown, source: Source, raw: unknown) => Prepared;

/** One thing to deliver, already serialised: these bytes are sent as they are and never parsed again. */
export interface Item {
  readonly json: JsonBytes;
  /** Everyone and everything it speaks of; items that share a key keep their order. */
  readonly keys: readonly string[];
  /** When it happened, in milliseconds since 1970: the order of items that share a key. */
  readonly timestampMs: number;
  /** The destination does not order it by time: the one that arrives last wins. */
  readonly isUnordered?: boolean;
  /**
   * It deletes, suppresses or lets in again: what comes after it must not arrive before it, even if it has an order, or
   * it would be lost. Only what is unordered is a barrier.
   */
  readonly isBarrier?: boolean;
  /** Which of the destination's `endpoints` takes it; left out, the destination's own. */
  readonly endpoint?: string | undefined;
  /**
   * Items with the same key say the same thing of different moments: an invocation sends only the latest of them,
   * and what becomes of that one becomes of all.
   */
  readonly repeatKey?: string | undefined;
}

export interface HttpRequest {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly body: Buffer;
}

/** The code of an answer that was given up because it was too long. */
export const ANSWER_TOO_LARGE = 'ANSWER_TOO_LARGE';

/** What came of a request: an answer, or none. */
export type HttpAnswer =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      readonly body: string;
    }
  | {
      readonly kind: 'no_response';
      /** `stale_socket`: a kept-alive connection the other side had already closed. */
      readonly cause: 'timeout' | 'stale_socket' | 'network';
      readonly code: string;
    };

export interface ItemError {
  /** Position in the request. */
  readonly index: number;
  readonly detail: string;
}

/** What an answer means for the request; one pure function per destination decides it. */
export type Verdict =
  /** Taken, but for the items listed; several errors may name one item. */
  | { readonly kind: 'accepted'; readonly errors: readonly ItemError[] }
  /** Refused whole because something in it is wrong: the culprit must be found. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Not now: the same request may work later. */
  | { readonly kind: 'unavailable'; readonly throttled: boolean; readonly retryAfterSeconds?: number }
  /** The connection had gone stale; nothing was wrong with the request or the service. */
  | { readonly kind: 'reconnect' }
  /** Only an operator can mend it; `advice` says what to check. */
  | { readonly kind: 'operator'; readonly advice: string };

export interface Destination {
  /** Whose credentials the requests carry: the source's name, with its workspace's where the source has several. */
  readonly name: string;
  /** Requests a second this process may start; below 1 it is one request in more than a second. */
  readonly requestsPerSecond: number;
  readonly maxBatchBytes: number;
  /** The most items of a request; left out, only its bytes count. */
  readonly maxItems?: number;
  /** What stands before and after the comma-separated items in a request's body. */
  readonly envelope: readonly [open: string, close: string];
  readonly request: Omit<HttpRequest, 'body'>;
  /** The reason on the dead letter of an item it refuses. */
  readonly rejectedReason: Reason;
  readonly classify: (answer: HttpAnswer, itemCount: number) => Verdict;
  /** Further paths of the same workspace, which share its rate: each with an envelope and limits of its own. */
  readonly endpoints?: Readonly<Record<string, Destination>>;
}

/** What the rate and an outage belong to: the account behind the URL, whatever key opens it. */
export const workspaceOf = ({ request: { url, username } }: Destination): string =>
  JSON.stringify([url, username]);

/** A source that nothing can be delivered for until an operator acts; `advice` says what to do. */
export interface NotSetUp {
  readonly advice: string;
}

/** What becomes of an event before it is sent. */
export type Prepared =
  | {
      readonly kind: 'items';
      readonly items: readonly Item[];
      /** Names of attributes that were dropped or cut because the destination takes none so long, or no more of them. */
      readonly adjustedAttributes?: readonly string[];
    }
  | Skipped
  | { readonly kind: 'rejected'; readonly reason: Reason; readonly detail: string };

/** Not for this destination. */
export interface Skipped {
  readonly kind: 'skipped';
  /** A code, for metrics and logs. */
  readonly reason: string;
  /** The name of the source's own rule that says so. */
  readonly rule?: string;
}

export const skipped = (reason: string, rule?: string): Skipped =>
  rule === undefined ? { kind: 'skipped', reason } : { kind: 'skipped', reason, rule };

export const rejected = (reason: Reason, detail: string): Prepared => ({ kind: 'rejected', reason, detail });

export const REJECTED_AS_TOO_DEEP = rejected('invalid_event', `the event is ${NESTED_TOO_DEEPLY}`);
