// Looks up the write key that a document is asked for with. Scripts hold nothing of a source, and settings documents
// little, so a source that is left out for a mistake has them too: its SDKs keep their events until it is mended.

import { loadSettings } from '../config/load-settings';
import type { Lookup, Settings } from '../config/settings';
import { lookUpKey } from './write-key';

export const lookUpKeyOfDocument = async (writeKey: string | undefined): Promise<Lookup> => {
  const lookUp = (settings: Settings): Lookup => lookUpKey(settings, [writeKey]);
  return lookUp(await loadSettings((settings) => lookUp(settings).kind !== 'unknown'));
};
