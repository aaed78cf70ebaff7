// A Segment event as this project carries it: an object whose fields nobody has promised anything about.
// Whoever reads a field checks it; the mapping must not crash on any JSON.

export const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Fields that name a person or a group. */
export const ID_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;

export type IdField = (typeof ID_FIELDS)[number];

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
