// Faults a test can order: what a client of a real service must live with. One request suffers at most one of
// those with a rate, drawn from a seeded generator, so that a run can be repeated.

import { z } from 'zod';

const RATE = 'must be a number from 0 to 1';
const rate = z.number(RATE).min(0, RATE).max(1, RATE).default(0);
const MILLISECONDS = 'must be a number of milliseconds, 0 or more';
const milliseconds = z.number(MILLISECONDS).min(0, MILLISECONDS).default(0);
const SECONDS = 'must be a number of seconds, 0 or more';
const SERVER_ERROR = 'must be a status from 500 to 599';
const POISON = 'must be an array of texts, each with the status of the answer';
const SEED = 'must be a whole number';
const flag = z.boolean('must be true or false').default(false);

const faultsSchema = z
  .strictObject({
    /** Every answer takes this long, and up to `jitterMs` longer. */
    latencyMs: milliseconds,
    jitterMs: milliseconds,
    /** 429, nothing processed. */
    throttle: rate,
    /** `Retry-After` of 429 and 503 answers; absent means none, as Customer.io documents none. */
    retryAfterSeconds: z.number(SECONDS).min(0, SECONDS).optional(),
    /** 5xx, nothing processed. */
    serverError: rate,
    serverErrorStatuses: z
      .array(
        z.int(SERVER_ERROR).min(500, SERVER_ERROR).max(599, SERVER_ERROR),
        'must be an array of statuses',
      )
      .min(1, 'must name at least one status')
      .default([500, 502, 503, 504]),
    /** The connection is reset before anything is processed. */
    reset: rate,
    /** Processed, then the connection is reset instead of answered. */
    lostAnswer: rate,
    /** Processed, then the answer breaks off in the middle. */
    truncatedAnswer: rate,
    /** Processed at once, answered `slowMs` later: slower than the client's patience. */
    slow: rate,
    slowMs: z.number(MILLISECONDS).min(0, MILLISECONDS).default(30_000),
    /** Every request: 503. */
    unavailable: flag,
    /** Every request: 401. */
    unauthorized: flag,
    /** Every request: 307 to the same path under this base URL. */
    redirectTo: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    /** A request whose body holds one of these texts: that status, nothing processed. Content a service cannot bear. */
    poison: z.array(z.strictObject({ text: z.string().min(1), status: z.int() }), POISON).default([]),
    /** A batch with an invalid operation is refused whole, with 400. */
    strictBatch: flag,
    /** Errors of single operations come with 200 instead of 207. */
    errorsOnOk: flag,
    seed: z.int(SEED).default(1),
  })
  .refine((faults) => RATED.reduce((sum, kind) => sum + faults[kind], 0) <= 1 + Number.EPSILON, {
    error: 'the rates together must not be more than 1: a request suffers one of them at most',
  });

const RATED = ['throttle', 'serverError', 'reset', 'lostAnswer', 'truncatedAnswer', 'slow'] as const;

export type FaultKind = (typeof RATED)[number];

/** What `PUT /sandbox/faults` and `setFaults` take; everything may be left out. */
export type FaultSettings = z.input<typeof faultsSchema>;
/** The same with every default filled in. */
export type Faults = Readonly<z.output<typeof faultsSchema>>;

export type ParsedFaults =
  | { readonly ok: true; readonly faults: Faults }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Each mistake says which field is wrong and what it may be. */
export const parseFaults = (value: unknown): ParsedFaults => {
  const result = faultsSchema.safeParse(value);
  if (result.success) return { ok: true, faults: result.data };
  return { ok: false, mistakes: result.error.issues.map(describe) };
};

const describe = (issue: z.core.$ZodIssue): string => {
  const known = Object.keys(faultsSchema.shape).join(', ');
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: unknown; there are ${known}`;
  if (issue.path.length > 0) return `${issue.path.join('.')} ${issue.message}`;
  return issue.code === 'invalid_type' ? `must be an object with any of ${known}` : issue.message;
};

/** What one request is to suffer. */
export interface AnswerFate {
  readonly kind: FaultKind | undefined;
  readonly delayMs: number;
  /** For `serverError`. */
  readonly status: number;
}

export class FaultPlan {
  private readonly random: () => number;

  constructor(readonly faults: Faults) {
    this.random = seededRandom(faults.seed);
  }

  /** Three numbers are drawn for every request, so that one setting does not shift the fate of another. */
  next(): AnswerFate {
    const { latencyMs, jitterMs, slowMs, serverErrorStatuses } = this.faults;
    const kind = this.pick(this.random());
    const jitter = this.random() * jitterMs;
    const status = serverErrorStatuses[Math.floor(this.random() * serverErrorStatuses.length)] ?? 500;
    return { kind, delayMs: latencyMs + jitter + (kind === 'slow' ? slowMs : 0), status };
  }

  private pick(drawn: number): FaultKind | undefined {
    let below = 0;
    return RATED.find((kind) => {
      below += this.faults[kind];
      return drawn < below;
    });
  }
}

/** Mulberry32: small, fast and even enough for this; the same seed gives the same numbers. @returns [0, 1). */
const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};
