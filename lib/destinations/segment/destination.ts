// Segment as the delivery engine sees it: where message activity goes, and how it is reached. Any endpoint
// that speaks Segment's HTTP API will do, this relay's own among them.

import type { Source } from '../../config/source';
import type { Connector, Destination, NotSetUp } from '../../delivery/connector';
import { MAX_SEGMENT_BATCH_BYTES, MAX_SEGMENT_BATCH_EVENTS } from '../../event/segment-limits';
import { asDeadLetter } from '../../rules/as-dead-letter';
import { classifySegment } from './outcome';
import { prepareForSegment } from './prepare';

const BATCH_PATH = '/v1/batch';

/** The rate is shared statically: each forwarder that may run at once takes the same part of the source's. */
export const segmentConnector = (maxConsumers: number): Connector => ({
  prepare: prepareForSegment,
  destination: (source) => destination(source, maxConsumers),
  asDeadLetter,
});

const destination = (source: Source, maxConsumers: number): Destination | NotSetUp => {
  if (source.segmentWriteKey === undefined) return NO_WRITE_KEY;
  return {
    name: source.name,
    requestsPerSecond: source.segmentRequestsPerSecond / maxConsumers,
    maxBatchBytes: MAX_SEGMENT_BATCH_BYTES,
    maxItems: MAX_SEGMENT_BATCH_EVENTS,
    // No `sentAt`: with one, Segment would move each event by what passed between it and the event's time.
    envelope: ['{"batch":[', ']}'],
    request: {
      url: source.segmentUrl.replace(/\/+$/, '') + BATCH_PATH,
      username: source.segmentWriteKey,
      password: '',
    },
    rejectedReason: 'rejected_by_segment',
    classify: classifySegment,
  };
};

const NO_WRITE_KEY: NotSetUp = {
  advice:
    'This source has no segmentWriteKey: its activity waits on the queue, for days and not for ever. Add the key, or stop the webhook in Customer.io.',
};
