// From what API Gateway hands over to the text of the body. The content type is not looked at: SDKs send
// JSON as text/plain and even as a form. Nothing is inflated beyond the limit.

import { gunzipSync } from 'node:zlib';
import { type Refusal, refuse } from '../http/refusal';
import { MAX_BODY_BYTES } from './request-limits';

export interface RawBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;
const BYTE_ORDER_MARK = '\uFEFF';
const TOO_LARGE = `The body is larger than ${MAX_BODY_BYTES} bytes. Send fewer events in one request.`;

/** The text of the body, `''` when there is none. */
export const readBody = ({ body, isBase64Encoded }: RawBody): string | Refusal => {
  if (!body) return '';
  return isBase64Encoded ? readBytes(Buffer.from(body, 'base64')) : readText(body);
};

const readText = (text: string): string | Refusal => {
  // A character is one to three bytes: only in between do they have to be counted.
  if (text.length * 3 > MAX_BODY_BYTES && Buffer.byteLength(text) > MAX_BODY_BYTES) {
    return refuse('payload_too_large', TOO_LARGE);
  }
  // Compressed bytes that a gateway took for text: too late to read them.
  if (text.charCodeAt(0) === GZIP_MAGIC[0]) return refuse('malformed_json', DAMAGED_GZIP);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

const DAMAGED_GZIP =
  'The gzip body was damaged on its way here, by something that took it for text. Send it as ' +
  'application/octet-stream, or without compression.';

const readBytes = (bytes: Buffer): string | Refusal => {
  // The bytes decide, not the header: a proxy may have inflated the body and left the header as it was.
  const isGzip = bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
  if (isGzip) return inflate(bytes);
  if (bytes.length > MAX_BODY_BYTES) return refuse('payload_too_large', TOO_LARGE);
  return readText(bytes.toString('utf8'));
};

const inflate = (bytes: Buffer): string | Refusal => {
  try {
    // Stops at the limit: a small body that inflates to gigabytes costs no more than a large one.
    return readText(gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES }).toString('utf8'));
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge
      ? refuse('payload_too_large', TOO_LARGE)
      : refuse('malformed_json', 'The gzip body is damaged or incomplete.');
  }
};
