// Why a whole request is not taken. A refusal is answered before anything is on a queue: nothing of the
// request was kept, and the sender knows it.

import type { Reason, RequestErrorCode } from '../errors';

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RequestErrorCode | Reason;
  /** For the person who reads the sender's log: what was wrong, where, and what to do. */
  readonly message: string;
  /** What the answer carries besides. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The name of the source, where the request was known to be one's. */
  readonly source?: string;
  /** What was found wrong, for the log; who sent the request is not told. */
  readonly check?: string;
}

export const refuse = (code: Refusal['code'], message: string): Refusal => ({
  kind: 'refused',
  code,
  message,
});

export const methodNotAllowed = (method: string, allow: string): Refusal => ({
  ...refuse('method_not_allowed', `${method} is not for this path; it takes ${allow}.`),
  headers: { allow },
});

/** Refusals of both doors that are no fault of the sender. */
export const QUEUE_UNAVAILABLE = refuse(
  'queue_unavailable',
  'The events could not be stored. Send the same request again.',
);
export const SETTINGS_UNUSABLE = refuse(
  'settings_unusable',
  'This endpoint is not set up correctly; its log says how. Send the same request again later.',
);
export const INTERNAL_ERROR = refuse(
  'internal_error',
  'Something unexpected happened. Send the same request again.',
);
