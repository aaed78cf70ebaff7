// A message before it is sent, and the text SQS takes: whatever is built here is never refused for its
// characters or its empty attributes.

import { shorten } from '../text';

export interface OutgoingMessage {
  readonly body: string;
  /** Attributes of type String, by name. Values are not empty. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Seconds until it is handed out for the first time; at most 900. */
  readonly delaySeconds?: number;
  /** Its group for SQS's fair queues, where that is not its source. */
  readonly group?: string;
  /** What `messageBytes` would answer, where the maker has counted already. */
  readonly bytes?: number;
}

const ATTRIBUTE_TYPE = 'String';

/** The size that counts for SQS's limits and bill. */
export const messageBytes = ({ body, attributes, bytes }: OutgoingMessage): number =>
  bytes ?? Buffer.byteLength(body) + attributeBytes(attributes);

export const attributeBytes = (attributes: OutgoingMessage['attributes']): number => {
  let bytes = 0;
  for (const name in attributes) {
    bytes += Buffer.byteLength(name) + ATTRIBUTE_TYPE.length + Buffer.byteLength(attributes[name] ?? '');
  }
  return bytes;
};

export const toMessageAttributes = (attributes: OutgoingMessage['attributes']) => {
  const typed: Record<string, { DataType: string; StringValue: string }> = {};
  for (const name in attributes) {
    typed[name] = { DataType: ATTRIBUTE_TYPE, StringValue: attributes[name] ?? '' };
  }
  return typed;
};

/** The value as JSON that SQS takes. @throws RangeError where it nests more deeply than the stack. */
export const toJson = (value: unknown): string => escapeNoncharacters(JSON.stringify(value));

/**
 * JSON as it is, with the characters escaped that JSON may hold and SQS refuses: U+FFFE and U+FFFF, which
 * `JSON.stringify` leaves as they are, and lone surrogates, which only text from elsewhere has.
 */
export const toSqsJson = (json: string): string =>
  escapeNoncharacters(json.isWellFormed() ? json : json.replace(LONE_SURROGATE, escapeUnit));

const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16)}`;

const escapeNoncharacters = (json: string): string => {
  // The look costs next to nothing; a replacement on every text would not.
  // Stryker disable next-line ConditionalExpression,StringLiteral: replaced where it does not stand, it is the same text
  if (!json.includes('\uFFFE') && !json.includes('\uFFFF')) return json;
  return json.replaceAll('\uFFFE', '\\ufffe').replaceAll('\uFFFF', '\\uffff');
};

/** Everything outside #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and #x10000 to #x10FFFF. */
const REFUSED_CHARACTERS = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text with every character that SQS refuses replaced by U+FFFD. */
export const toSqsText = (text: string): string => text.replace(REFUSED_CHARACTERS, '\uFFFD');

const MAX_ID_CHARACTERS = 1_000;

/** An event's id as an attribute. A sender may write anything into it, and one value that SQS refuses costs a call. */
export const toIdAttribute = (messageId: string): string => toSqsText(shorten(messageId, MAX_ID_CHARACTERS));
