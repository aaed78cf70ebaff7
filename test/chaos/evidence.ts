// What a run left behind at Customer.io: every trace (trace.ts) that is found there, and how often.

import { ACTIVITY_TYPES, type Activity } from '../../infra/local/sandbox/activity-log';
import type { Workspace } from '../../infra/local/sandbox/workspace';
import { trace } from './trace';

const BEHAVIOUR: ReadonlySet<string> = new Set([
  ACTIVITY_TYPES.event,
  ACTIVITY_TYPES.page,
  ACTIVITY_TYPES.screen,
]);

export class Evidence {
  private readonly found = new Map<string, number>();
  /** Different events that Customer.io has accepted so far. */
  events = 0;

  /** To be called for each line of the Activity Log: a duplicate by ULID has none. */
  readonly observe = ({ activity_type: type, activity_name: name, attributes }: Activity): void => {
    if (BEHAVIOUR.has(type)) this.observeEvent(Number(attributes['n']));
    if (type === ACTIVITY_TYPES.personMerged) this.add(trace.merged(name));
    if (type !== ACTIVITY_TYPES.deviceChange) return;
    const token = String(attributes['token']);
    this.add(name === 'Device deleted' ? trace.deviceDeleted(token) : trace.deviceAdded(token));
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
