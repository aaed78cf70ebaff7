// The bytes of items, written one after another into chunks that many of them share, as they will stand in a request.
// A buffer of its own for each would cost more than its bytes: an object of a hundred, twice copied by the garbage
// collector before the invocation ends, and a piece of the body. Nothing that was written is ever changed.

/** UTF-8 in a chunk. Behind it stands a comma, unless it has the chunk for itself. */
export class JsonBytes {
  constructor(
    readonly chunk: Buffer,
    readonly start: number,
    readonly length: number,
  ) {}

  toString(): string {
    return this.chunk.toString('utf8', this.start, this.start + this.length);
  }

  /** For whoever prints one, as a failing test does: the chunk is long, and holds what is others'. */
  toJSON(): string {
    return this.toString();
  }
}

/** Room for some two hundred operations, and for any that Customer.io takes. */
export const CHUNK_BYTES = 131_072;
const MAX_BYTES_PER_UNIT = 3;
export const COMMA = 0x2c;

/** The chunk that is written to, and how much of it is. */
let current: Buffer | undefined;
let used = 0;

export const toJsonBytes = (json: string): JsonBytes => {
  const mostBytes = json.length * MAX_BYTES_PER_UNIT + 1;
  // Stryker disable next-line EqualityOperator: one more than a multiple of three is no length of a chunk
  if (mostBytes > CHUNK_BYTES) return inOwnChunk(json);
  const chunk = chunkWithRoomFor(mostBytes);
  const start = used;
  const length = chunk.write(json, start);
  chunk[start + length] = COMMA;
  used = start + length + 1;
  return new JsonBytes(chunk, start, length);
};

const chunkWithRoomFor = (bytes: number): Buffer => {
  if (current === undefined || used + bytes > CHUNK_BYTES) {
    current = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    used = 0;
  }
  return current;
};

const inOwnChunk = (json: string): JsonBytes => {
  const bytes = Buffer.from(json);
  return new JsonBytes(bytes, 0, bytes.length);
};
