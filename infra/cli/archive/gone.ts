// Who was taken out of Customer.io since: by a reserved event in the archive, or by a list. What happened to them before
// must not bring them back; of somebody who is still suppressed nothing at all.

import type { ParsedSettings } from '../../../lib/config/settings';
import { usableWorkspaces } from '../../../lib/config/settings';
import type { Source } from '../../../lib/config/source';
import type { Operation } from '../../../lib/customerio/operation';
import { receivedByServerMs } from '../../../lib/event/event-time';
import { isObject } from '../../../lib/json/json-object';
import { translateByRules } from '../../../lib/mapping/translate-by-rules';
import { idKey, ownersOf } from '../people';
import type { ScannedLine } from './scan';
import { nameOf } from './selection';

/** Operations of Customer.io that take somebody out, or let them in again, by the event whose name acts so. */
const ACTIONS = {
  'User Deleted': 'delete',
  'User Suppressed': 'suppress',
  'User Unsuppressed': 'unsuppress',
} as const;

type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

/** When the last of each was received, by workspace and every id that it names: ISO 8601. */
type LastOf = Record<Action, Map<string, string>>;

const NEVER = '';

export class Gone {
  private readonly last: LastOf = { delete: new Map(), suppress: new Map(), unsuppress: new Map() };
  private readonly listed: ReadonlySet<string>;

  /** @param ids of people of whom nothing may be sent. */
  constructor(
    ids: readonly string[],
    private readonly sites: Sites,
  ) {
    this.listed = new Set(ids.map(idKey));
  }

  note(line: ScannedLine): void {
    if (line.outcome !== 'delivered') return;
    for (const { action, ids } of actsOf(line, this.sites.sourceOf(line))) {
      const last = this.last[action];
      for (const id of ids.map(idKey)) {
        const key = keyOf(this.sites.of(line), id);
        if (line.receivedAt > (last.get(key) ?? NEVER)) last.set(key, line.receivedAt);
      }
    }
  }

  /**
   * Also the reserved event itself, which is done: sent again it would race with the rest.
   *
   * @param site where the line's event is to go: it may be another than where it went.
   */
  has(line: ScannedLine, site: string): boolean {
    const ids = ownersOf(line.event).map(idKey);
    if (ids.some((id) => this.listed.has(id))) return true;
    const keys = [site, this.sites.of(line)].flatMap((one) => ids.map((id) => keyOf(one, id)));
    const receivedAt = firstReceivedAt(line);
    return keys.some((key) => this.isSuppressed(key) || this.wasGoneAfter(key, receivedAt));
  }

  private isSuppressed(key: string): boolean {
    return this.lastOf('suppress', key) > this.lastOf('unsuppress', key);
  }

  /** While somebody is suppressed, Customer.io takes nothing of them. */
  private wasGoneAfter(key: string, receivedAt: string): boolean {
    return receivedAt <= this.lastOf('delete', key) || receivedAt <= this.lastOf('unsuppress', key);
  }

  private lastOf(action: Action, key: string): string {
    return this.last[action].get(key) ?? NEVER;
  }
}

interface Act {
  readonly action: Action;
  readonly ids: readonly string[];
}

/**
 * By its name, as the settings may have been when it was delivered, or by what rules and the mapping make of it now:
 * a rule may give an event the name that acts.
 */
const actsOf = ({ event, type }: ScannedLine, source: Source | undefined): Act[] => {
  const name = type === 'track' ? (nameOf(event) ?? '') : '';
  if (Object.hasOwn(ACTIONS, name))
    return [{ action: ACTIONS[name as keyof typeof ACTIONS], ids: ownersOf(event) }];
  const translation = source && translateByRules(event, source);
  if (translation?.outcome !== 'operations') return [];
  return translation.parts.flatMap((part) => {
    const actions = part.outcome === 'operations' ? part.operations.flatMap(actionOf) : [];
    const ids = actions.length === 0 ? [] : [...ownersOf(event), ...ownersOf(part.event)];
    return actions.map((action) => ({ action, ids }));
  });
};

const actionOf = (operation: Operation): Action[] => {
  const action = removalIn(operation);
  return action === undefined ? [] : [action];
};

/** Whether an operation of Customer.io takes somebody out, or lets them in again. */
export const removalIn = (operation: unknown): Action | undefined => {
  if (!isObject(operation) || operation['type'] !== 'person') return undefined;
  return Object.values(ACTIONS).find((action) => action === operation['action']);
};

/** What was sent again has a line of that time; a server that took it the first time has said when. */
const firstReceivedAt = ({ receivedAt, event }: ScannedLine): string => {
  const takenAtMs = (isObject(event) ? receivedByServerMs(event) : undefined) ?? Number.POSITIVE_INFINITY;
  return takenAtMs < Date.parse(receivedAt) ? new Date(takenAtMs).toISOString() : receivedAt;
};

const keyOf = (site: string, id: string): string => JSON.stringify([site, id]);

/** Workspaces of Customer.io by whoever writes into them: several sources may share one, and its people. */
export class Sites {
  private readonly byPlace: ReadonlyMap<string, Source>;

  constructor(settings: ParsedSettings) {
    this.byPlace = new Map(
      usableWorkspaces(settings).map((source) => [placeOf(source.name, source.workspace), source]),
    );
  }

  /** Of one that the settings no longer have, a name of its own. */
  of(line: Pick<ScannedLine, 'source' | 'workspace'>): string {
    return this.sourceOf(line)?.siteId ?? placeOf(line.source, line.workspace);
  }

  /** As the settings of now have it. */
  sourceOf({ source, workspace }: Pick<ScannedLine, 'source' | 'workspace'>): Source | undefined {
    return this.byPlace.get(placeOf(source, workspace));
  }

  /** These sources, and all that write into the same workspaces. */
  sharedWith(sources: readonly string[]): string[] {
    const places = [...this.byPlace.values()];
    const own = new Set(places.flatMap(({ name, siteId }) => (sources.includes(name) ? siteId : [])));
    const others = places.flatMap(({ name, siteId }) => (own.has(siteId) ? name : []));
    return [...new Set([...sources, ...others])];
  }
}

const placeOf = (source: string, workspace: string | undefined): string =>
  JSON.stringify([source, workspace]);
