// Stores settings in the parameter of a stage: only sound ones, and only after the difference was shown, without
// values, and agreed to.

import { parseSettings } from '../../../lib/config/parse-settings';
import { usableSources } from '../../../lib/config/settings';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { confirm } from '../confirm';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { plural } from '../layout';
import type { Target, TargetOptions } from '../target';

export interface SettingsOptions extends TargetOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** @returns how many sources can be used. @throws Failure, or SettingsError when there are none. */
export const requireSound = (text: string, place: string): number => {
  const settings = parseSettings(text, place);
  if (settings.mistakes.length === 0) return usableSources(settings).length;
  throw new Failure(
    `${place} has ${plural(settings.mistakes.length, 'mistake')}:\n- ${settings.mistakes.join('\n- ')}`,
    'Mend them; the fields are in the README, Settings.',
  );
};

export const tellStored = ({ json }: SettingsOptions, io: Io): void =>
  io.out(json ? '{"stored":true}' : 'Stored; functions read it within five minutes.');

/** Shows the difference and the note, asks, and stores what is sound. Answers false when nothing was stored. */
export const store = async (
  target: Target,
  before: string,
  after: string,
  options: SettingsOptions,
  io: Io,
  note = '',
): Promise<boolean> => {
  const compact = JSON.stringify(JSON.parse(after));
  if (target.storeSettings === undefined) throw inSources(target);
  const changes = differences(before, compact);
  const list = changes.map((change) => `\n- ${change}`).join('');
  const plan = changes.length === 0 ? 'Nothing changes.' : `Changes of ${target.name}:${list}${note}`;
  if (options.dryRun) {
    io.out(options.json ? JSON.stringify({ stored: false, changes }) : plan);
    io.err('A rehearsal: nothing was stored.');
    return false;
  }
  if (changes.length === 0) {
    io.out(options.json ? '{"stored":false}' : plan);
    return false;
  }
  await confirm(io, plan, options);
  await target.storeSettings(compact);
  return true;
};

export const inSources = (target: Target): Failure =>
  usageFailure(`The settings of ${target.name} are in SOURCES.`, 'Name a stage: --stage prod.');

/** Which fields of which sources differ, without a value. */
export const differences = (before: string, after: string): string[] => {
  const old = byName(before);
  const next = byName(after);
  const names = [...new Set([...old.keys(), ...next.keys()])];
  const changes = names.flatMap((name) => {
    const [from, to] = [old.get(name), next.get(name)];
    if (from === undefined) return [`${name} is new`];
    if (to === undefined) return [`${name} is gone; what still names it becomes a dead letter`];
    return changedFields(from, to).map((field) => `${name}: ${field} changes`);
  });
  return [...changes, ...changedFirst(old, next)];
};

/** The order of the others means nothing. */
const changedFirst = (old: ReadonlyMap<string, unknown>, next: ReadonlyMap<string, unknown>): string[] => {
  const [before] = old.keys();
  const [after] = next.keys();
  return before === undefined || after === undefined || before === after
    ? []
    : [`${after} is the first now, that of messages without a source`];
};

const changedFields = (from: JsonObject, to: JsonObject): string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (field) => JSON.stringify(from[field]) !== JSON.stringify(to[field]),
  );

/** What is stored may have mistakes: it is replaced by what has none. */
const byName = (text: string): Map<string, JsonObject> => {
  try {
    const parsed: unknown = JSON.parse(text);
    const sources = Array.isArray(parsed) ? parsed.filter(isObject) : [];
    return new Map(sources.map((source) => [String(source['name']), source]));
  } catch {
    return new Map();
  }
};
