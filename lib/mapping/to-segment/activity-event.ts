// What a reporting webhook becomes: a Segment track event, or the reason why it cannot be one.

import type { Reason } from '../../errors';
import type { JsonObject } from '../../json/json-object';
import type { PropertyCase } from './property-case';

/**
 * Customer.io's message activity as Segment carries it. The loop guard `integrations` keeps it from going
 * back to Customer.io, where it came from.
 */
export interface ActivityEvent {
  readonly type: 'track';
  readonly event: string;
  /** Exactly one of the two stands in an event. */
  readonly userId?: string;
  readonly anonymousId?: string;
  /** Customer.io's `event_id`: the same on every retry of a webhook, so Segment counts it once. */
  readonly messageId: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly properties: JsonObject;
  readonly context: { readonly integration: { readonly name: 'Customer.io' }; readonly traits?: JsonObject };
  readonly integrations: { readonly 'Customer.io': false };
}

export type ActivityTranslation =
  | { readonly outcome: 'event'; readonly event: ActivityEvent }
  | { readonly outcome: 'rejected'; readonly reason: Reason; readonly detail: string };

/** The settings of a source that change the translation of activity. */
export interface ActivitySettings {
  readonly activityPropertyCase: PropertyCase;
}
