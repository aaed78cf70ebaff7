// What an HTTP answer means by its status, the same for every API the engine delivers to. The rule behind
// it: only what a destination says of the content may dead-letter it; whatever could be the network's, the
// service's or the configuration's fault is tried again.

import { parseJson } from '../json/parse-json';
import { shorten } from '../text';
import { ANSWER_TOO_LARGE, type HttpAnswer, type Verdict } from './connector';

export type Response = Extract<HttpAnswer, { kind: 'response' }>;

/** A destination's words are cut to this length. */
const MAX_DETAIL_CHARACTERS = 500;
const MAX_RETRY_AFTER_SECONDS = 900;

/** Statuses that speak of the request's content: something in it is wrong and will stay wrong. */
const REFUSED_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);
/** Statuses outside 5xx that ask for the same request again later. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

export const UNAVAILABLE: Verdict = { kind: 'unavailable', throttled: false };

/** Where one API differs from another. */
export interface AnswerRules {
  /** A 2xx answer, whose body may still name items that were not taken. */
  readonly classifyAccepted: (response: Response) => Verdict;
  /** What the body of a refusal says, for the dead letter. */
  readonly textsOfRefusal: (body: unknown) => readonly string[];
  /** What an operator should check after a status that is none of the others. */
  readonly adviceFor: (status: number) => string;
}

export const classifyAnswer = (answer: HttpAnswer, rules: AnswerRules): Verdict => {
  if (answer.kind === 'no_response') {
    return answer.cause === 'stale_socket' ? { kind: 'reconnect' } : UNAVAILABLE;
  }
  const { status } = answer;
  if (isTaken(status)) return rules.classifyAccepted(answer);
  if (isRefusal(status)) return refused(answer, rules.textsOfRefusal(parseJson(answer.body)));
  if (status >= 500 || RETRYABLE_STATUSES.has(status)) return unavailable(answer);
  return { kind: 'operator', advice: rules.adviceFor(status) };
};

/**
 * Whether the content may be to blame for a failure: other content could have been answered otherwise. Never where
 * the destination speaks of itself (a pace, a time to come back, a key, another address), where it was not reached,
 * or where it said nothing in all the time there was.
 */
export const mayFollowContent = (answer: HttpAnswer): boolean => {
  if (answer.kind === 'no_response') return isCutOff(answer.code);
  const { status } = answer;
  return status === 403 || ((status >= 500 || isTaken(status)) && readRetryAfter(answer) === undefined);
};

/** The connection stood and was closed on this request or in the middle of the answer, or the answer had no end. */
const CUT_OFF_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_READING_RESPONSE_STREAM',
  'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
  ANSWER_TOO_LARGE,
]);

/** Errors of Node's HTTP parser: what came is no HTTP, or headers without end. */
const NO_HTTP = /^HPE_/;

const isCutOff = (code: string): boolean => CUT_OFF_CODES.has(code) || NO_HTTP.test(code);

export const isTimeout = (answer: HttpAnswer): boolean =>
  // Stryker disable next-line ConditionalExpression: an answer has no such cause, which the compiler cannot know
  answer.kind === 'no_response' && answer.cause === 'timeout';

/** A failed answer in the words of a dead letter: status and text, or why there is none. */
export const describeAnswer = (answer: HttpAnswer): string => {
  if (answer.kind === 'no_response') return `no answer: ${answer.cause} (${answer.code})`;
  const text = answer.body.trim();
  return shortenDetail(text === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${text}`);
};

const isTaken = (status: number): boolean => status >= 200 && status < 300;

export const isRefusal = (status: number): boolean => REFUSED_STATUSES.has(status);

/** A destination's words, as a dead letter keeps them. */
export const shortenDetail = (detail: string): string => shorten(detail, MAX_DETAIL_CHARACTERS);

const refused = ({ status }: Response, texts: readonly string[]): Verdict => ({
  kind: 'refused',
  detail: shortenDetail(texts.length === 0 ? `HTTP ${status}` : `HTTP ${status}: ${texts.join('; ')}`),
});

const unavailable = (response: Response): Verdict => {
  const throttled = response.status === 429;
  const retryAfterSeconds = readRetryAfter(response);
  return {
    kind: 'unavailable',
    throttled,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

/** As every date of HTTP does. `Date.parse` takes `-1` and `1.5` for days in 2001. */
const BEGINS_WITH_A_DAY = /^[a-z]{3,9},? /i;

/** The seconds that Retry-After asks for, as a number or a date (RFC 9110); anything else counts as absent. */
export const readRetryAfter = ({ headers }: Pick<Response, 'headers'>): number | undefined => {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value), MAX_RETRY_AFTER_SECONDS);
  if (!BEGINS_WITH_A_DAY.test(value)) return undefined;
  const dated = (Date.parse(value) - Date.parse(String(headers['date']))) / 1_000;
  return Number.isNaN(dated) ? undefined : Math.min(Math.max(0, Math.ceil(dated)), MAX_RETRY_AFTER_SECONDS);
};
