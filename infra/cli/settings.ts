// `relay settings`: the sources of a stage, checked before they are stored, so that no mistake of theirs is ever in
// force. Values are never shown: most of them are keys.

import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseSettings } from '../../lib/config/parse-settings';
import { usableSources } from '../../lib/config/settings';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { confirm } from './confirm';
import { Failure, usageFailure } from './failure';
import type { Io } from './io';
import { plural } from './layout';
import { openTarget, type TargetOptions } from './target';
import { describeCommand, optionsOf } from './words';

interface SettingsOptions extends TargetOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

export const addSettings = (program: Command, io: Io): void => {
  const group = describeCommand(program.command('settings'), {
    summary: 'the sources of a stage: check, fetch, store',
    description:
      'The sources of a stage stand in an encrypted parameter. What is stored is checked first, and shown as a difference without its values.',
    examples: ['relay settings check sources.json', 'relay settings push sources.json --stage prod'],
  });
  describeCommand(group.command('check'), {
    summary: 'every mistake in a file, or in what is stored',
    description: 'Reads settings as the functions do, and names every mistake by source and field.',
    examples: ['relay settings check sources.json', 'relay settings check --stage prod'],
  })
    .argument('[file]', 'JSON; default: what is in force')
    .action((file: string | undefined, _: unknown, command: Command) =>
      check(file, optionsOf<SettingsOptions>(command), io),
    );
  describeCommand(group.command('pull'), {
    summary: 'what is stored, into a file of yours alone',
    description: 'Writes what is stored into a new file that only you may read. Delete it when you are done.',
    examples: ['relay settings pull sources.json --stage prod'],
  })
    .argument('<file>', 'a file that is not there yet')
    .action((file: string, _: unknown, command: Command) =>
      pull(file, optionsOf<SettingsOptions>(command), io),
    );
  describeCommand(group.command('push'), {
    summary: 'check a file, show the difference, store it',
    description:
      'Checks a file, says which fields of which sources change, and stores it encrypted. The parameter store keeps the previous version.',
    examples: ['relay settings push sources.json --stage prod'],
  })
    .argument('<file>', 'JSON')
    .option('-y, --yes', 'do not ask')
    .action((file: string, _: unknown, command: Command) =>
      push(file, optionsOf<SettingsOptions>(command), io),
    );
};

const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new Failure(`There is no file ${file}.`, 'Give a file with a JSON array of sources.');
  }
};

/** @returns how many sources can be used. @throws Failure, or SettingsError when there are none. */
const requireSound = (text: string, place: string): number => {
  const settings = parseSettings(text, place);
  if (settings.mistakes.length === 0) return usableSources(settings).length;
  throw new Failure(
    `${place} has ${plural(settings.mistakes.length, 'mistake')}:\n- ${settings.mistakes.join('\n- ')}`,
    'Mend them; the fields are in the README, Settings.',
  );
};

const check = async (file: string | undefined, options: SettingsOptions, io: Io): Promise<void> => {
  const { text, place } =
    file === undefined
      ? await (await openTarget(options, io)).settingsText()
      : { text: await readText(file), place: file };
  const sources = requireSound(text, place);
  io.out(
    options.json
      ? JSON.stringify({ sources, mistakes: [] })
      : `${place} is right: ${plural(sources, 'source')}.`,
  );
};

const pull = async (file: string, options: SettingsOptions, io: Io): Promise<void> => {
  const { text, place } = await (await openTarget(options, io)).settingsText();
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch {
    throw usageFailure(
      `${file} cannot be written, or is there already.`,
      'Name a file that is not there yet.',
    );
  }
  io.out(
    options.json
      ? JSON.stringify({ file })
      : `${place} is in ${file}. It holds keys: delete it when you are done.`,
  );
};

/** SSM's own limits: a standard parameter, and an advanced one. */
const STANDARD_BYTES = 4_096;
const ADVANCED_BYTES = 8_192;

const push = async (file: string, options: SettingsOptions, io: Io): Promise<void> => {
  const text = await readText(file);
  requireSound(text, file);
  const compact = JSON.stringify(JSON.parse(text));
  const bytes = Buffer.byteLength(compact);
  if (bytes > ADVANCED_BYTES) {
    throw new Failure(
      `${file} has ${bytes} bytes; a parameter holds ${ADVANCED_BYTES}.`,
      'Deploy a second stage for some of the sources.',
    );
  }
  const target = await openTarget(options, io);
  const store = target.storeSettings;
  if (store === undefined)
    throw usageFailure(`${target.name} has its settings in SOURCES.`, 'Name a stage: --stage prod.');
  const changes = differences(
    await target.settingsText().then(({ text: stored }) => stored, whenMissing),
    compact,
  );
  if (changes.length === 0) return io.out(options.json ? '{"changes":[]}' : 'Nothing changes.');
  await confirm(
    io,
    `Changes of ${target.name}:\n${changes.map((change) => `- ${change}`).join('\n')}`,
    options,
  );
  await store(compact, bytes > STANDARD_BYTES ? 'Advanced' : 'Standard');
  io.out(options.json ? JSON.stringify({ changes }) : 'Stored; functions read it within five minutes.');
};

const whenMissing = (error: unknown): string => {
  if (error instanceof Error && error.name === 'ParameterNotFound') return '[]';
  throw error;
};

/** Which fields of which sources differ, without a value. */
const differences = (before: string, after: string): string[] => {
  const old = byName(before);
  const next = byName(after);
  const names = [...new Set([...old.keys(), ...next.keys()])];
  return names.flatMap((name) => {
    const [from, to] = [old.get(name), next.get(name)];
    if (from === undefined) return [`${name} is new`];
    if (to === undefined) return [`${name} is gone; what still names it becomes a dead letter`];
    return changedFields(from, to).map((field) => `${name}: ${field} changes`);
  });
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
