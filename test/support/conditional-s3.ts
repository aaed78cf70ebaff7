// S3 at the SDK's edge, with conditional writes as its API reference has them, which the emulator does not know.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

interface Conditions {
  readonly Key?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

export const refusal = (name: string, status: number): S3ServiceException =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode: status } });

export const conditionalS3 = () => {
  const mock = mockClient(S3Client);
  const objects = new Map<string, { readonly text: string; readonly version: number }>();
  const tagOf = (key: string): string => `"${objects.get(key)?.version}"`;
  const write = (key: string, text: string): void => {
    objects.set(key, { text, version: (objects.get(key)?.version ?? 0) + 1 });
  };
  const requireSame = ({ Key: key = '', IfMatch: tag, IfNoneMatch: none }: Conditions): void => {
    if (none === '*' && objects.has(key)) throw refusal('PreconditionFailed', 412);
    if (tag === undefined) return;
    if (!objects.has(key)) throw refusal('NoSuchKey', 404);
    if (tag !== tagOf(key)) throw refusal('PreconditionFailed', 412);
  };
  /** Empty, and answering as S3 does. */
  const reset = (): void => {
    objects.clear();
    mock.reset();
    mock.on(ListObjectsV2Command).callsFake(({ Prefix: prefix }) => ({
      Contents: [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort()
        .map((key) => ({ Key: key, ETag: tagOf(key) })),
    }));
    mock.on(GetObjectCommand).callsFake(({ Key: key }) => {
      const found = objects.get(key);
      if (found === undefined) throw new NoSuchKey({ message: '', $metadata: {} });
      return {
        ETag: tagOf(key),
        Body: { transformToByteArray: () => Promise.resolve(Buffer.from(found.text, 'latin1')) },
      };
    });
    mock.on(PutObjectCommand).callsFake((input) => {
      requireSame(input);
      write(input.Key, input.Body.toString('latin1'));
    });
    mock.on(DeleteObjectCommand).callsFake((input) => {
      requireSame(input);
      objects.delete(input.Key);
    });
  };
  return { mock, objects, write, reset };
};
