// Finds the source a request belongs to by its write key, wherever the SDK put it. The comparison takes the
// same time for every key and always looks at every source.

import { hash, timingSafeEqual } from 'node:crypto';
import { identityOf, type Lookup, notFound, type Settings, type SourceEntry } from '../config/settings';
import { refuse } from '../http/refusal';

export const UNKNOWN_KEY = refuse(
  'invalid_write_key',
  'No source has this write key. Check the key, and which endpoint it is for.',
);
export const UNKNOWN_KEY_PATH = refuse('not_found', 'No source has the write key of this path.');

/** The user of `Authorization: Basic`, which is the write key; some SDKs leave out the colon behind it. */
export const basicUser = (authorization: string | undefined): string | undefined => {
  if (authorization === undefined || !/^basic /i.test(authorization)) return undefined;
  const credentials = decodeBase64(authorization.slice('basic '.length));
  const colon = credentials.indexOf(':');
  return colon === -1 ? credentials : credentials.slice(0, colon);
};

/**
 * Decodes with `atob`, which costs a third of a Buffer but knows only bytes. Keys beyond ASCII are rare, and are
 * UTF-8.
 */
const decodeBase64 = (text: string): string => {
  try {
    const bytes = atob(text);
    return /^[ -~]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
  } catch {
    return '';
  }
};

/**
 * The source of the first candidate that is some source's write key. A request without any key is nobody's, and
 * worth no further look.
 */
export const lookUpKey = (settings: Settings, candidates: Iterable<unknown>): Lookup => {
  let hasKey = false;
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate === '') continue;
    hasKey = true;
    const entry = findByKey(settings.entries, candidate);
    if (entry !== undefined) return entry;
  }
  return hasKey ? notFound(settings, 'writeKey') : { kind: 'unknown' };
};

const findByKey = (entries: readonly SourceEntry[], writeKey: string): SourceEntry | undefined => {
  given.write(digest(writeKey), 'latin1');
  let found: SourceEntry | undefined;
  digestsOf(entries).forEach((expected, index) => {
    if (timingSafeEqual(given, expected)) found ??= entries[index];
  });
  return found;
};

/** Digests have one length, which `timingSafeEqual` needs and which tells nothing of the key's. */
const digest = (writeKey: string): string => hash('sha256', writeKey, 'hex');

/** The digest being looked for. One buffer serves all requests: it is filled and compared in one go. */
const given = Buffer.alloc(digest('').length);

const knownDigests = new WeakMap<readonly SourceEntry[], readonly Buffer[]>();

/** Kept for as long as the settings are. An entry whose key cannot be read has the digest of none. */
const digestsOf = (entries: readonly SourceEntry[]): readonly Buffer[] => {
  const known = knownDigests.get(entries);
  if (known !== undefined) return known;
  const digests = entries.map((entry) => Buffer.from(digest(identityOf(entry).writeKey ?? ''), 'latin1'));
  knownDigests.set(entries, digests);
  return digests;
};
