// Cutting text to a length: for details that are stored and logged, and for names and bodies with a byte limit. And the
// mark before a text, which belongs to its file.

const BYTE_ORDER_MARK = '\uFEFF';

/** A file of Windows begins with a byte order mark, which is no JSON. */
export const withoutByteOrderMark = (text: string): string =>
  text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;

/** The text, or its beginning with an ellipsis; at most `maxCharacters` UTF-16 units in all. */
export const shorten = (text: string, maxCharacters: number): string =>
  text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;

/** Whether it takes more UTF-8. A UTF-16 unit is three bytes at most, so that short text needs no counting. */
export const isLongerThan = (text: string, maxBytes: number): boolean => {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: only spares short text the counting
  if (text.length * 3 <= maxBytes) return false;
  return Buffer.byteLength(text) > maxBytes;
};

/** Else a decoder drops a byte order mark, and the cut text does not begin as the whole one. */
const KEEPS_MARK = { ignoreBOM: true };

/** The text, or so much of its beginning as fits `maxBytes` of UTF-8; never half a character. */
export const cutToBytes = (text: string, maxBytes: number): string => {
  if (!isLongerThan(text, maxBytes)) return text;
  return new TextDecoder('utf-8', KEEPS_MARK).decode(Buffer.from(text).subarray(0, maxBytes), {
    stream: true,
  });
};
