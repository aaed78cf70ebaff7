// The calls that put lines into Firehose, each with its body, which is written once, in memory that the next call takes
// over: megabytes of new memory for each set off the garbage collector, which cost more than all the rest.

import { type ArchiveRecord, MAX_CALL_BYTES, MAX_CALL_RECORDS, MAX_RECORD_BYTES, toRecords } from './records';

const RECORD_OPEN = '{"Data":"';
const RECORD_CLOSE = '"}';
const CLOSE = ']}';
const LINE_BREAK = 0x0a;

/** All that a body holds beside the Base64 of its records; the name of a stream has 64 characters at most. */
const MAX_AROUND_BYTES = 200 + MAX_CALL_RECORDS * `,${RECORD_OPEN}====${RECORD_CLOSE}`.length;
const MAX_BODY_BYTES = (MAX_CALL_BYTES / 3) * 4 + MAX_AROUND_BYTES;
/** What is encoded at a time: a text of more is no young object, and dear to make and to throw away. */
const PIECE_BYTES = 3 * 16_384;

/** As the SDK writes it, which encodes byte by byte: of what a line costs that was more than all the rest. */
export class ArchiveCall {
  readonly records: ArchiveRecord[] = [];
  private readonly memory = takeMemory();
  private at = 0;
  private bytes = 0;

  constructor(stream: string) {
    this.write(`{"DeliveryStreamName":"${stream}","Records":[`);
  }

  hasRoomFor(data: Buffer): boolean {
    return this.records.length < MAX_CALL_RECORDS && this.bytes + data.length <= MAX_CALL_BYTES;
  }

  add(data: Buffer, record: ArchiveRecord): void {
    this.write(this.records.length === 0 ? RECORD_OPEN : `,${RECORD_OPEN}`);
    for (let from = 0; from < data.length; from += PIECE_BYTES)
      this.write(data.toString('base64', from, from + PIECE_BYTES));
    this.write(RECORD_CLOSE);
    this.records.push(record);
    this.bytes += data.length;
  }

  /** The body, to which nothing may be added any more. */
  end(): Buffer {
    this.write(CLOSE);
    return this.memory.subarray(0, this.at);
  }

  /** Another call takes the memory: only when nothing sends the body any more. */
  release(): void {
    if (spares.length < MAX_SPARES) spares.push(this.memory);
  }

  private write(text: string): void {
    this.at += this.memory.write(text, this.at, 'latin1');
  }
}

/** As many calls as the lines of an invocation make, which has 6 MB of them at most. */
const MAX_SPARES = 2;
const spares: Buffer[] = [];

const takeMemory = (): Buffer => spares.pop() ?? Buffer.allocUnsafeSlow(MAX_BODY_BYTES);

/** In the order of the lines. */
export const toCalls = (stream: string, lines: readonly string[]): ArchiveCall[] => {
  const calls: ArchiveCall[] = [];
  for (const record of toRecords(lines)) {
    const data = write(lines, record);
    let call = calls.at(-1);
    if (call === undefined || !call.hasRoomFor(data)) {
      call = new ArchiveCall(stream);
      calls.push(call);
    }
    call.add(data, record);
  }
  return calls;
};

/** Where one record after the other is written, because its size is known only then. */
let place: Buffer | undefined;

/** The lines of a record, each with its line break, in UTF-8: until the next record is written. */
const write = (lines: readonly string[], { from, count }: ArchiveRecord): Buffer => {
  place ??= Buffer.allocUnsafeSlow(MAX_RECORD_BYTES);
  let bytes = 0;
  for (const line of lines.slice(from, from + count)) {
    bytes += place.write(line, bytes);
    place[bytes] = LINE_BREAK;
    bytes += 1;
  }
  return place.subarray(0, bytes);
};
