// `relay settings history` and `restore`: what was stored before, and putting it back.

import { SettingsError } from '../../../lib/errors';
import { isObject } from '../../../lib/json/json-object';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { duration, layOut } from '../layout';
import { nextCommand, type Place } from '../next-command';
import type { SettingsVersion } from '../settings-history';
import { VERSIONS_WITH_PARTS } from '../settings-store';
import { openTarget, type Target } from '../target';
import {
  differences,
  inSources,
  requireSound,
  type SettingsOptions,
  store,
  tellStored,
} from './store-settings';

export interface HistoryOptions extends SettingsOptions {
  readonly limit: number;
}

const versionsOf = async (target: Target): Promise<readonly SettingsVersion[]> => {
  if (target.settingsHistory === undefined) throw inSources(target);
  return target.settingsHistory();
};

export const showHistory = async (options: HistoryOptions, io: Io): Promise<void> => {
  const versions = await versionsOf(await openTarget(options, io));
  const shown = await described(versions.slice(0, options.limit + 1), versions.length > options.limit);
  if (options.json) return io.out(JSON.stringify({ versions: shown }));
  io.out(layOut(['version', 'stored', 'by', 'sources', 'what changed'], shown.map(toRow)));
  if (shown.length < versions.length)
    io.err(`\n${shown.length} of ${versions.length} shown; --limit shows more.`);
  io.err(`\nPut one back:${nextCommand('settings restore <version>', options)}`);
};

interface DescribedVersion {
  readonly version: number;
  readonly storedAt: string;
  readonly storedBy: string;
  readonly isInForce: boolean;
  /** Undefined where a part of it is gone, so that it cannot be put back. */
  readonly sources: number | undefined;
  /** Since the version before; undefined where one of the two cannot be read. */
  readonly changes: readonly string[] | undefined;
}

/** @param withOlder whether the last of them is only there to be compared with. */
const described = async (
  versions: readonly SettingsVersion[],
  withOlder: boolean,
): Promise<DescribedVersion[]> => {
  const texts: (string | undefined)[] = [];
  for (const version of versions) texts.push(await version.text().catch(unusable));
  const all = versions.map(({ version, storedAtMs, storedBy }, index) => ({
    version,
    storedAt: new Date(storedAtMs).toISOString(),
    storedBy: storedBy.split('/').at(-1) ?? '',
    isInForce: index === 0,
    sources: countOf(texts[index]),
    changes: changesBetween(version === 1 ? '[]' : texts[index + 1], texts[index]),
  }));
  return withOlder ? all.slice(0, -1) : all;
};

/** A part that is no JSON: the version was never any good. */
const unusable = (error: unknown): undefined => {
  if (!(error instanceof SettingsError)) throw error;
};

const countOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isObject).length : 0;
  } catch {
    return 0;
  }
};

const changesBetween = (before: string | undefined, after: string | undefined): string[] | undefined =>
  before === undefined || after === undefined ? undefined : differences(before, after);

const toRow = ({ version, storedAt, storedBy, isInForce, sources, changes }: DescribedVersion): string[] => [
  isInForce ? `${version}, in force` : String(version),
  `${duration(Date.now() - Date.parse(storedAt))} ago`,
  storedBy,
  sources === undefined ? 'parts are gone' : String(sources),
  changes?.join('; ') ?? '',
];

/** @param version default: the one before that in force. */
export const restore = async (
  version: number | undefined,
  options: SettingsOptions,
  io: Io,
): Promise<void> => {
  const target = await openTarget(options, io);
  const versions = await versionsOf(target);
  const wanted = versions.find((one, index) =>
    version === undefined ? index === 1 : one.version === version,
  );
  if (wanted === undefined) throw noSuchVersion(version, options);
  const text = await wanted.text();
  if (text === undefined) throw partsAreGone(wanted);
  requireSound(text, `Version ${wanted.version}`);
  const inForce = (await versions[0]?.text().catch(unusable)) ?? '[]';
  const by = `${wanted.storedBy.split('/').at(-1)}, ${duration(Date.now() - wanted.storedAtMs)} ago`;
  const note = `\nThat is version ${wanted.version}, stored by ${by}.`;
  if (await store(target, inForce, text, options, io, note)) tellStored(options, io);
};

const noSuchVersion = (version: number | undefined, place: Place): Failure =>
  usageFailure(
    version === undefined ? 'There is no version before this one.' : `There is no version ${version}.`,
    `What there is:${nextCommand('settings history', place)}`,
  );

const partsAreGone = ({ version }: SettingsVersion): Failure =>
  new Failure(
    `A part of version ${version} is gone.`,
    `Parts that push makes stay for ${VERSIONS_WITH_PARTS} versions: choose a later one, or push a file.`,
  );
