// The settings of a deployment as its functions see them: the sources, and what is known of those that had to be
// left out. Whoever looks for a source is told apart "there is none" from "it cannot be used now": the first may
// be refused for good, the second must come again.

import type { Source } from './source';

/** What stands at one place of the array of sources. */
export type SourceEntry =
  | {
      readonly kind: 'source';
      /** As the doors and the forwarder see it. */
      readonly source: Source;
      /** What its events are delivered by: one for each of its workspaces, all under its name. */
      readonly workspaces: readonly Source[];
    }
  /** It has a mistake. Its name and key are known where they can be read. */
  | {
      readonly kind: 'left_out';
      readonly name: string | undefined;
      readonly writeKey: string | undefined;
    };

/** The sources as one text has them. */
export interface ParsedSettings {
  /** In the order in which they are written: a message without a source means the first. */
  readonly entries: readonly SourceEntry[];
  /** Each names source and field, and holds no value. */
  readonly mistakes: readonly string[];
}

export interface Settings extends ParsedSettings {
  /** When they were asked for, in milliseconds since 1970. Infinity: they cannot be read again. */
  readonly readAtMs: number;
  /** Whether a newer text could not be read or used: what these lack may stand there. */
  readonly mayBeOutdated: boolean;
}

export type Lookup =
  | Extract<SourceEntry, { kind: 'source' }>
  /** There is such a source, and its settings have a mistake. */
  | { readonly kind: 'left_out'; readonly name: string | undefined }
  /** None has this name or key, but some of the settings cannot be read, and it may be meant there. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'unknown' };

/** The source of that name; undefined, as in a message that names none, means the first. */
export const lookUpName = (settings: Settings, name: string | undefined): Lookup => {
  const { entries } = settings;
  const entry = name === undefined ? entries[0] : entries.find((one) => identityOf(one).name === name);
  return entry ?? notFound(settings, 'name');
};

/** What a name or key means that no entry has. */
export const notFound = (settings: Settings, field: 'name' | 'writeKey'): Lookup =>
  settings.mayBeOutdated || settings.entries.some((entry) => identityOf(entry)[field] === undefined)
    ? { kind: 'undecided' }
    : { kind: 'unknown' };

/** What an entry is known by; undefined where that cannot be read. */
export const identityOf = (
  entry: SourceEntry,
): Pick<Extract<SourceEntry, { kind: 'left_out' }>, 'name' | 'writeKey'> =>
  entry.kind === 'source' ? entry.source : entry;

export const usableSources = ({ entries }: ParsedSettings): readonly Source[] =>
  entries.flatMap((entry) => (entry.kind === 'source' ? [entry.source] : []));

/** The sources that can be used, once for each of their workspaces. */
export const usableWorkspaces = ({ entries }: ParsedSettings): readonly Source[] =>
  entries.flatMap((entry) => (entry.kind === 'source' ? entry.workspaces : []));
