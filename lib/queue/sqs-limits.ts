// SQS's limits, from its API reference (SendMessage, SendMessageBatch) and its quotas page. A message's size
// is the UTF-8 bytes of its body and of the names, types and values of its attributes.

/** Entries of one batch call, whatever it does. */
export const MAX_BATCH_ENTRIES = 10;
/** One message, and all messages of one SendMessageBatch together: 1 MiB since August 2025. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** Every 64 KiB of a request are billed as one request. */
export const BILLING_UNIT_BYTES = 65_536;
/** A message group's id: letters, digits and ASCII punctuation. */
export const MAX_GROUP_ID_LENGTH = 128;
export const NOT_IN_A_GROUP_ID = /[^!-~]/g;
