// Sources for tests that hold no mistake; one is an error of the test.

import { parseSettings } from '../../lib/config/parse-settings';
import { type ParsedSettings, usableSources, usableWorkspaces } from '../../lib/config/settings';
import type { Source } from '../../lib/config/source';

export const parseSources = (json: string): readonly Source[] => usableSources(parsed(json));

/** The sources, once for each of their workspaces. */
export const parseWorkspaces = (json: string): readonly Source[] => usableWorkspaces(parsed(json));

const parsed = (json: string): ParsedSettings => {
  const settings = parseSettings(json, 'SOURCES');
  if (settings.mistakes.length > 0) throw new Error(settings.mistakes.join('\n'));
  return settings;
};
