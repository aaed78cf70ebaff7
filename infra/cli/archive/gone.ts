// Who was taken out of Customer.io since: by a reserved event in the archive, or by a list. What happened to them before
// must not bring them back; of somebody who is still suppressed nothing at all.

import type { ParsedSettings } from '../../../lib/config/settings';
import { usableWorkspaces } from '../../../lib/config/settings';
import type { Source } from '../../../lib/config/source';
import type { Operation } from '../../../lib/customerio/operation';
import { receivedByServerMs } from '../../../lib/event/event-time';
import { isObject } from '../../../lib/json/json-object';
import { translateByRules } from '../../../lib/mapping/translate-by-rules';
import { idKey, knownOwnersOf, ownersOf } from '../people';
import type { ScannedLine } from './scan';
import { nameOf } from './selection';

/** Operations of Customer.io that take somebody out, or let them in again, by the event whose name acts so. */
const ACTIONS = {
  'User Deleted': 'delete',
  'User Suppressed': 'suppress',
  'User Unsuppressed': 'unsuppress',
} as const;

type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

const NEVER = '';

/** When the last of each was received, by workspace and every id that it names: ISO 8601. */
class Removals {
  private readonly last: Readonly<Record<Action, Map<string, string>>> = {
    delete: new Map(),
    suppress: new Map(),
    unsuppress: new Map(),
  };

  get isEmpty(): boolean {
    return Object.values(this.last).every(({ size }) => size === 0);
  }

  at(action: Action, key: string): string {
    return this.last[action].get(key) ?? NEVER;
  }

  note(action: Action, key: string, receivedAt: string): void {
    if (receivedAt > this.at(action, key)) this.last[action].set(key, receivedAt);
  }
}

export class Gone {
  /** By the ids that the events named. */
  private readonly named = new Removals();
  /** By those that stood beside them in other events. */
  private readonly beside = new Removals();
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
    const site = this.sites.of(line);
    for (const { action, ids } of actsOf(line, this.sites.sourceOf(line)))
      for (const id of ids) this.named.note(action, keyOf(site, id), line.receivedAt);
  }

  /** Whether anybody was taken out. */
  get isAnybody(): boolean {
    return !this.named.isEmpty;
  }

  /** Once everybody is noted: of events from before, which other ids they had. */
  noteNames(line: ScannedLine): void {
    const keys = keysOf(line, this.sites.of(line));
    if (keys.length < 2) return;
    const receivedAt = firstReceivedAt(line);
    for (const action of Object.values(ACTIONS)) {
      const latest = latestOf(keys.map((key) => this.named.at(action, key)));
      if (receivedAt <= latest) for (const key of keys) this.beside.note(action, key, latest);
    }
  }

  /**
   * Also the reserved event itself, which is done: sent again it would race with the rest.
   *
   * @param site where the line's event is to go: it may be another than where it went.
   */
  has(line: ScannedLine, site: string): boolean {
    if (ownersOf(line.event).some((id) => this.listed.has(idKey(id)))) return true;
    if (!this.isAnybody) return false;
    const receivedAt = firstReceivedAt(line);
    const places = [...new Set([site, this.sites.of(line)])].map((place) => keysOf(line, place));
    if (places.flat().some((key) => isGone(key, receivedAt, [this.named]))) return true;
    // An email may be several people's: what stood beside says something of an event that names nobody else.
    const all = [this.named, this.beside];
    return places.some((keys) => keys.length > 0 && keys.every((key) => isGone(key, receivedAt, all)));
  }
}

/** While somebody is suppressed, Customer.io takes nothing of them. */
const isGone = (key: string, receivedAt: string, known: readonly Removals[]): boolean => {
  const last = (action: Action): string => latestOf(known.map((removals) => removals.at(action, key)));
  const unsuppressedAt = last('unsuppress');
  return last('suppress') > unsuppressedAt || receivedAt <= unsuppressedAt || receivedAt <= last('delete');
};

const latestOf = (times: readonly string[]): string => times.toSorted().at(-1) ?? NEVER;

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
    return [{ action: ACTIONS[name as keyof typeof ACTIONS], ids: knownOwnersOf(event) }];
  const translation = source && translateByRules(event, source);
  if (translation?.outcome !== 'operations') return [];
  return translation.parts.flatMap((part) => {
    const actions = part.outcome === 'operations' ? part.operations.flatMap(actionOf) : [];
    const ids = actions.length === 0 ? [] : [...knownOwnersOf(event), ...knownOwnersOf(part.event)];
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

const keyOf = (site: string, id: string): string => JSON.stringify([site, idKey(id)]);

const keysOf = ({ event }: ScannedLine, site: string): string[] =>
  knownOwnersOf(event).map((id) => keyOf(site, id));

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
