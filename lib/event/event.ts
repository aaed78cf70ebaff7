// A Segment event as this project carries it: an object whose fields nobody has promised anything about.
// Whoever reads a field checks it; the mapping must not crash on any JSON.

export const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Fields that name a person or a group. */
export const ID_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;

export type IdField = (typeof ID_FIELDS)[number];

export type JsonObject = Readonly<Record<string, unknown>>;

/** One event taken from a queue message. */
export interface QueuedEvent {
  /** The event exactly as it came; a dead letter carries this, so that redriving it replays it. */
  readonly raw: unknown;
  /** Its text, when it stands alone in its message: parsed and written again, a number may lose digits. */
  readonly text: string | undefined;
  /** The same with `messageId` and `timestamp` filled in where a message put by hand lacks them. */
  readonly event: unknown;
  /** The event's own messageId, else `<sqsMessageId>-<index>`: stable over redelivery. */
  readonly messageId: string;
  /** The ISO time filled in for an event that has none of its own. */
  readonly timestampStandIn: string | undefined;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
