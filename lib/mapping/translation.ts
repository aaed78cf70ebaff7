// What `translate` answers: a value, never an exception, and how the mappers of this folder build it.

import type { DeliveryMetric, Operation } from '../customerio/operation';
import type { Reason } from '../errors';
import type { Fault } from '../event/fault';
import type { IdentitySettings } from '../event/who';
import type { JsonObject } from '../json/json-object';
import type { DateConversion } from './convert-dates';
import type { Adjustment, FitSettings } from './fit-attributes';

export type SkipReason =
  /** `integrations` says that the event is not for Customer.io. */
  | 'integrations_disabled'
  /** An alias whose two ids are the same person: there is nothing to merge. */
  | 'alias_to_itself'
  /** Device mode: Customer.io's own tracker in the browser has taken it. */
  | 'delivered_by_browser'
  /** A visitor known by anonymousId alone, whose events the source does not want. */
  | 'anonymous_event'
  /** The person has not agreed to what the source's `consent` requires. */
  | 'consent_refused'
  /** A rule of the source keeps it out. */
  | 'excluded_by_rule'
  /** ./custom.ts made nothing of it. */
  | 'custom_code';

export type Translation =
  | {
      readonly outcome: 'operations';
      readonly operations: readonly Operation[];
      /** When the event happened, in milliseconds since 1970: the order of one person's operations. */
      readonly timestampMs: number;
      /** Attributes that Customer.io would have refused; absent where there are none. */
      readonly adjustments?: readonly Adjustment[];
    }
  /** What no operation of a batch can say: a request of its own to the metrics endpoint. */
  | { readonly outcome: 'metric'; readonly metric: DeliveryMetric; readonly timestampMs: number }
  /** `rule`: the name of the one that keeps it out. */
  | { readonly outcome: 'skipped'; readonly reason: SkipReason; readonly rule?: string }
  /** `detail` names fields, expectations and type names, never a value: it is stored and logged. */
  | { readonly outcome: 'rejected'; readonly reason: Reason; readonly detail: string };

/** The settings of a source that change the mapping. What may be left out has the default of the source's schema. */
export interface MappingSettings extends IdentitySettings, FitSettings {
  readonly convertTimestamps: DateConversion;
  readonly integrationNames?: readonly string[] | undefined;
  readonly longNames?: 'cut' | 'reject' | undefined;
  readonly reservedEvents?: boolean | undefined;
  readonly groups?: 'objects' | 'person_attributes' | undefined;
  readonly deviceEvents?: 'lifecycle' | 'any' | readonly string[] | undefined;
  /** Absent means `cloud`: whatever an event says of its browser, it is delivered from here. */
  readonly connectionMode?: 'cloud' | 'device';
  readonly screens?: 'event' | 'screen' | undefined;
  readonly pageName?: 'name' | 'url' | undefined;
  readonly anonymousEvents?: 'deliver' | 'skip' | undefined;
  readonly createPeople?: 'always' | 'never' | undefined;
  readonly lastVisit?: boolean | undefined;
  readonly flattenAddress?: boolean | undefined;
}

/** What a mapper works on: an event of its own type, and when it happened if that can be read at all. */
export interface MappingInput {
  readonly event: JsonObject;
  readonly settings: MappingSettings;
  readonly timestampMs: number | undefined;
}

export type Mapper = (input: MappingInput) => Translation;

/**
 * When something without a readable time happened, for its order: last. Objects, merges and device deletions need
 * no time on the wire, and a merge must not overtake what is known to have happened before it.
 */
export const UNKNOWN_TIME_MS = Number.MAX_SAFE_INTEGER;

export const translated = (operation: Operation, timestampMs?: number): Translation =>
  translatedAll([operation], timestampMs);

/** Operations in the order in which Customer.io is to apply them. */
export const translatedAll = (
  operations: readonly Operation[],
  timestampMs: number = UNKNOWN_TIME_MS,
): Translation => ({ outcome: 'operations', operations, timestampMs });

export const measured = (metric: DeliveryMetric, timestampMs: number): Translation => ({
  outcome: 'metric',
  metric,
  timestampMs,
});

export const skipped = (reason: SkipReason): Translation => ({ outcome: 'skipped', reason });

export const rejected = (reason: Reason, detail: string): Translation => ({
  outcome: 'rejected',
  reason,
  detail,
});

export const rejectedFor = ({ reason, detail }: Fault): Translation => rejected(reason, detail);

/** The rejection of an event whose operation needs a time and which has none that can be read. */
export const rejectedWithoutTime = (): Translation =>
  rejected(
    'invalid_event',
    'timestamp: expected a date; neither it nor originalTimestamp nor receivedAt can be read as one',
  );
