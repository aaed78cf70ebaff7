// The archive in its bucket.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ArchiveStore, StoredObject } from './store';

export const s3Store = (s3: S3Client, bucket: string): ArchiveStore => ({
  name: `s3://${bucket}`,
  list: (prefix) => list(s3, bucket, prefix),
  read: (key) => read(s3, bucket, key),
  write: async (key, content) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
  },
  remove: async (key) => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

async function* list(s3: S3Client, bucket: string, prefix: string): AsyncGenerator<StoredObject> {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key: key, Size: bytes = 0, ETag: tag } of page.Contents ?? [])
      if (key) yield { key, bytes, version: tag ?? String(bytes) };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

const read = async (s3: S3Client, bucket: string, key: string): Promise<Buffer | undefined> => {
  try {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return body && Buffer.from(await body.transformToByteArray());
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};
