// Segment's own limits, from its HTTP API description; the limits of an event are in lib/event/limits.ts.

/** One `/v1/batch` request, in UTF-8 bytes of its JSON. */
export const MAX_BATCH_BYTES = 500_000;
/** Events of one request. Segment answers 200 to more and drops them. */
export const MAX_BATCH_EVENTS = 2_500;
/** What a workspace may send; beyond it Segment queues, or answers 429. */
export const MAX_REQUESTS_PER_SECOND = 1_000;
