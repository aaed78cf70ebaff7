// The settings: whether they can be read, are right, fit their parameter and are encrypted in it.

import { parseSettings } from '../../../lib/config/parse-settings';
import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import { plural } from '../layout';
import { nextCommand, type Place } from '../next-command';
import { inParts } from '../settings-store';
import type { SettingsText, Target } from '../target';
import { bad, type Finding, failed, good } from './finding';

export interface SettingsFindings {
  readonly findings: readonly Finding[];
  readonly parsed: ParsedSettings | undefined;
}

export const lookAtSettings = async (target: Target): Promise<SettingsFindings> => {
  const place = { stage: target.stage?.name };
  try {
    const settings = await target.settingsText();
    const parsed = parseSettings(settings.text, settings.place);
    return {
      parsed,
      findings: [...findMistakes(parsed, place), ...findPlain(settings, place), sizeOf(settings)],
    };
  } catch (error) {
    return { parsed: undefined, findings: [failed('settings', error)] };
  }
};

const findMistakes = (parsed: ParsedSettings, place: Place): Finding[] =>
  parsed.mistakes.length === 0
    ? [good('settings', plural(usableSources(parsed).length, 'source'))]
    : parsed.mistakes.map((what) =>
        bad(
          'settings',
          what,
          `Mend it; the fields are in the README, Settings:${nextCommand('settings edit', place)}`,
        ),
      );

const findPlain = ({ place: parameter, isEncrypted }: SettingsText, place: Place): Finding[] =>
  isEncrypted
    ? []
    : [
        bad(
          'settings',
          `${parameter} holds keys and is not encrypted`,
          `Store it as a SecureString. Pull it, delete the parameter, then push it:${nextCommand('settings pull sources.json', place)}`,
        ),
      ];

const sizeOf = ({ text }: SettingsText): Finding => {
  const { parts } = inParts(text);
  const where = parts.length === 0 ? 'one parameter' : plural(parts.length, 'parameter');
  return good('settings', `${Buffer.byteLength(text)} bytes, which fit ${where}`);
};
