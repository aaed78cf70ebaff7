// The archive's bucket where others write it too: S3 at the SDK's edge, with conditional writes as its API reference has
// them, which the emulator does not know.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { s3Store } from '../../infra/archive/s3-store';

const s3 = mockClient(S3Client);
let objects: Map<string, { text: string; version: number }>;

const refusal = (name: string, status: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode: status } });

const tagOf = (key: string): string => `"${objects.get(key)?.version}"`;

const requireSame = ({ Key: key = '', IfMatch: tag }: { Key?: string; IfMatch?: string }): void => {
  if (tag === undefined) return;
  if (!objects.has(key)) throw refusal('NoSuchKey', 404);
  if (tag !== tagOf(key)) throw refusal('PreconditionFailed', 412);
};

const write = (key: string, text: string): void => {
  objects.set(key, { text, version: (objects.get(key)?.version ?? 0) + 1 });
};

beforeEach(() => {
  objects = new Map();
  s3.reset();
  s3.on(GetObjectCommand).callsFake(({ Key: key }) => {
    const found = objects.get(key);
    if (found === undefined) throw new NoSuchKey({ message: '', $metadata: {} });
    return {
      ETag: tagOf(key),
      Body: { transformToByteArray: () => Promise.resolve(Buffer.from(found.text)) },
    };
  });
  s3.on(PutObjectCommand).callsFake((input) => {
    requireSame(input);
    write(input.Key, String(input.Body));
  });
  s3.on(DeleteObjectCommand).callsFake((input) => {
    requireSame(input);
    objects.delete(input.Key);
  });
});

afterAll(() => s3.restore());

const store = s3Store(new S3Client({ region: 'us-east-1' }), 'b');

/** Takes a letter out; `meanwhile` is what somebody else does between its reading and its writing, once. */
const without = (letter: string, meanwhile: () => void) => {
  let isFirst = true;
  return (content: Buffer) => {
    if (isFirst) meanwhile();
    isFirst = false;
    const left = content.toString().replace(letter, '');
    return left === '' ? 'remove' : Buffer.from(left);
  };
};

it('What somebody else writes while an object is changed is changed too, and not written over', async () => {
  write('k', 'abc');
  await store.change(
    'k',
    without('a', () => write('k', 'ac')),
  );

  expect(objects.get('k')?.text).toBe('c');
});

it('An object that is to go does not take with it what came into it meanwhile', async () => {
  write('k', 'a');
  await store.change(
    'k',
    without('a', () => write('k', 'ab')),
  );

  expect(objects.get('k')?.text).toBe('b');
});

it('An object that somebody else removed meanwhile does not come back', async () => {
  write('k', 'abc');
  await store.change(
    'k',
    without('a', () => void objects.delete('k')),
  );

  expect(objects.has('k')).toBe(false);
});

it('A write that meets another at S3 is tried again', async () => {
  write('k', 'abc');
  s3.on(PutObjectCommand)
    .rejectsOnce(refusal('ConditionalRequestConflict', 409))
    .callsFake((input) => write(input.Key, String(input.Body)));
  await store.change(
    'k',
    without('a', () => undefined),
  );

  expect(objects.get('k')?.text).toBe('bc');
});

it('An object that others write all the time is given up, and any other refusal told at once', async () => {
  write('k', 'abc');
  const always = store.change('k', (content) => {
    write('k', 'abc');
    return content.subarray(1);
  });
  await expect(always).rejects.toThrow('b/k is written by somebody else all the time.');

  s3.on(PutObjectCommand).rejects(refusal('AccessDenied', 403));
  await expect(store.change('k', () => Buffer.from('x'))).rejects.toMatchObject({ name: 'AccessDenied' });
});
