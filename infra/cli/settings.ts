// `relay settings`: the sources of a stage, checked before they are stored, so that no mistake of theirs is ever in
// force. Values are never shown: most of them are keys.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseSettings } from '../../lib/config/parse-settings';
import { usableSources } from '../../lib/config/settings';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { confirm } from './confirm';
import { editText } from './editor';
import { Failure, noSuchFile, usageFailure } from './failure';
import type { Io } from './io';
import { plural } from './layout';
import { openTarget, type Target, type TargetOptions } from './target';
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
  addChanges(group, io);
};

const addChanges = (group: Command, io: Io): void => {
  describeCommand(group.command('edit'), {
    summary: 'change what is stored in your editor',
    description:
      'Opens what is stored in $EDITOR, checks what you have written, shows the difference and stores it.',
    examples: ['relay settings edit --stage prod'],
  })
    .option('-y, --yes', 'do not ask')
    .action((_, command: Command) => edit(optionsOf<SettingsOptions>(command), io));
  describeCommand(group.command('rotate'), {
    summary: 'a new write key, while the old one still works',
    description:
      'Gives a source a new write key. The old one goes on as a source of its own, whose metrics show who still uses it, until you finish the rotation.',
    examples: ['relay settings rotate shop --stage prod', 'relay settings rotate shop --finish --stage prod'],
  })
    .argument('<source>', 'its name')
    .option('--finish', 'end it: the old key is refused from then on')
    .option('-y, --yes', 'do not ask')
    .action((name: string, _: unknown, command: Command) =>
      rotate(name, optionsOf<RotateOptions>(command), io),
    );
};

export const readSettingsFile = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw noSuchFile(file, 'Give a file with a JSON array of sources.');
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
      : { text: await readSettingsFile(file), place: file };
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

const push = async (file: string, options: SettingsOptions, io: Io): Promise<void> => {
  const text = await readSettingsFile(file);
  requireSound(text, file);
  const target = await openTarget(options, io);
  const before = await target.settingsText().then(({ text: stored }) => stored, whenMissing);
  if (await store(target, before, text, options, io)) tellStored(options, io);
};

const edit = async (options: SettingsOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const { text: before } = await target.settingsText();
  const after = await editText(indented(before), 'change a file: npx relay settings pull, then push.', io);
  requireSound(after, 'What was written');
  if (await store(target, before, after, options, io)) tellStored(options, io);
};

const indented = (json: string): string => {
  try {
    return `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`;
  } catch {
    return json;
  }
};

const tellStored = ({ json }: SettingsOptions, io: Io): void =>
  io.out(json ? '{"stored":true}' : 'Stored; functions read it within five minutes.');

/** Shows the difference, asks, and stores what is sound. Answers false when nothing changes. */
const store = async (
  target: Target,
  before: string,
  after: string,
  options: SettingsOptions,
  io: Io,
): Promise<boolean> => {
  const compact = JSON.stringify(JSON.parse(after));
  if (target.storeSettings === undefined) {
    throw usageFailure(`${target.name} has its settings in SOURCES.`, 'Name a stage: --stage prod.');
  }
  const changes = differences(before, compact);
  if (changes.length === 0) {
    io.out(options.json ? '{"stored":false}' : 'Nothing changes.');
    return false;
  }
  const list = changes.map((change) => `- ${change}`).join('\n');
  await confirm(io, `Changes of ${target.name}:\n${list}`, options);
  await target.storeSettings(compact);
  return true;
};

interface RotateOptions extends SettingsOptions {
  readonly finish?: boolean;
}

/** The name under which the old key goes on. */
const retiringName = (name: string): string => `${name}-retiring`;

/** A source has one key: until everybody has the new one, a second source of the same workspace has the old. */
const rotate = async (name: string, options: RotateOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const { text, place } = await target.settingsText();
  requireSound(text, place);
  const parsed: unknown = JSON.parse(text);
  const sources = Array.isArray(parsed) ? parsed.filter(isObject) : [];
  if (options.finish) return finishRotation(name, { target, text, sources }, options, io);
  const retiring = retiringName(name);
  if (sources.some((source) => source['name'] === retiring)) {
    throw usageFailure(
      `A write key of ${name} is being rotated.`,
      `End that first: npx relay settings rotate ${name} --finish.`,
    );
  }
  requireSource(sources, name);
  const writeKey = randomBytes(KEY_BYTES).toString('hex');
  const rotated = sources.flatMap((source) =>
    source['name'] === name
      ? [
          { ...source, writeKey },
          { ...source, name: retiring },
        ]
      : [source],
  );
  if (!(await store(target, text, JSON.stringify(rotated), options, io))) return;
  if (options.json) return io.out(JSON.stringify({ source: name, writeKey, retiring }));
  io.out(`The new write key of ${name}: ${writeKey}`);
  io.err(
    `The old one goes on as the source ${retiring}. When its EventsReceived has stayed at zero: npx relay settings rotate ${name} --finish.`,
  );
};

const KEY_BYTES = 16;

const requireSource = (sources: readonly JsonObject[], name: string): void => {
  if (sources.some((source) => source['name'] === name)) return;
  const names = sources.map((source) => source['name']).join(', ');
  throw usageFailure(`There is no source ${name}.`, `There are: ${names}.`);
};

interface Stored {
  readonly target: Target;
  readonly text: string;
  readonly sources: readonly JsonObject[];
}

const finishRotation = async (
  name: string,
  { target, text, sources }: Stored,
  options: SettingsOptions,
  io: Io,
): Promise<void> => {
  requireSource(sources, retiringName(name));
  const rest = sources.filter((source) => source['name'] !== retiringName(name));
  if (await store(target, text, JSON.stringify(rest), options, io)) tellStored(options, io);
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
