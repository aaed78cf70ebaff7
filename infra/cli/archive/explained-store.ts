// A bucket that says in words why it cannot be used. S3's own errors do not name it.

import { isObject } from '../../../lib/json/json-object';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import { Failure } from '../failure';

export const explained = (store: ArchiveStore): ArchiveStore => ({
  name: store.name,
  list: (prefix, after) => listed(store, prefix, after),
  folders: (prefix) => store.folders(prefix).catch(inWords(store, 'read')),
  read: (key) => store.read(key).catch(inWords(store, 'read')),
  write: (key, content) => store.write(key, content).catch(inWords(store, 'written')),
  change: (key, make) => store.change(key, make).catch(inWords(store, 'written')),
  remove: (key) => store.remove(key).catch(inWords(store, 'written')),
});

async function* listed(
  store: ArchiveStore,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<StoredObject> {
  try {
    yield* store.list(prefix, after);
  } catch (error) {
    inWords(store, 'read')(error);
  }
}

const PERMISSIONS = 'Ask for the permissions that docs/archive.md lists.';

/** What S3 answers a request that was sent, or signed, for another region. */
const OTHER_REGION: ReadonlySet<unknown> = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed']);

/** Of the SDK: none is set, or one that cannot be. */
const NO_REGION = /^Region (is missing|not accepted)/;

const inWords =
  ({ name: bucket }: ArchiveStore, done: 'read' | 'written') =>
  (error: unknown): never => {
    const { name, message } = isObject(error) ? error : { name: undefined, message: undefined };
    if (String(name).startsWith('AccessDenied'))
      throw new Failure(`${bucket} may not be ${done}: ${inOneSentence(name, message)}`, PERMISSIONS);
    if (name === 'NoSuchBucket')
      throw new Failure(`There is no bucket ${bucket}.`, 'Check its name, and the account of AWS_PROFILE.');
    if (OTHER_REGION.has(name))
      throw new Failure(
        `${bucket} is in another region: ${inOneSentence(name, message)}`,
        'Set AWS_REGION to the one that it is in.',
      );
    if (NO_REGION.test(String(message)))
      throw new Failure(
        `There is no telling in which region ${bucket} is.`,
        'Set it: export AWS_REGION=eu-west-1.',
      );
    throw error;
  };

const inOneSentence = (name: unknown, message: unknown): string =>
  `${name}: ${message}${/[.!?]$/.test(String(message)) ? '' : '.'}`;
