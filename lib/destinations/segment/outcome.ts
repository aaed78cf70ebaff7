// What an answer of Segment's `/v1/batch`, or of an endpoint compatible with it, means for the events of its
// request: one pure function. Segment takes or refuses a request whole; it names no event of it.

import * as z from 'zod/mini';
import { classifyAnswer, isRefusal, type Response, UNAVAILABLE } from '../../delivery/classify-answer';
import type { HttpAnswer, Verdict } from '../../delivery/connector';
import { parseJson } from '../../json/parse-json';

const optionalText = z.catch(z.optional(z.string()), undefined);
/** Segment says `message`; cio-relay says `code`, `message` and `error`; others one of them. */
const answerSchema = z.object({
  success: z.optional(z.unknown()),
  code: optionalText,
  message: optionalText,
  error: optionalText,
});

/** Segment answers 400, and not 401, to a write key that cannot be one. */
const NAMES_WRITE_KEY = /write[\s_-]?key/i;

export const classifySegment = (answer: HttpAnswer): Verdict =>
  isAboutWriteKey(answer)
    ? { kind: 'operator', advice: adviceFor(401) }
    : classifyAnswer(answer, { classifyAccepted, textsOfRefusal, adviceFor });

/** Were it a refusal like any other, a wrong key would dead-letter every event, one request each. */
const isAboutWriteKey = (answer: HttpAnswer): boolean =>
  // Stryker disable next-line ConditionalExpression: without an answer there is no status, which the compiler cannot know
  answer.kind === 'response' &&
  isRefusal(answer.status) &&
  textsOfRefusal(parseJson(answer.body)).some((text) => NAMES_WRITE_KEY.test(text));

/** The status says it; the body is Segment's `{"success":true}`, another's `OK`, or nothing. */
const classifyAccepted = ({ body }: Response): Verdict => {
  const parsed = answerSchema.safeParse(parseJson(body));
  const isDenied = parsed.success && parsed.data.success === false;
  return isDenied ? UNAVAILABLE : { kind: 'accepted', errors: [] };
};

const textsOfRefusal = (body: unknown): readonly string[] => {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return [];
  const { code, message, error } = parsed.data;
  const text = message || error;
  const words = text && code ? `${text} (${code})` : text || code;
  return words ? [words] : [];
};

const adviceFor = (status: number): string => {
  if (status === 401 || status === 403) {
    return 'Segment does not take the write key: check segmentWriteKey of this source, and that segmentUrl is where that key is from.';
  }
  if (Math.floor(status / 100) === 3) {
    return `Segment redirected the request (${status}): check segmentUrl; a redirected POST would lose its events.`;
  }
  return `Segment answered ${status} to /v1/batch: check segmentUrl, which is an address without /v1.`;
};
