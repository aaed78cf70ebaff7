// What a run left behind at Customer.io: every trace (trace.ts) that is found there, and how often.

import { ACTIVITY_TYPES, type Activity, type ActivityType } from '../../infra/local/sandbox/activity-log';
import type { Workspace } from '../../infra/local/sandbox/workspace';
import { trace } from './trace';

const BEHAVIOUR: ReadonlySet<string> = new Set([
  ACTIVITY_TYPES.event,
  ACTIVITY_TYPES.page,
  ACTIVITY_TYPES.screen,
  ACTIVITY_TYPES.viewedContent,
  ACTIVITY_TYPES.clickedContent,
]);

/** What else leaves a line of its own, and the trace that is in it. */
const TRACES: Partial<Readonly<Record<ActivityType, (activity: Activity) => string>>> = {
  [ACTIVITY_TYPES.personMerged]: ({ activity_name: name }) => trace.merged(name),
  [ACTIVITY_TYPES.personDeleted]: ({ activity_name: name, identifiers: { id = '' } }) =>
    name === 'suppress' ? trace.suppressed(id) : trace.deleted(id),
  [ACTIVITY_TYPES.personSuppressed]: ({ identifiers: { id = '' } }) => trace.suppressed(id),
  [ACTIVITY_TYPES.personUnsuppressed]: ({ identifiers: { id = '' } }) => trace.unsuppressed(id),
  [ACTIVITY_TYPES.objectCreated]: ({ identifiers }) => trace.objectCreated(identifiers['object_id'] ?? ''),
  [ACTIVITY_TYPES.objectDeleted]: ({ identifiers }) => trace.objectDeleted(identifiers['object_id'] ?? ''),
  [ACTIVITY_TYPES.relationshipDeleted]: ({ activity_name: name }) => trace.relationshipDeleted(name),
  [ACTIVITY_TYPES.deliveryMetric]: ({ identifiers }) => trace.metric(identifiers['delivery_id'] ?? ''),
  [ACTIVITY_TYPES.deviceChange]: ({ activity_name: name, attributes: { token } }) =>
    name === 'Device deleted' ? trace.deviceDeleted(String(token)) : trace.deviceAdded(String(token)),
};

export class Evidence {
  private readonly found = new Map<string, number>();
  /** Different events that Customer.io has accepted so far. */
  events = 0;

  /** To be called for each line of the Activity Log: a duplicate by ULID has none. */
  readonly observe = (activity: Activity): void => {
    const { activity_type: type, attributes } = activity;
    if (BEHAVIOUR.has(type)) this.observeEvent(Number(attributes['n']));
    const found = TRACES[type]?.(activity);
    if (found !== undefined) this.add(found);
  };

  count(wanted: string): number {
    return this.found.get(wanted) ?? 0;
  }

  /** Adds what the people and objects hold in the end. */
  observeProfiles(workspace: Workspace): void {
    for (const { identifiers, attributes, devices } of workspace.listPeople()) {
      const userId = identifiers['id'] ?? identifiers['email'] ?? '';
      for (const number of marksIn(attributes)) this.add(trace.personAttribute(userId, number));
      for (const { token } of devices) this.add(trace.device(userId, token));
    }
    for (const { identifiers, attributes } of workspace.listObjects()) {
      const groupId = identifiers['object_id'] ?? '';
      for (const number of marksIn(attributes)) this.add(trace.objectAttribute(groupId, number));
    }
  }

  private observeEvent(number: number): void {
    const key = trace.event(number);
    if (this.count(key) === 0) this.events += 1;
    this.add(key);
  }

  private add(key: string): void {
    this.found.set(key, this.count(key) + 1);
  }
}

const MARK = trace.attributeName(0).replace(/0$/, '');

const marksIn = (attributes: Readonly<Record<string, unknown>>): number[] =>
  Object.keys(attributes).flatMap((name) => (name.startsWith(MARK) ? [Number(name.slice(MARK.length))] : []));
