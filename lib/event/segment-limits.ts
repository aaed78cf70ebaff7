// Segment's limits, from the description of its HTTP API. What goes out to Segment must keep them all; what
// comes in keeps the first. Sizes are UTF-8 bytes of JSON without whitespace.

/** One event. */
export const MAX_EVENT_BYTES = 32_768;
/** One `/v1/batch` request to Segment. */
export const MAX_SEGMENT_BATCH_BYTES = 500_000;
/** Events of one such request. Segment answers 200 to more and drops them. */
export const MAX_SEGMENT_BATCH_EVENTS = 2_500;
/** What a Segment workspace may send; beyond it Segment queues, or answers 429. */
export const MAX_SEGMENT_REQUESTS_PER_SECOND = 1_000;
