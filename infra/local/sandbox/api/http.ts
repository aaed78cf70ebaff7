// Bodies in, answers out. A body is read to its end whatever is said about it, because a client that is still
// sending when the answer comes may never read it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'unreadable'; readonly message: string }
  /** The client hung up while it was sending. */
  | { readonly kind: 'aborted' };

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const gunzipAsync = promisify(gunzip);

/** @param maxBytes of the body as it is after gzip, so a small body cannot unfold into a huge one. */
export const receiveBody = async (request: IncomingMessage, maxBytes: number): Promise<Body> => {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return { kind: 'aborted' };
  }
  if (size > maxBytes) return { kind: 'too_large' };
  return decode(Buffer.concat(chunks), request.headers['content-encoding'], maxBytes);
};

const decode = async (bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Body> => {
  if (encoding === undefined || encoding === 'identity') return { kind: 'bytes', bytes };
  if (encoding !== 'gzip') {
    return {
      kind: 'unreadable',
      message: `content-encoding ${encoding} is not supported; send gzip or none`,
    };
  }
  try {
    return { kind: 'bytes', bytes: await gunzipAsync(bytes, { maxOutputLength: maxBytes }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'too_large' };
    return { kind: 'unreadable', message: 'the body is not valid gzip' };
  }
};

export const parseJson = (bytes: Buffer): ParsedJson => {
  try {
    return { ok: true, value: JSON.parse(bytes.toString()) };
  } catch {
    return { ok: false };
  }
};

export const sendAnswer = (response: ServerResponse, answer: JsonAnswer): void => {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, headersOf(text, answer)).end(text);
};

/** Announces the whole answer, sends half of it and ends the connection. */
export const sendTruncated = (response: ServerResponse, answer: JsonAnswer): void => {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, headersOf(text, answer));
  response.write(text.slice(0, text.length / 2), () => response.destroy());
};

const headersOf = (text: string, { headers }: JsonAnswer): Record<string, string | number> => ({
  'content-type': 'application/json; charset=utf-8',
  'content-length': Buffer.byteLength(text),
  ...headers,
});
