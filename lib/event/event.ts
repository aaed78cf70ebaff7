// The calls of Segment's specification, and the fields of an event that hold ids.

export const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Fields that name a person or a group. */
export const ID_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;

export type IdField = (typeof ID_FIELDS)[number];
