// One request to the Track API on its way through, and what all of them share.

import type { RequestRecord, Workspace } from '../workspace';
import type { AnswerFate, FaultPlan } from './faults';
import type { Body } from './http';

export interface TrackApi {
  readonly url: string;
  /** By `siteId:apiKey`. */
  readonly byCredentials: ReadonlyMap<string, Workspace>;
  readonly plan: FaultPlan;
  /** Status for a body over the limit, which the description does not name. */
  readonly oversizedStatus: number;
  /** Ends every wait when the sandbox closes. */
  readonly closing: AbortController;
  readonly onExchange: ((report: ExchangeReport) => void) | undefined;
  /** The workspace whose rejections tell of requests with wrong credentials. */
  readonly first: Workspace;
}

/** How a request to the Track API ended, as whoever watches the sandbox is told. */
export interface ExchangeReport {
  readonly method: string;
  readonly path: string;
  /** Its body; undefined where that was not read, or is no JSON. */
  readonly body: unknown;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly answer: unknown;
  /** What was injected, if anything. */
  readonly fault: string | undefined;
  /** Of the workspace whose credentials it had; undefined where they are nobody's. */
  readonly siteId: string | undefined;
}

/** One request on its way through. */
export interface Exchange {
  readonly api: TrackApi;
  readonly method: string;
  readonly path: string;
  readonly body: Body;
  readonly workspace: Workspace | undefined;
  readonly record: RequestRecord | undefined;
  readonly isAdmitted: boolean;
  readonly fate: AnswerFate;
}
