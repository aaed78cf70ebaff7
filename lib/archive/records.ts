// Which lines share a record of Firehose, and its limits. A record is billed by every 5 KB that it has begun, so a line
// of its own costs up to twenty times what it has in bytes: as many lines share one as may.

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

/** Positions of the lines that a record holds: from, and how many. */
export interface ArchiveRecord {
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
      records.push({ from, count: at - from });
      from = at;
      characters = 0;
    }
    characters += size;
  }
  if (lines.length > from) records.push({ from, count: lines.length - from });
  return records;
};
