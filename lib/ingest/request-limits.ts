// What one request to the HTTP API may hold. Segment documents 500 KB a batch; its SDKs send a little more.
// Sizes are UTF-8 bytes.

/** A request body, inflated. The largest any SDK fills a batch to is 512 KiB. */
export const MAX_BODY_BYTES = 524_288;
/** `context` and `integrations` of a batch, which are repeated in each of its events. */
export const MAX_SHARED_BYTES = 32_768;
/** Far beyond Segment's 2,500: it only bounds what one request can cost. */
export const MAX_BATCH_EVENTS = 10_000;
/** What the events of a batch may grow to when each gets its share of the batch's `context`. */
export const MAX_BATCH_CHARACTERS = 8_388_608;
/**
 * Up to this many events of a request that can never work are a dead letter each, which takes ten calls of SQS.
 * More of them are stored together as one.
 */
export const MAX_REJECTED_EVENTS = 100;
