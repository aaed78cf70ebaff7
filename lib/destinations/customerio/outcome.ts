// What an answer of the Track API means for the operations of its request: one pure function. The statuses
// are read in lib/delivery/classify-answer.ts; here is what only Customer.io says, and how.

import * as z from 'zod/mini';
import { classifyAnswer, type Response, shortenDetail, UNAVAILABLE } from '../../delivery/classify-answer';
import type { HttpAnswer, ItemError, Verdict } from '../../delivery/connector';
import { parseJson } from '../../json/parse-json';

const MAX_DESCRIBED_ERRORS = 20;

/** What is not as documented is as if it were not there: it must not make an answer to the others unreadable. */
const text = z.catch(z.optional(z.string()), undefined);
const errorSchema = z.catch(
  z.object({
    batch_index: z.catch(z.optional(z.int().check(z.nonnegative())), undefined),
    reason: text,
    field: text,
    message: text,
  }),
  // Stryker disable next-line ObjectLiteral: what is missing is undefined as well, which the compiler tells apart
  { batch_index: undefined, reason: undefined, field: undefined, message: undefined },
);
const answerSchema = z.object({ errors: z.nullish(z.array(errorSchema)) });
/** A whole request refused: `errors` as above, or the texts the v1 API puts under `meta`. */
const refusalSchema = z.object({
  errors: z.optional(z.array(errorSchema)),
  meta: z.optional(z.object({ error: z.optional(z.string()), errors: z.optional(z.array(z.string())) })),
});

export const classifyCustomerIo = (answer: HttpAnswer, operationCount: number): Verdict =>
  classifyAnswer(answer, {
    classifyAccepted: (response) => classifyAccepted(response, operationCount),
    textsOfRefusal,
    adviceFor,
  });

/** A delivery that is not there is the metric's own fault, and no reason to keep all other events waiting. */
export const classifyMetricsAnswer = (answer: HttpAnswer): Verdict =>
  answer.kind === 'response' && answer.status === 404
    ? { kind: 'refused', detail: 'Customer.io answered 404 to the metric: it does not know the delivery' }
    : classifyCustomerIo(answer, 1);

/** Errors are read whatever the 2xx status is: 200 may carry them as well as 207. */
const classifyAccepted = ({ status, body }: Response, operationCount: number): Verdict => {
  if (status !== 207 && body.trim() === '') return { kind: 'accepted', errors: [] };
  const parsed = answerSchema.safeParse(parseJson(body));
  // Cut short or garbled, it does not say which operations were taken. Sending them again is harmless.
  if (!parsed.success) return UNAVAILABLE;
  const errors = parsed.data.errors ?? [];
  const isIndexed = errors.every(({ batch_index }) => (batch_index ?? operationCount) < operationCount);
  if (isIndexed || operationCount === 1) {
    return { kind: 'accepted', errors: errors.map((error) => itemError(error, operationCount)) };
  }
  // It refuses something without saying what: the halving finds it.
  return { kind: 'refused', detail: shortenDetail(describeErrors(errors).join('; ')) };
};

const itemError = (error: z.infer<typeof errorSchema>, operationCount: number): ItemError => ({
  index: Math.min(error.batch_index ?? 0, operationCount - 1),
  detail: describeError(error),
});

/** The first few: of thousands no more would be kept. */
const describeErrors = (errors: readonly z.infer<typeof errorSchema>[]): string[] =>
  errors.slice(0, MAX_DESCRIBED_ERRORS).map(describeError);

const describeError = ({ reason, field, message }: z.infer<typeof errorSchema>): string => {
  const text = [field, message].filter(Boolean).join(': ');
  return shortenDetail(reason && text ? `${text} (${reason})` : text || reason || 'no reason given');
};

const textsOfRefusal = (body: unknown): readonly string[] => {
  const parsed = refusalSchema.safeParse(body);
  if (!parsed.success) return [];
  const { errors = [], meta } = parsed.data;
  const texts = (meta?.errors ?? []).slice(0, MAX_DESCRIBED_ERRORS);
  return [...describeErrors(errors), ...texts, ...(meta?.error ? [meta.error] : [])];
};

const adviceFor = (status: number): string => {
  if (status === 401 || status === 403) {
    return `Customer.io answered ${status}: check siteId and apiKey of this source, and that region is the workspace's.`;
  }
  if (Math.floor(status / 100) === 3) {
    return `Customer.io redirected the request (${status}): check region and trackUrl; a workspace in the EU needs region "eu".`;
  }
  return `Customer.io answered ${status} to the request: check trackUrl, and the workspace's account.`;
};
