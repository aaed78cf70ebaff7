// What each delivered event leaves behind at Customer.io and nothing else does: the workload names it, the
// evidence found in the sandbox is looked up by it.

export const trace = {
  /** Name of the attribute that one identify or group call alone sets. */
  attributeName: (number: number): string => `mark_${number}`,
  event: (number: number): string => `event ${number}`,
  personAttribute: (userId: string, number: number): string => `person ${userId}: mark_${number}`,
  objectAttribute: (groupId: string, number: number): string => `object ${groupId}: mark_${number}`,
  device: (userId: string, token: string): string => `person ${userId}: device ${token}`,
  deviceAdded: (token: string): string => `device ${token} added`,
  deviceDeleted: (token: string): string => `device ${token} deleted`,
  deleted: (userId: string): string => `person ${userId} deleted`,
  suppressed: (userId: string): string => `person ${userId} suppressed`,
  unsuppressed: (userId: string): string => `person ${userId} unsuppressed`,
  objectCreated: (objectId: string): string => `object ${objectId} created`,
  objectDeleted: (objectId: string): string => `object ${objectId} deleted`,
  relationshipDeleted: (objectId: string): string => `relationship to ${objectId} deleted`,
  metric: (deliveryId: string): string => `metric of ${deliveryId}`,
  /** The person is gone and stands in no list any more. */
  merged: (userId: string): string => `person ${userId} merged`,
} as const;
