// Which messages Lambda hands to one invocation: all that come within the window of the first, up to the batch size and
// the 6 MB of a payload. By the clock of the traffic, so that an hour of a trickle takes no hour. Pure.

import type { SQSRecord } from 'aws-lambda';

export interface Arrival {
  readonly record: SQSRecord;
  readonly atSeconds: number;
}

export interface BatchLimits {
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
}

const MAX_PAYLOAD_BYTES = 6_000_000;

export const eventBatches = (arrivals: readonly Arrival[], limits: BatchLimits): SQSRecord[][] => {
  const batches: SQSRecord[][] = [];
  let closesAt = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  for (const { record, atSeconds } of arrivals) {
    const size = Buffer.byteLength(JSON.stringify(record));
    const open = batches.at(-1);
    const isFull =
      open !== undefined && (open.length >= limits.batchSize || bytes + size > MAX_PAYLOAD_BYTES);
    if (open === undefined || isFull || atSeconds > closesAt) {
      batches.push([record]);
      closesAt = atSeconds + limits.batchingWindowSeconds;
      bytes = size;
    } else {
      open.push(record);
      bytes += size;
    }
  }
  return batches;
};
