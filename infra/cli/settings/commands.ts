// `relay settings`: the sources of a stage, checked before they are stored, so that no mistake of theirs is ever in
// force. Values are never shown: most of them are keys.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseSettings } from '../../../lib/config/parse-settings';
import { usableSources } from '../../../lib/config/settings';
import { SettingsError } from '../../../lib/errors';
import { parseCount } from '../arguments';
import { editText } from '../editor';
import { cannotRead, Failure } from '../failure';
import type { Io } from '../io';
import { fold, plural } from '../layout';
import { OWNER_ALONE, writeNewFile } from '../new-file';
import { nextCommand } from '../next-command';
import { openTarget } from '../target';
import { describeCommand, optionsOf } from '../words';
import { type HistoryOptions, restore, showHistory } from './history';
import { type RotateOptions, rotate } from './rotate';
import { inSources, requireSound, type SettingsOptions, store, tellStored } from './store-settings';

const DRY_RUN = ['--dry-run', 'show what would change, and store nothing'] as const;

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
      'Checks a file, says which fields of which sources change, and stores it encrypted. The parameter store keeps the versions before: `settings history` shows them, `settings restore` puts one back.',
    examples: [
      'relay settings push sources.json --stage prod --dry-run',
      'relay settings push sources.json --stage prod',
    ],
  })
    .argument('<file>', 'JSON')
    .option('-y, --yes', 'do not ask')
    .option(...DRY_RUN)
    .action((file: string, _: unknown, command: Command) =>
      push(file, optionsOf<SettingsOptions>(command), io),
    );
  addHistory(group, io);
  addChanges(group, io);
};

const addHistory = (group: Command, io: Io): void => {
  describeCommand(group.command('history'), {
    summary: 'what was stored before, by whom, and what changed',
    description:
      'Shows the versions that the parameter store keeps, a hundred of them, with which fields of which sources changed. Values are not shown.',
    examples: ['relay settings history --stage prod'],
  })
    .option('--limit <count>', 'how many at most', parseCount, DEFAULT_VERSIONS)
    .action((_, command: Command) => showHistory(optionsOf<HistoryOptions>(command), io));
  describeCommand(group.command('restore'), {
    summary: 'an older version, in force again',
    description:
      'Checks an older version, says which fields of which sources change by it, and stores it anew, as the newest version.',
    examples: ['relay settings restore --stage prod', 'relay settings restore 12 --stage prod'],
  })
    .argument('[version]', 'as `settings history` has it; default: the one before this', parseCount)
    .option('-y, --yes', 'do not ask')
    .option(...DRY_RUN)
    .action((version: number | undefined, _: unknown, command: Command) =>
      restore(version, optionsOf<SettingsOptions>(command), io),
    );
};

const DEFAULT_VERSIONS = 10;

const addChanges = (group: Command, io: Io): void => {
  describeCommand(group.command('edit'), {
    summary: 'change what is stored in your editor',
    description:
      'Opens what is stored in $EDITOR, checks what you have written, shows the difference and stores it.',
    examples: ['relay settings edit --stage prod'],
  })
    .option('-y, --yes', 'do not ask')
    .option(...DRY_RUN)
    .action((_, command: Command) => edit(optionsOf<SettingsOptions>(command), io));
  describeCommand(group.command('rotate'), {
    summary: 'a new write key, while the old one still works',
    description:
      'Gives a source a new write key. The old one goes on as a source of its own until you finish the rotation; --status shows whether it is still used, and whose requests have been refused since.',
    examples: [
      'relay settings rotate shop --stage prod',
      'relay settings rotate shop --status --stage prod',
      'relay settings rotate shop --finish --stage prod',
    ],
  })
    .argument('<source>', 'its name')
    .option('--status', 'change nothing; what each key brought, and what was refused, in 24 hours')
    .option('--finish', 'end it: the old key is refused from then on')
    .option('-y, --yes', 'do not ask')
    .option(...DRY_RUN)
    .action((name: string, _: unknown, command: Command) =>
      rotate(name, optionsOf<RotateOptions>(command), io),
    );
};

export const readSettingsFile = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(cannotRead(file, 'Give a file with a JSON array of sources.'));

const check = async (file: string | undefined, options: SettingsOptions, io: Io): Promise<void> => {
  const { text, place } =
    file === undefined
      ? await (await openTarget(options, io)).settingsText()
      : { text: await readSettingsFile(file), place: file };
  if (options.json) tellMistakes(text, place, io);
  const sources = requireSound(text, place);
  if (!options.json) io.out(`${place} is right: ${plural(sources, 'source')}.`);
};

const tellMistakes = (text: string, place: string, io: Io): void => {
  try {
    const settings = parseSettings(text, place);
    io.out(JSON.stringify({ sources: usableSources(settings).length, mistakes: settings.mistakes }));
  } catch (error) {
    // No source of them can be used.
    if (!(error instanceof SettingsError)) throw error;
    io.out(JSON.stringify({ sources: 0, mistakes: [error.message] }));
  }
};

const pull = async (file: string, options: SettingsOptions, io: Io): Promise<void> => {
  const { text, place } = await (await openTarget(options, io)).settingsText();
  await writeNewFile(file, (written) => written.writeFile(text), OWNER_ALONE);
  io.out(
    options.json
      ? JSON.stringify({ file })
      : fold(`${place} is in ${file}. It holds keys: delete it when you are done.`),
  );
};

const push = async (file: string, options: SettingsOptions, io: Io): Promise<void> => {
  const text = await readSettingsFile(file);
  requireSound(text, file);
  const target = await openTarget(options, io);
  const before = await target.settingsText().then(({ text: stored }) => stored, whenUnreadable);
  if (await store(target, before, text, options, io)) tellStored(options, io);
};

const edit = async (options: SettingsOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  if (target.storeSettings === undefined) throw inSources(target);
  const { text: before } = await target.settingsText();
  const otherwise = `change a file and push it:${nextCommand('settings pull sources.json', options)}`;
  const check = (written: string): unknown => requireSound(written, 'What was written');
  const after = await editText(indented(before), { otherwise, check, yes: options.yes }, io);
  if (await store(target, before, after, options, io)) tellStored(options, io);
};

const indented = (json: string): string => {
  try {
    return `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`;
  } catch {
    return json;
  }
};

/** Nothing stored yet, or a part of it missing or broken: what is pushed stands in the place of all of it. */
const whenUnreadable = (error: unknown): string => {
  if (error instanceof Failure || error instanceof SettingsError) return '[]';
  if (error instanceof Error && error.name === 'ParameterNotFound') return '[]';
  throw error;
};
