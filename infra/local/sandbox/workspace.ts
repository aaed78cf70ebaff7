// One workspace: its people, objects and logs, and the counters that tests ask. Operations are applied one
// after the other in the order they arrive; each is counted as exactly one of accepted, rejected or duplicate.

import { type Activity, type ActivityEntry, toActivity } from './activity-log';
import type { GivenIdentifier, ParsedOperation } from './parse/parsed-operation';
import type { Problem } from './parse/problems';
import { applyOperation } from './profiles/apply-operation';
import { Objects } from './profiles/objects';
import { GIVEN_IDENTIFIERS, People } from './profiles/people';
import {
  type ObjectJson,
  objectsJson,
  type PersonJson,
  type ProfileSnapshot,
  personJson,
  profileSnapshot,
  type SuppressedJson,
  suppressedJson,
} from './profiles/snapshot';
import type { State } from './profiles/state';
import { Recent } from './recent';
import { SlidingSecond } from './sliding-second';

export interface WorkspaceSettings {
  readonly siteId: string;
  readonly apiKey: string;
  /** What `GET /api/v1/accounts/region` says; default `us`. */
  readonly region?: 'us' | 'eu';
  /** Default `email_or_id`; older workspaces know people by `id` alone. */
  readonly identifiers?: 'email_or_id' | 'id';
  /** Whether people are known by `phone` too. Default false; Customer.io has a setting for it. */
  readonly phoneIdentifies?: boolean;
  /** Whether who is addressed by id may be given another email. Default true; Customer.io has a setting for it. */
  readonly emailUpdatesById?: boolean;
}

/** An operation, or a whole request, that was refused. */
export interface Rejection {
  /** Status of the answer that said so. */
  readonly status: number;
  /** As it was sent; absent when the request as a whole was refused. */
  readonly operation?: unknown;
  readonly errors: readonly Problem[];
  /** Unix seconds. */
  readonly timestamp: number;
}

/** One request to the Track API that bore this workspace's credentials, whatever became of it. */
export interface RequestRecord {
  /** Milliseconds since 1970 at which its headers arrived. */
  readonly startedAt: number;
  /** Operations in it, as far as it was read. */
  operations: number;
  /** 0 while it is being answered, and for one that never gets an answer. */
  status: number;
  /** What was injected into it, if anything. */
  fault?: string;
}

export interface Counts {
  accepted: number;
  rejected: number;
  duplicates: number;
}

export interface WorkspaceOptions {
  readonly keepActivities: number;
  readonly requestsPerSecond: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly onActivity?: ((activity: Activity) => void) | undefined;
  readonly onRejected?: ((rejection: Rejection) => void) | undefined;
}

/** Enough for a long run, bounded for a stack that runs for days; a rejection holds its operation. */
const KEEP_REQUESTS = 100_000;
const KEEP_REJECTIONS = 10_000;

const NO_COUNTS: Counts = { accepted: 0, rejected: 0, duplicates: 0 };

export class Workspace implements State {
  readonly givenIdentifiers: readonly GivenIdentifier[];
  people = new People();
  objects = new Objects();
  eventIds = new Set<string>();
  counts: Counts = { ...NO_COUNTS };
  requestCount = 0;
  /** All requests, the refused ones too: what a client's limiter is judged by. */
  arrivals = new SlidingSecond();
  private admitted = new SlidingSecond();
  private connectionMode: ActivityEntry['connectionMode'];
  private entries: Recent<ActivityEntry>;
  private refusals = new Recent<Rejection>(KEEP_REJECTIONS);
  private requestLog = new Recent<RequestRecord>(KEEP_REQUESTS);

  constructor(
    readonly settings: WorkspaceSettings,
    private readonly options: WorkspaceOptions,
  ) {
    this.givenIdentifiers = givenIdentifiers(settings);
    this.entries = new Recent(options.keepActivities);
  }

  get emailUpdatesById(): boolean {
    return this.settings.emailUpdatesById ?? true;
  }

  /** Newest first. */
  activities(limit?: number): Activity[] {
    return this.entries.newestFirst(limit).map(toActivity);
  }

  /** How many activities there have been, forgotten ones too. */
  get activityCount(): number {
    return this.entries.total;
  }

  /** Newest first. */
  rejections(limit?: number): Rejection[] {
    return this.refusals.newestFirst(limit);
  }

  /** Oldest first. */
  requests(): RequestRecord[] {
    return this.requestLog.oldestFirst();
  }

  /** In the order they were created. */
  listPeople(limit?: number): PersonJson[] {
    return this.people.known().slice(0, limit).map(personJson);
  }

  listSuppressed(limit?: number): SuppressedJson[] {
    return this.people.suppressions().slice(0, limit).map(suppressedJson);
  }

  listObjects(limit?: number): ObjectJson[] {
    return objectsJson(this).slice(0, limit);
  }

  profileSnapshot(): ProfileSnapshot {
    return profileSnapshot(this);
  }

  /** Forgets everything but the settings. */
  reset(): void {
    this.people = new People();
    this.objects = new Objects();
    this.eventIds = new Set();
    this.counts = { ...NO_COUNTS };
    this.requestCount = 0;
    this.arrivals = new SlidingSecond();
    this.admitted = new SlidingSecond();
    this.entries = new Recent(this.options.keepActivities);
    this.refusals = new Recent(KEEP_REJECTIONS);
    this.requestLog = new Recent(KEEP_REQUESTS);
  }

  now(): number {
    return Math.floor(this.options.clock() / 1_000);
  }

  log(logged: ActivityEntry): void {
    const entry = this.connectionMode ? { ...logged, connectionMode: this.connectionMode } : logged;
    this.entries.add(entry);
    this.options.onActivity?.(toActivity(entry));
  }

  recordRequest(): RequestRecord {
    const startedAt = this.options.clock();
    const record: RequestRecord = { startedAt, operations: 0, status: 0 };
    this.requestCount += 1;
    this.arrivals.add(startedAt);
    this.requestLog.add(record);
    return record;
  }

  /** Whether the rate has room for this request. One that is refused takes none of it. */
  admit({ startedAt }: RequestRecord): boolean {
    if (this.admitted.count(startedAt) >= this.options.requestsPerSecond) return false;
    this.admitted.add(startedAt);
    return true;
  }

  /** @param operation as it was sent; absent for a request as a whole. */
  reject(status: number, errors: readonly Problem[], operation?: unknown): void {
    const what = operation === undefined ? {} : { operation };
    const rejection = { status, ...what, errors, timestamp: this.now() };
    if (operation !== undefined) this.counts.rejected += 1;
    this.refusals.add(rejection);
    this.options.onRejected?.(rejection);
  }

  /** From a web page, by the stand-in of Customer.io's tracker; its lines of the Activity Log say so. */
  applyFromBrowser(operation: ParsedOperation): void {
    this.connectionMode = 'device';
    this.apply(operation);
    this.connectionMode = undefined;
  }

  apply(operation: ParsedOperation): void {
    const outcome = applyOperation(this, operation);
    this.counts[outcome === 'duplicate' ? 'duplicates' : 'accepted'] += 1;
  }
}

const givenIdentifiers = ({ identifiers, phoneIdentifies }: WorkspaceSettings): GivenIdentifier[] =>
  GIVEN_IDENTIFIERS.filter((by) => {
    if (by === 'email') return identifiers !== 'id';
    return by === 'id' || phoneIdentifies === true;
  });
