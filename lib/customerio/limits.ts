// Customer.io's limits, from the Track API description. Sizes are UTF-8 bytes of the JSON sent.

/** One `/api/v2/batch` request. */
export const MAX_BATCH_BYTES = 500_000;
/** One operation of it. */
export const MAX_OPERATION_BYTES = 32_768;
/** Requests per second a workspace may make, v1 and v2 together. */
export const MAX_REQUESTS_PER_SECOND = 1_000;
export const MAX_ID_BYTES = 150;
export const MAX_EVENT_NAME_BYTES = 100;
export const MAX_ATTRIBUTE_NAME_BYTES = 150;
export const MAX_ATTRIBUTE_VALUE_BYTES = 1_000;
export const MAX_ATTRIBUTES = 300;
