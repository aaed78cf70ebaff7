// What `POST /sandbox/emit` takes: which message activity Customer.io is to report. Everything may be left out;
// `{}` is an email delivered to the person who was created last.

import { z } from 'zod';

const TEXT = 'must be a string that is not empty';
const OBJECT = 'must be an object';
const text = z.string(TEXT).min(1, TEXT);
const object = z.record(z.string(), z.unknown(), OBJECT);

const emissionSchema = z.strictObject({
  /** `email`, `push`, `in_app`, `sms`, `slack`, `webhook`, `whatsapp`, `customer`, or one not known yet. */
  object_type: text.default('email'),
  metric: text.default('delivered'),
  /** Whom it is about; default the person created last, with all identifiers. */
  identifiers: object.optional(),
  /** Added to, and wins over, what the sandbox makes up for such activity. */
  data: object.optional(),
  event_id: text.optional(),
  /** Unix seconds; default now. */
  timestamp: z.int('must be a whole number of Unix seconds').optional(),
});

export type Emission = Readonly<z.output<typeof emissionSchema>>;

export type ParsedEmissions =
  | { readonly ok: true; readonly emissions: readonly Emission[] }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** One emission or an array of them; each mistake names its field. */
export const parseEmissions = (value: unknown): ParsedEmissions => {
  const results = (Array.isArray(value) ? value : [value]).map((one) => emissionSchema.safeParse(one));
  const mistakes = results.flatMap(({ error }) => error?.issues.map(describe) ?? []);
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, emissions: results.flatMap(({ data }) => (data === undefined ? [] : [data])) };
};

const describe = (issue: z.core.$ZodIssue): string => {
  const known = Object.keys(emissionSchema.shape).join(', ');
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: unknown; there are ${known}`;
  if (issue.path.length > 0) return `${issue.path.join('.')} ${issue.message}`;
  return `must be an object with any of ${known}, or an array of such objects`;
};
