// The archive in its bucket.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { AlwaysWritten, type ArchiveStore, type StoredObject } from './store';

export const s3Store = (s3: S3Client, bucket: string): ArchiveStore => ({
  name: `s3://${bucket}`,
  list: (prefix, after) => list(s3, bucket, prefix, after),
  folders: (prefix) => folders(s3, bucket, prefix),
  read: async (key) => (await read(s3, bucket, key))?.content,
  write: async (key, content) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
  },
  change: (key, make) => change(s3, bucket, key, make),
  remove: async (key) => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

async function* list(
  s3: S3Client,
  bucket: string,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<StoredObject> {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        ...{ Bucket: bucket, Prefix: prefix, StartAfter: after },
        ContinuationToken: token,
      }),
    );
    for (const { Key: key, Size: bytes = 0, ETag: tag } of page.Contents ?? [])
      if (key) yield { key, bytes, version: tag ?? String(bytes) };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

const folders = async (s3: S3Client, bucket: string, prefix: string): Promise<string[]> => {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
    );
    for (const { Prefix: found = '' } of page.CommonPrefixes ?? [])
      names.push(found.slice(prefix.length, -1));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return names;
};

interface Stored {
  readonly content: Buffer;
  readonly tag: string | undefined;
}

const read = async (s3: S3Client, bucket: string, key: string): Promise<Stored | undefined> => {
  try {
    const { Body: body, ETag: tag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return body && { content: Buffer.from(await body.transformToByteArray()), tag };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};

/** No object that somebody else changes at the same time is written by them more often. */
const MAX_ROUNDS = 10;

const change = async (
  s3: S3Client,
  bucket: string,
  key: string,
  make: Parameters<ArchiveStore['change']>[1],
): Promise<void> => {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = await read(s3, bucket, key);
    const made = make(stored?.content);
    if (made === undefined || (made === 'remove' && stored === undefined)) return;
    const condition = stored === undefined ? { IfNoneMatch: '*' } : { IfMatch: stored.tag };
    if (await isStored(s3, { Bucket: bucket, Key: key, ...condition }, made)) return;
  }
  throw new AlwaysWritten(`s3://${bucket}/${key}`);
};

/** False: it is not what it was when it was read. */
const isStored = async (
  s3: S3Client,
  place: {
    readonly Bucket: string;
    readonly Key: string;
    readonly IfMatch?: string | undefined;
    readonly IfNoneMatch?: string;
  },
  made: Buffer | 'remove',
): Promise<boolean> => {
  try {
    if (made === 'remove') await s3.send(new DeleteObjectCommand(place));
    else await s3.send(new PutObjectCommand({ ...place, Body: made }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && CHANGED.has(error.$metadata.httpStatusCode ?? 0)) return false;
    throw error;
  }
};

/** Another writer was there before, is there now, or has removed it: what S3 answers to a condition that fails. */
const CHANGED: ReadonlySet<number> = new Set([404, 409, 412]);
