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
  /** The person is gone and stands in no list any more. */
  merged: (userId: string): string => `person ${userId} merged`,
} as const;
