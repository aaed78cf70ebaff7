// Whether the write key in the path of a document is some source's. The documents hold nothing else of a source:
// one that is left out for a mistake has them too, and its SDKs keep their events until it is mended.

import { loadSettings } from '../config/load-settings';
import type { Settings } from '../config/settings';
import { lookUpKey } from './write-key';

export const isKeyOfSource = async (writeKey: string | undefined): Promise<boolean> => {
  const isKnown = (settings: Settings): boolean => lookUpKey(settings, [writeKey]).kind !== 'unknown';
  return isKnown(await loadSettings(isKnown));
};
