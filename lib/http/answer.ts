// The answers of the HTTP API. Success is 200 with a JSON object and nothing else: PHP sends a batch again
// on any other 2xx, without end. An error has `code`, `message` and `error` as strings: without them Python
// and Ruby send it again, and it is never a redirect.

import { REQUEST_ERRORS, type RequestErrorCode } from '../errors';
import type { Refusal } from './refusal';

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

const JSON_TYPE = { 'content-type': 'application/json' } as const;

export const SUCCESS: Answer = { statusCode: 200, headers: JSON_TYPE, body: '{"success":true}' };

/** What is deployed, where that is known. */
export const healthAnswer = (release: string | undefined): Answer => ({
  ...SUCCESS,
  body: JSON.stringify({ success: true, release }),
});

/** Longer than most SDKs wait by themselves, for the few that honour it. */
export const RETRY_AFTER_SECONDS = 10;

export const refusalAnswer = (refusal: Refusal): Answer => {
  const { code, message, headers } = refusal;
  const statusCode = statusOf(refusal);
  const retryAfter = statusCode === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
  return {
    statusCode,
    headers: { ...JSON_TYPE, 'cache-control': 'no-store', ...retryAfter, ...headers },
    body: JSON.stringify({ success: false, code, message, error: message }),
  };
};

/** An invalid event's reason is a code too, always a 400: it will never work. */
export const statusOf = ({ code }: Refusal): number =>
  code in REQUEST_ERRORS ? REQUEST_ERRORS[code as RequestErrorCode] : 400;

/** A document that browsers and proxies may keep. */
export const documentAnswer = (body: string, type: string, cacheControl: string): Answer => ({
  statusCode: 200,
  headers: { 'content-type': type, 'cache-control': cacheControl },
  body,
});

export const emptyAnswer = (headers: Answer['headers']): Answer => ({ statusCode: 204, headers, body: '' });
