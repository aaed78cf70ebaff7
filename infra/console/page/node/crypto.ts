// `hash` of node:crypto for the page: the bundler puts this in its place. Synchronous, as the mapping is, which the
// browser's own digest is not.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export const hash = (algorithm: 'sha256', text: string, _encoding: 'hex'): string => {
  if (algorithm !== 'sha256') throw new Error(`There is no ${algorithm} in the page.`);
  return bytesToHex(sha256(utf8ToBytes(text)));
};
