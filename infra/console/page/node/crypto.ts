// `hash` of node:crypto for the page: the bundler puts this in its place. Synchronous, as the mapping is, which the
// browser's own digest is not.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** @param encoding `binary`: a character for each byte. */
export const hash = (algorithm: 'sha256', text: string, encoding: 'hex' | 'binary'): string => {
  if (algorithm !== 'sha256') throw new Error(`There is no ${algorithm} in the page.`);
  const digest = sha256(utf8ToBytes(text));
  return encoding === 'hex' ? bytesToHex(digest) : String.fromCharCode(...digest);
};
