// Who was taken out of Customer.io since: by a reserved event in the archive, or by a list. What happened to them before
// must not bring them back; of somebody who is still suppressed nothing at all.

import type { ParsedSettings } from '../../../lib/config/settings';
import { usableWorkspaces } from '../../../lib/config/settings';
import { idKey, ownersOf } from '../people';
import type { ScannedLine } from './scan';
import { nameOf } from './selection';

/** Reserved events, and when the last of each was received, by workspace and every id that it names: ISO 8601. */
type LastOf = Record<'User Deleted' | 'User Suppressed' | 'User Unsuppressed', Map<string, string>>;

const NEVER = '';

export class Gone {
  private readonly last: LastOf = {
    'User Deleted': new Map(),
    'User Suppressed': new Map(),
    'User Unsuppressed': new Map(),
  };
  private readonly listed: ReadonlySet<string>;

  /** @param ids of people of whom nothing may be sent. */
  constructor(
    ids: readonly string[],
    private readonly sites: Sites,
  ) {
    this.listed = new Set(ids.map(idKey));
  }

  note(line: ScannedLine): void {
    if (line.outcome !== 'delivered' || line.type !== 'track') return;
    const name = nameOf(line.event) ?? '';
    const last = Object.hasOwn(this.last, name) ? this.last[name as keyof LastOf] : undefined;
    if (last === undefined) return;
    for (const id of ownersOf(line.event).map(idKey)) {
      const key = keyOf(this.sites.of(line), id);
      if (line.receivedAt > (last.get(key) ?? NEVER)) last.set(key, line.receivedAt);
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
    return keys.some((key) => this.isSuppressed(key) || this.wasGoneAfter(key, line.receivedAt));
  }

  private isSuppressed(key: string): boolean {
    return this.lastOf('User Suppressed', key) > this.lastOf('User Unsuppressed', key);
  }

  /** While somebody is suppressed, Customer.io takes nothing of them. */
  private wasGoneAfter(key: string, receivedAt: string): boolean {
    return (
      receivedAt <= this.lastOf('User Deleted', key) || receivedAt <= this.lastOf('User Unsuppressed', key)
    );
  }

  private lastOf(name: keyof LastOf, key: string): string {
    return this.last[name].get(key) ?? NEVER;
  }
}

const keyOf = (site: string, id: string): string => JSON.stringify([site, id]);

/** Workspaces of Customer.io by whoever writes into them: several sources may share one, and its people. */
export class Sites {
  private readonly byPlace: ReadonlyMap<string, string>;
  private readonly places: readonly { readonly name: string; readonly siteId: string }[];

  constructor(settings: ParsedSettings) {
    this.places = usableWorkspaces(settings);
    this.byPlace = new Map(
      usableWorkspaces(settings).map(({ name, workspace, siteId }) => [placeOf(name, workspace), siteId]),
    );
  }

  /** Of one that the settings no longer have, a name of its own. */
  of({ source, workspace }: Pick<ScannedLine, 'source' | 'workspace'>): string {
    const place = placeOf(source, workspace);
    return this.byPlace.get(place) ?? place;
  }

  /** These sources, and all that write into the same workspaces. */
  sharedWith(sources: readonly string[]): string[] {
    const own = new Set(this.places.flatMap(({ name, siteId }) => (sources.includes(name) ? siteId : [])));
    const others = this.places.flatMap(({ name, siteId }) => (own.has(siteId) ? name : []));
    return [...new Set([...sources, ...others])];
  }
}

const placeOf = (source: string, workspace: string | undefined): string =>
  JSON.stringify([source, workspace]);
