// The Activity Log as the sandbox shows it. Entries keep whom they are about, not a copy of the identifiers:
// when a visitor is identified or people are merged, their history moves with them.

import type { JsonObject } from '../../../lib/json/json-object';

/**
 * "Activity Type" in Customer.io's words. `event` and `Page View` are what Segment's page about the destination
 * tells its users to look for; `Failed Attribute Change` and `Attribute Update Failure` stand in the Track API
 * description; `Failed Event`, `Person Deleted` and `Skipped Update` in the guide to the Activity Log. The rest
 * spells out the types of the App API's `/v1/activities` (`attribute_change`, `device_change`, `profile_merge`,
 * `viewed_content` …). `Person Suppressed` and `Person Unsuppressed` are the sandbox's own, for what changes no
 * profile: Customer.io is not known to write a line of it.
 */
export const ACTIVITY_TYPES = {
  event: 'event',
  page: 'Page View',
  screen: 'Screen View',
  viewedContent: 'Viewed Content',
  clickedContent: 'Clicked Content',
  failedEvent: 'Failed Event',
  personCreated: 'Person Created',
  personDeleted: 'Person Deleted',
  personMerged: 'Person Merged',
  personSuppressed: 'Person Suppressed',
  personUnsuppressed: 'Person Unsuppressed',
  attributeChange: 'Attribute Change',
  /** A value that this person cannot have, such as an email that is somebody else's. The answer is 200 all the same. */
  attributeUpdateFailure: 'Attribute Update Failure',
  /** The person does not exist, and the update must not create one. */
  failedAttributeChange: 'Failed Attribute Change',
  /** Accepted, but everything in it was older than what is known, or nobody was there to change. */
  skippedUpdate: 'Skipped Update',
  deviceChange: 'Device Change',
  objectCreated: 'Object Created',
  objectDeleted: 'Object Deleted',
  objectAttributeChange: 'Object Attribute Change',
  relationshipAdded: 'Relationship Added',
  relationshipChange: 'Relationship Attribute Change',
  relationshipDeleted: 'Relationship Deleted',
  deliveryMetric: 'Delivery Metric',
} as const;

export type ActivityType = (typeof ACTIVITY_TYPES)[keyof typeof ACTIVITY_TYPES];

/** One line of `GET /sandbox/activity`. */
export interface Activity {
  readonly activity_type: ActivityType;
  /** The event's, page's or screen's name; otherwise what has changed. */
  readonly activity_name: string;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: JsonObject;
  /** Unix seconds, the operation's own where it has one. */
  readonly timestamp: number;
  /** `device`: it came from a web page, by the stand-in of Customer.io's tracker. */
  readonly connection_mode?: 'device';
}

/** A person, an object, or identifiers that led to nobody. */
export interface Subject {
  readonly identity: object;
  readonly mergedInto?: Subject;
  /**
   * Since the person was suppressed: Customer.io then redacts all that they did, and shows the lines as those of
   * somebody forgotten (docs.customer.io/journeys/deleting-users).
   */
  readonly isForgotten?: boolean;
}

export interface ActivityEntry {
  readonly type: ActivityType;
  readonly name: string;
  readonly subject: Subject;
  readonly attributes: JsonObject;
  readonly timestamp: number;
  readonly connectionMode?: Activity['connection_mode'];
}

export const toActivity = (entry: ActivityEntry): Activity => {
  const { type, name, subject, attributes, timestamp, connectionMode } = entry;
  const { identity, isForgotten = false } = survivor(subject);
  const shown = isForgotten ? NOTHING : { identifiers: { ...identity }, attributes };
  const mode = connectionMode && { connection_mode: connectionMode };
  return { activity_type: type, activity_name: name, ...shown, timestamp, ...mode };
};

const NOTHING = { identifiers: {}, attributes: {} };

const survivor = (subject: Subject): Subject => {
  let current = subject;
  while (current.mergedInto !== undefined) current = current.mergedInto;
  return current;
};
