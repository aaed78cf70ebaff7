// Sources for tests that hold no mistake; one is an error of the test.

import { parseSettings } from '../../lib/config/parse-settings';
import { usableSources } from '../../lib/config/settings';
import type { Source } from '../../lib/config/source';

export const parseSources = (json: string): readonly Source[] => {
  const settings = parseSettings(json, 'SOURCES');
  if (settings.mistakes.length > 0) throw new Error(settings.mistakes.join('\n'));
  return usableSources(settings);
};
