// Why a whole request is not taken. A refusal is answered before anything is on a queue: nothing of the
// request was kept, and the sender knows it.

import type { Reason, RequestErrorCode } from '../errors';

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RequestErrorCode | Reason;
  /** For the person who reads the sender's log: what was wrong, where, and what to do. */
  readonly message: string;
}

export const refuse = (code: Refusal['code'], message: string): Refusal => ({
  kind: 'refused',
  code,
  message,
});
