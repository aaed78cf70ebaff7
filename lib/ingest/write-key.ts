// Finds the source a request belongs to by its write key, wherever the SDK put it. A `Map` looks it up by a hash of
// the whole key, seeded anew in each process: the time tells nothing of how much of a key is right. A digest compared
// with that of every source was a tenth of ingest's time for one event, and more the more sources there are.

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
 * The source whose key a header of `Authorization: Basic` holds in the form that nearly every SDK writes, with a colon
 * behind the key and no password: it is looked up as it came, which saves decoding it. Undefined where it has to be
 * read.
 */
export const lookUpHeader = (
  settings: Settings,
  authorization: string | undefined,
): SourceEntry | undefined =>
  authorization === undefined ? undefined : known(settings).byHeader.get(authorization);

/**
 * The source of the first candidate that is some source's write key. A request without any key is nobody's, and
 * worth no further look.
 */
export const lookUpKey = (settings: Settings, candidates: Iterable<unknown>): Lookup => {
  let hasKey = false;
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate === '') continue;
    hasKey = true;
    const entry = known(settings).byKey.get(candidate);
    if (entry !== undefined) return entry;
  }
  return hasKey ? notFound(settings, 'writeKey') : { kind: 'unknown' };
};

interface KnownKeys {
  readonly byKey: ReadonlyMap<string, SourceEntry>;
  readonly byHeader: ReadonlyMap<string, SourceEntry>;
}

const knownKeys = new WeakMap<readonly SourceEntry[], KnownKeys>();

/** Kept for as long as the settings are. */
const known = ({ entries }: Settings): KnownKeys => {
  const kept = knownKeys.get(entries);
  if (kept !== undefined) return kept;
  const keys = gatherKeys(entries);
  knownKeys.set(entries, keys);
  return keys;
};

/** Of two entries with one key the first has it. */
const gatherKeys = (entries: readonly SourceEntry[]): KnownKeys => {
  const byKey = new Map<string, SourceEntry>();
  const byHeader = new Map<string, SourceEntry>();
  for (const entry of entries) {
    const { writeKey } = identityOf(entry);
    if (!writeKey || byKey.has(writeKey)) continue;
    byKey.set(writeKey, entry);
    const header = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
    // A colon within the key ends it for whoever reads the header: so it is the key of another, or of nobody.
    if (basicUser(header) === writeKey) byHeader.set(header, entry);
  }
  return { byKey, byHeader };
};
