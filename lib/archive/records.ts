// Packs lines into records of Firehose. A record is billed by every 5 KB that it has begun, so a line of its own costs
// up to twenty times what it has in bytes: as many lines share one as may.

/** Of Firehose, which takes a record apart again: lines beyond these in one record are not told apart any more. */
export const MAX_RECORD_LINES = 500;
/** 1,000 KiB, before Base64. */
export const MAX_RECORD_BYTES = 1_024_000;
/** What stays below it whatever the characters are: three bytes of UTF-8 for a UTF-16 unit at most. */
const MAX_RECORD_CHARACTERS = MAX_RECORD_BYTES / 3;
/** Of one call of PutRecordBatch. */
export const MAX_CALL_RECORDS = 500;
/** 4 MiB a call is the limit; the names around the records take a part of it. */
export const MAX_CALL_BYTES = 4_000_000;

export interface ArchiveRecord {
  /** Lines, each with its line break, in Base64. */
  readonly data: string;
  /** Of the lines. */
  readonly bytes: number;
  /** Positions of the lines that it holds: from, and how many. */
  readonly from: number;
  readonly count: number;
}

/** In the order of the lines. No line is longer than a record: ./line.ts sees to it. */
export const toRecords = (lines: readonly string[]): ArchiveRecord[] => {
  const records: ArchiveRecord[] = [];
  let from = 0;
  let characters = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const size = (lines[at] ?? '').length + 1;
    const isFull = at - from === MAX_RECORD_LINES || characters + size > MAX_RECORD_CHARACTERS;
    if (isFull && at > from) {
      records.push(recordOf(lines, from, at));
      from = at;
      characters = 0;
    }
    characters += size;
  }
  if (lines.length > from) records.push(recordOf(lines, from, lines.length));
  return records;
};

/** Where one record after the other is written to be encoded: a new place for each would cost more than writing it. */
let place: Buffer | undefined;

const recordOf = (lines: readonly string[], from: number, to: number): ArchiveRecord => {
  place ??= Buffer.allocUnsafeSlow(MAX_RECORD_BYTES);
  // Not `join`, which makes a text of each line before it makes one of all.
  let text = '';
  for (const line of lines.slice(from, to)) text += `${line}\n`;
  const bytes = place.write(text);
  return { data: place.toString('base64', 0, bytes), bytes, from, count: to - from };
};

/** As many records as one call takes. */
export const toCalls = (records: readonly ArchiveRecord[]): ArchiveRecord[][] => {
  const calls: ArchiveRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const last = calls.at(-1);
    if (last === undefined || last.length === MAX_CALL_RECORDS || bytes + record.bytes > MAX_CALL_BYTES) {
      calls.push([record]);
      bytes = record.bytes;
    } else {
      last.push(record);
      bytes += record.bytes;
    }
  }
  return calls;
};
