// Whose rules are tried: those of a file that is not stored yet, or those in force. A source with a mistake is told by
// its mistakes, because a rule that cannot be read cannot be tried.

import { parseSettings } from '../../../lib/config/parse-settings';
import { identityOf, type ParsedSettings } from '../../../lib/config/settings';
import type { Source } from '../../../lib/config/source';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { readSettingsFile } from '../settings/commands';
import { openTarget, type TargetOptions } from '../target';

export interface SettingsOptions {
  /** A file. */
  readonly settings?: string;
  readonly source?: string;
  readonly workspace?: string;
}

/** One for each workspace that events of the source are delivered to. */
export const workspacesToTry = async (
  options: SettingsOptions & TargetOptions,
  io: Io,
): Promise<readonly Source[]> => {
  const { text, place } =
    options.settings === undefined
      ? await (await openTarget(options, io)).settingsText()
      : { text: await readSettingsFile(options.settings), place: options.settings };
  return chooseWorkspace(chooseSource(parseSettings(text, place), options), options);
};

const chooseSource = ({ entries, mistakes }: ParsedSettings, { source }: SettingsOptions) => {
  const entry = source === undefined ? entries[0] : entries.find((one) => identityOf(one).name === source);
  if (entry?.kind === 'source') return entry.workspaces;
  if (entry === undefined) {
    const names = entries.flatMap((one) => identityOf(one).name ?? []);
    throw usageFailure(`There is no source ${source}.`, `Choose with --source: ${names.join(', ')}.`);
  }
  const what = source === undefined ? 'The first source' : `The source ${source}`;
  throw new Failure(`${what} has a mistake:\n- ${mistakes.join('\n- ')}`, 'Mend it, and try again.');
};

const chooseWorkspace = (
  workspaces: readonly Source[],
  { workspace: wanted }: SettingsOptions,
): readonly Source[] => {
  const chosen = workspaces.filter(({ workspace }) => wanted === undefined || workspace === wanted);
  if (chosen.length > 0) return chosen;
  const names = workspaces.flatMap(({ workspace }) => workspace ?? []);
  throw usageFailure(
    `The source has no workspace ${wanted}.`,
    names.length === 0 ? 'It has one, which needs no name.' : `Choose with --workspace: ${names.join(', ')}.`,
  );
};
