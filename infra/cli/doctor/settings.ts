// The settings: whether they can be read, are right, fit their parameter and are encrypted in it.

import { parseSettings } from '../../../lib/config/parse-settings';
import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import { plural } from '../layout';
import type { SettingsText, Target } from '../target';
import { bad, type Finding, failed, good, warning } from './finding';

/** What a standard parameter holds. */
const STANDARD_BYTES = 4_096;

export interface SettingsFindings {
  readonly findings: readonly Finding[];
  readonly parsed: ParsedSettings | undefined;
}

export const lookAtSettings = async (target: Target): Promise<SettingsFindings> => {
  try {
    const settings = await target.settingsText();
    const parsed = parseSettings(settings.text, settings.place);
    return { parsed, findings: [...findMistakes(parsed), ...findPlain(settings), sizeOf(settings)] };
  } catch (error) {
    return { parsed: undefined, findings: [failed('settings', error)] };
  }
};

const findMistakes = (parsed: ParsedSettings): Finding[] =>
  parsed.mistakes.length === 0
    ? [good('settings', plural(usableSources(parsed).length, 'source'))]
    : parsed.mistakes.map((what) =>
        bad('settings', what, 'Mend it: npx relay settings edit. The fields are in the README, Settings.'),
      );

const findPlain = ({ place, isEncrypted }: SettingsText): Finding[] =>
  isEncrypted
    ? []
    : [
        bad(
          'settings',
          `${place} holds keys and is not encrypted`,
          'Store it as a SecureString: npx relay settings pull, delete the parameter, then push.',
        ),
      ];

const sizeOf = ({ text }: SettingsText): Finding => {
  const bytes = Buffer.byteLength(text);
  const what = `${bytes} of ${STANDARD_BYTES} bytes of a standard parameter`;
  if (bytes <= STANDARD_BYTES) return good('settings', what);
  return warning(
    'settings',
    what,
    'It needs the tier Advanced, which holds twice as much: npx relay settings push chooses it.',
  );
};
