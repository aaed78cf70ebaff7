// The types of a delivery: what is handed to the engine, what it needs around it, and what it says became of each
// item. The rules stand in the files that use them.

import type { Destination, HttpAnswer, HttpRequest, Item } from './connector';
import type { Pacer } from './limiter';
import type { Random, RetryDelay } from './retry-policy';

/** Items for one workspace under one source's credentials: requests are packed from one lane alone. */
export interface Lane {
  readonly destination: Destination;
  readonly items: readonly Item[];
  readonly standing: Standing;
  /** Those of the items that failed alone in an earlier invocation. */
  readonly failedAlone?: ReadonlySet<Item>;
}

/**
 * What items have behind them. `fresh`: nothing; `suspect`: they were received before; `culprit`: they failed alone
 * in two invocations while others were taken. Items of different standing share no request, and failures stop nothing
 * of a better standing.
 */
export const STANDINGS = ['fresh', 'suspect', 'culprit'] as const;
export type Standing = (typeof STANDINGS)[number];

export type ItemOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly detail: string }
  /** `cause`: what went wrong last, in the words a dead letter may carry. */
  | { readonly kind: 'retry'; readonly delay: RetryDelay; readonly cause: string };

/** What happened on the wire, for metrics and the operator's log. */
export interface DeliveryReport {
  requests: number;
  throttled: number;
  failed: number;
  readonly fillPercents: number[];
  /** Set when an operator must act; says what to check. */
  operatorAdvice?: string;
}

export interface LaneResult {
  /** One for each item of the lane, in the order given. */
  readonly outcomes: readonly ItemOutcome[];
  readonly report: DeliveryReport;
}

export interface DeliveryContext {
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
  readonly pacer: Pacer;
  /** Calls `hasLeft` when all of the request has been sent: from then on the rate counts it. */
  readonly send: (request: HttpRequest, timeoutMs: number, hasLeft: () => void) => Promise<HttpAnswer>;
  readonly random: Random;
}
