// The calls of Segment's specification, and the fields of an event that say whose it is and how it came.

export const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Fields that name a person or a group. */
export const ID_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;

export type IdField = (typeof ID_FIELDS)[number];

/** Fields that Segment, its SDKs and RudderStack's have a meaning for; none of them is the sender's own data. */
export const ENVELOPE: ReadonlySet<string> = new Set([
  'type',
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'messageId',
  'timestamp',
  'originalTimestamp',
  'receivedAt',
  'sentAt',
  'context',
  'integrations',
  'options',
  'writeKey',
  'channel',
  'version',
  'projectId',
  '_metadata',
  'rudderId',
  'request_ip',
]);
