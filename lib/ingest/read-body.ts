// From what API Gateway hands over to the text of the body. Of the content type only the charset is looked at: SDKs
// send JSON as text/plain and even as a form. Nothing is inflated beyond the limit.

import { isUtf8 } from 'node:buffer';
import { type Refusal, refuse } from '../http/refusal';
import { isLongerThan, withoutByteOrderMark } from '../text';
import { zlib } from './builtin';
import { MAX_BODY_BYTES } from './request-limits';
import { textOfBytes } from './text-of-bytes';

export interface RawBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;
const TOO_LARGE = `The body is larger than ${MAX_BODY_BYTES} bytes. Send fewer events in one request.`;

/** Bytes that no text can be got from. They are kept for an operator once it is known whose they are. */
export interface DamagedBody {
  readonly kind: 'damaged';
  /** The bytes as they came, in base64. */
  readonly text: string;
  /** In brackets, to stand behind a sentence. */
  readonly why: string;
}

/** The text of the body, `''` when there is none. Where gzip has lost its end, the text that came before. */
export const readBody = ({ body, isBase64Encoded, headers }: RawBody): string | DamagedBody | Refusal => {
  if (!body) return '';
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : bytesWithin(body);
  return bytes === undefined
    ? readReceived(body, headers?.['content-encoding'])
    : readBytes(bytes, headers ?? {});
};

/**
 * What is whole in a body that came as text, and is none: gzip as base64 that nothing says is such, or a character for
 * each byte; UTF-16 without a letter that is no ASCII. Which bodies arrive in which form is documented of no HTTP API.
 */
const bytesWithin = (text: string): Buffer | undefined => {
  if (GZIP_IN_BASE64.test(text)) return Buffer.from(text, 'base64');
  if (UTF_16.test(text) && !text.includes('\uFFFD')) return Buffer.from(text);
  const isByBytes = GZIP_MAGIC.every((byte, index) => text.charCodeAt(index) === byte);
  return isByBytes && !BEYOND_BYTES.test(text) ? Buffer.from(text, 'latin1') : undefined;
};

const GZIP_IN_BASE64 = /^H4sI[\w+/-]*={0,2}\s*$/;
/** A bracket of two bytes. */
const UTF_16 = /^(?:[{[]\0|\0[{[])/;
const BEYOND_BYTES = /[^\0-\xFF]/;

/** As it came through the gateway, which may have broken it. */
const readReceived = (text: string, encoding: string | undefined): string | DamagedBody | Refusal =>
  isEncodingLost(text, encoding) ? BODY_ENCODING_LOST : readText(text);

/** Bytes that are no UTF-8 have become U+FFFD, so that nothing can be got from them any more. Gzip begins with 1F. */
const isEncodingLost = (text: string, encoding: string | undefined): boolean =>
  text.charCodeAt(0) === GZIP_MAGIC[0] ||
  (isCompression(encoding) && !/^\s*[[{]/.test(text) && text.includes('\uFFFD'));

const isCompression = (encoding: string | undefined): boolean =>
  encoding !== undefined && !/^\s*(identity)?\s*$/i.test(encoding);

const BODY_ENCODING_LOST = refuse(
  'body_encoding_lost',
  'The body was compressed, and something on its way here took it for text. Send the same request again later, or without compression.',
);

const readText = (text: string): string | Refusal => {
  if (isLongerThan(text, MAX_BODY_BYTES)) return refuse('payload_too_large', TOO_LARGE);
  return withoutByteOrderMark(text);
};

type Headers = NonNullable<RawBody['headers']>;

const readBytes = (bytes: Buffer, headers: Headers): string | DamagedBody | Refusal => {
  const contentType = headers['content-type'];
  // The bytes decide, not the header: a proxy may have inflated the body and left the header as it was.
  const isGzip = bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
  if (isGzip) return inflate(bytes, contentType);
  if (bytes.length > MAX_BODY_BYTES) return refuse('payload_too_large', TOO_LARGE);
  const text = textOfBytes(bytes, contentType);
  if (!isEncodingLost(text, headers['content-encoding'])) return readText(text);
  return isUtf8(bytes) ? BODY_ENCODING_LOST : damaged(bytes, NOT_GZIP);
};

/** Bytes that were taken for text are UTF-8 ever after. What is none has come whole, and no later try can be read. */
const NOT_GZIP = ' (it is compressed, and not by gzip)';

const damaged = (bytes: Buffer, why: string): DamagedBody => ({
  kind: 'damaged',
  text: bytes.toString('base64'),
  why,
});

const inflate = (bytes: Buffer, contentType: string | undefined): string | DamagedBody | Refusal => {
  try {
    return readText(textOfBytes(gunzip(bytes, 'Z_FINISH'), contentType));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return refuse('payload_too_large', TOO_LARGE);
    // What came before a lost end is as it was sent; after any other damage nothing can be trusted.
    const beginning = code === 'Z_BUF_ERROR' ? gunzip(bytes, 'Z_SYNC_FLUSH') : NO_BYTES;
    return textOfBytes(beginning, contentType) || damaged(bytes, ' (its gzip is damaged)');
  }
};

const NO_BYTES = Buffer.alloc(0);

/** Stops at the limit: a small body that inflates to gigabytes costs no more than a large one. */
const gunzip = (bytes: Buffer, finish: 'Z_FINISH' | 'Z_SYNC_FLUSH'): Buffer => {
  const { constants, gunzipSync } = zlib();
  const options = { maxOutputLength: MAX_BODY_BYTES, finishFlush: constants[finish] };
  return gunzipSync(bytes, options);
};
