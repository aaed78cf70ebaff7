// The archive's bucket where others write it too.

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Store } from '../../infra/archive/s3-store';
import { AlwaysWritten } from '../../infra/archive/store';
import { toFailure } from '../../infra/cli/failure';
import { conditionalS3, refusal } from '../support/conditional-s3';

const { mock: s3, objects, write, reset } = conditionalS3();

beforeEach(reset);

afterAll(() => s3.restore());

const store = s3Store(new S3Client({ region: 'us-east-1' }), 'b');

/** Takes a letter out; `meanwhile` is what somebody else does between its reading and its writing, once. */
const without = (letter: string, meanwhile: () => void) => {
  let isFirst = true;
  return (content: Buffer | undefined) => {
    if (isFirst) meanwhile();
    isFirst = false;
    if (content === undefined) return undefined;
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

it('An object that is not there is made, unless somebody else makes it meanwhile', async () => {
  await store.change('k', (content) => (content === undefined ? Buffer.from('a') : undefined));
  expect(objects.get('k')?.text).toBe('a');

  const seen: (string | undefined)[] = [];
  await store.change('l', (content) => {
    seen.push(content?.toString());
    if (content === undefined) write('l', 'theirs');
    return Buffer.from(`${content ?? ''} and mine`);
  });
  expect(seen).toEqual([undefined, 'theirs']);
  expect(objects.get('l')?.text).toBe('theirs and mine');

  await store.change('m', () => undefined);
  expect(objects.has('m')).toBe(false);
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
  const always = store.change('k', () => {
    write('k', 'abc');
    return Buffer.from('bc');
  });
  const error = await always.catch((failed: unknown) => failed);
  expect(error).toBeInstanceOf(AlwaysWritten);
  expect(toFailure(error)).toMatchObject({
    message: 's3://b/k is written by somebody else all the time.',
    whatToDo: 'Give the command again when nobody else writes there.',
  });

  s3.on(PutObjectCommand).rejects(refusal('AccessDenied', 403));
  await expect(store.change('k', () => Buffer.from('x'))).rejects.toMatchObject({ name: 'AccessDenied' });
});
