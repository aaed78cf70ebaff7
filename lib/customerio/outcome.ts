// What an answer of the Track API means for the operations of its request: one pure function.
// The rule behind it: only what Customer.io says of an operation may dead-letter it; whatever could be the
// network's, the service's or the configuration's fault is tried again.

import { z } from 'zod';
import type { HttpAnswer, ItemError, Verdict } from '../delivery/destination';

type Response = Extract<HttpAnswer, { kind: 'response' }>;

const MAX_DETAIL_CHARS = 500;
const MAX_RETRY_AFTER_SECONDS = 900;

/** Statuses that speak of the request's content: something in it is wrong and will stay wrong. */
const REFUSED_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);
/** Statuses outside 5xx that ask for the same request again later. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

const errorSchema = z.object({
  batch_index: z.int().nonnegative().optional(),
  reason: z.string().optional(),
  field: z.string().optional(),
  message: z.string().optional(),
});
const answerSchema = z.object({ errors: z.array(errorSchema).nullish() });
/** A whole request refused: `errors` as above, or the texts the v1 API puts under `meta`. */
const refusalSchema = z.object({
  errors: z.array(errorSchema).optional(),
  meta: z.object({ error: z.string().optional(), errors: z.array(z.string()).optional() }).optional(),
});

export const classifyCustomerIo = (answer: HttpAnswer, operationCount: number): Verdict => {
  if (answer.kind === 'no_response') {
    return answer.cause === 'stale_socket'
      ? { kind: 'reconnect' }
      : { kind: 'unavailable', throttled: false };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return classifyAccepted(answer, operationCount);
  if (REFUSED_STATUSES.has(status)) return { kind: 'refused', detail: describeRefusal(answer) };
  if (status >= 500 || RETRYABLE_STATUSES.has(status)) return unavailable(answer);
  return { kind: 'operator', advice: adviceFor(status) };
};

/** Errors are read whatever the 2xx status is: 200 may carry them as well as 207. */
const classifyAccepted = (response: Response, operationCount: number): Verdict => {
  if (response.status !== 207 && response.body.trim() === '') return { kind: 'accepted', errors: [] };
  const parsed = answerSchema.safeParse(parseJson(response.body));
  // Cut short or garbled, it does not say which operations were taken. Sending them again is harmless.
  if (!parsed.success) return { kind: 'unavailable', throttled: false };
  const errors = parsed.data.errors ?? [];
  const isIndexed = errors.every(
    ({ batch_index }) => batch_index !== undefined && batch_index < operationCount,
  );
  if (isIndexed || operationCount === 1) {
    return { kind: 'accepted', errors: errors.map((error) => itemError(error, operationCount)) };
  }
  // It refuses something without saying what: the halving finds it.
  return { kind: 'refused', detail: errors.map(describeError).join('; ').slice(0, MAX_DETAIL_CHARS) };
};

const itemError = (error: z.infer<typeof errorSchema>, operationCount: number): ItemError => ({
  index: operationCount === 1 ? 0 : (error.batch_index ?? 0),
  detail: describeError(error),
});

const describeError = ({ reason, field, message }: z.infer<typeof errorSchema>): string => {
  const text = [field, message].filter(Boolean).join(': ');
  const described = reason && text ? `${text} (${reason})` : text || reason || 'no reason given';
  return described.slice(0, MAX_DETAIL_CHARS);
};

const describeRefusal = ({ status, body }: Response): string => {
  const parsed = refusalSchema.safeParse(parseJson(body));
  if (!parsed.success) return `HTTP ${status}`;
  const { errors = [], meta } = parsed.data;
  const texts = [...errors.map(describeError), ...(meta?.errors ?? []), ...(meta?.error ? [meta.error] : [])];
  return `HTTP ${status}${texts.length > 0 ? `: ${texts.join('; ')}` : ''}`.slice(0, MAX_DETAIL_CHARS);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const unavailable = (response: Response): Verdict => {
  const throttled = response.status === 429;
  const retryAfterSeconds = readRetryAfter(response);
  return {
    kind: 'unavailable',
    throttled,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

/** Seconds or a date (RFC 9110); anything else is as if it were not there. */
const readRetryAfter = ({ headers }: Response): number | undefined => {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value), MAX_RETRY_AFTER_SECONDS);
  const dated = (Date.parse(value) - Date.parse(String(headers['date']))) / 1_000;
  return Number.isNaN(dated) ? undefined : Math.min(Math.max(0, Math.ceil(dated)), MAX_RETRY_AFTER_SECONDS);
};

const adviceFor = (status: number): string => {
  if (status === 401 || status === 403) {
    return `Customer.io answered ${status}: check siteId and apiKey of this source, and that region is the workspace's.`;
  }
  if (status >= 300 && status < 400) {
    return `Customer.io redirected the request (${status}): check region and trackUrl; a workspace in the EU needs region "eu".`;
  }
  return `Customer.io answered ${status} to the batch endpoint: check trackUrl, and the workspace's account.`;
};
