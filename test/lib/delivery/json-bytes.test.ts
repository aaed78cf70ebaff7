import { CHUNK_BYTES, type JsonBytes, toJsonBytes } from '../../../lib/delivery/json-bytes';

const COMMA_BYTES = 1;

const roomBehind = ({ start, length }: JsonBytes): number => CHUNK_BYTES - start - length - COMMA_BYTES;

/** Writes to the current chunk, or to the next, until it has so much room. */
const leaveRoom = (bytes: number): JsonBytes => {
  let last = toJsonBytes('0');
  for (let times = 0; roomBehind(last) !== bytes && times < CHUNK_BYTES; times += 1)
    last = toJsonBytes(roomBehind(last) - bytes === 3 ? '00' : '0');
  expect(roomBehind(last)).toBe(bytes);
  return last;
};

it('what is written stands behind what was written before, with a comma between', () => {
  leaveRoom(1_000);

  const [first, second] = ['{"name":"é"}', '"👍"'].map(toJsonBytes);

  expect(second?.chunk).toBe(first?.chunk);
  expect(first?.chunk.toString('utf8', first.start, (second?.start ?? 0) + (second?.length ?? 0))).toBe(
    '{"name":"é"},"👍"',
  );
});

it('what might just fit is written whole to the chunk', () => {
  const before = leaveRoom(301);

  const text = toJsonBytes('€'.repeat(100));

  expect(text.chunk).toBe(before.chunk);
  expect(text.toString()).toBe('€'.repeat(100));
});

it('what might not fit begins the next chunk', () => {
  const before = leaveRoom(300);

  const text = toJsonBytes('€'.repeat(100));

  expect(text.chunk).not.toBe(before.chunk);
  expect(text.start).toBe(0);
  expect(text.toString()).toBe('€'.repeat(100));
});

it('what might not fit any chunk has one of its own length, and leaves the current one as it is', () => {
  const before = leaveRoom(1_000);

  const text = toJsonBytes('a'.repeat(CHUNK_BYTES / 2));
  const after = toJsonBytes('0');

  expect(text.chunk).toHaveLength(CHUNK_BYTES / 2);
  expect(text.toString()).toBe('a'.repeat(CHUNK_BYTES / 2));
  expect(after.chunk).toBe(before.chunk);
});

it('a test that fails for one shows its text, and not the chunk, which holds those of others', () => {
  const failing = () => expect([toJsonBytes('{"a":1}')]).toEqual([toJsonBytes('{"a":2}')]);

  expect(failing).toThrow('"{\\"a\\":1}"');
  expect(failing).not.toThrow('chunk');
});
