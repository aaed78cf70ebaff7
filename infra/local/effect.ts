// What Customer.io made of an operation that it took. It answers 200 to all of them, so the Activity Log is the
// one place that tells a change from none; the terminal shows the same, and says what to send instead.

import { isObject } from '../../lib/json/json-object';
import { ACTIVITY_TYPES, type Activity, type ActivityType } from './sandbox/activity-log';

export type Effect = 'accepted' | 'no effect' | 'failed';

const OTHERS: ReadonlyMap<ActivityType, Effect> = new Map<ActivityType, Effect>([
  [ACTIVITY_TYPES.skippedUpdate, 'no effect'],
  [ACTIVITY_TYPES.failedEvent, 'failed'],
  [ACTIVITY_TYPES.failedAttributeChange, 'failed'],
  [ACTIVITY_TYPES.attributeUpdateFailure, 'failed'],
]);

export const effectOf = ({ activity_type: type }: Activity): Effect => OTHERS.get(type) ?? 'accepted';

/** Why a merge had no effect, and what to send. Empty where there is nothing to add. */
export const hintOf = ({
  activity_type: type,
  activity_name: name,
  identifiers,
  attributes,
}: Activity): string => {
  const { secondary } = attributes;
  if (type !== ACTIVITY_TYPES.skippedUpdate || name !== 'merge' || !isObject(secondary)) return '';
  // Only people that Customer.io knows have one.
  if (!('cio_id' in identifiers))
    return `Nobody has ${describeIdentifiers(identifiers)}: identify them first.`;
  if (Object.entries(secondary).some(([kind, value]) => identifiers[kind] === value)) {
    return 'Both are the same person.';
  }
  return `Nobody has ${describeIdentifiers(secondary)}. If it is an anonymousId, send identify with it and the userId instead of alias.`;
};

/** Customer.io's own id only where there is no other. */
export const describeIdentifiers = (identifiers: Readonly<Record<string, unknown>>): string => {
  const { cio_id: _, ...own } = identifiers;
  const shown = Object.keys(own).length > 0 ? own : identifiers;
  return Object.entries(shown)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
};
