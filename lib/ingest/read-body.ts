// From what API Gateway hands over to the text of the body. The content type is not looked at: SDKs send
// JSON as text/plain and even as a form. Nothing is inflated beyond the limit.

import { constants, gunzipSync } from 'node:zlib';
import { type Refusal, refuse } from '../http/refusal';
import { MAX_BODY_BYTES } from './request-limits';

export interface RawBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;
const BYTE_ORDER_MARK = '\uFEFF';
const TOO_LARGE = `The body is larger than ${MAX_BODY_BYTES} bytes. Send fewer events in one request.`;

/** Bytes that no text can be got from. They are kept for an operator once it is known whose they are. */
export interface DamagedBody {
  readonly kind: 'damaged';
  /** The bytes as they came: in base64, or as the text that something has taken them for. */
  readonly text: string;
  /** In brackets, to stand behind a sentence. */
  readonly why: string;
}

/** The text of the body, `''` when there is none. Where gzip has lost its end, the text that came before. */
export const readBody = ({ body, isBase64Encoded }: RawBody): string | DamagedBody | Refusal => {
  if (!body) return '';
  return isBase64Encoded ? readBytes(Buffer.from(body, 'base64')) : readText(body);
};

const readText = (text: string): string | DamagedBody | Refusal => {
  // A character is one to three bytes. They are counted only when the number of characters does not decide.
  if (text.length * 3 > MAX_BODY_BYTES && Buffer.byteLength(text) > MAX_BODY_BYTES) {
    return refuse('payload_too_large', TOO_LARGE);
  }
  // Compressed bytes that a gateway took for text: too late to read them.
  if (text.charCodeAt(0) === GZIP_MAGIC[0]) return { kind: 'damaged', text, why: TAKEN_FOR_TEXT };
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

const TAKEN_FOR_TEXT =
  ' (its gzip was damaged on the way here, by something that took it for text; send it as ' +
  'application/octet-stream, or without compression)';

const readBytes = (bytes: Buffer): string | DamagedBody | Refusal => {
  // The bytes decide, not the header: a proxy may have inflated the body and left the header as it was.
  const isGzip = bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
  if (isGzip) return inflate(bytes);
  if (bytes.length > MAX_BODY_BYTES) return refuse('payload_too_large', TOO_LARGE);
  return readText(bytes.toString('utf8'));
};

const inflate = (bytes: Buffer): string | DamagedBody | Refusal => {
  try {
    return readText(gunzip(bytes, constants.Z_FINISH));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return refuse('payload_too_large', TOO_LARGE);
    // What came before a lost end is as it was sent; after any other damage nothing can be trusted.
    const beginning = code === 'Z_BUF_ERROR' ? gunzip(bytes, constants.Z_SYNC_FLUSH) : '';
    return beginning || { kind: 'damaged', text: bytes.toString('base64'), why: ' (its gzip is damaged)' };
  }
};

/** Stops at the limit: a small body that inflates to gigabytes costs no more than a large one. */
const gunzip = (bytes: Buffer, finishFlush: number): string =>
  gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES, finishFlush }).toString('utf8');
