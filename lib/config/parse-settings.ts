// From the JSON of the sources to settings. A source with a mistake is left out and named by its place and the
// field; the others work. Nothing of what is written there is ever repeated in a message: it may be a key that
// was pasted into the wrong field.

import type * as z from 'zod/mini';
import { SettingsError } from '../errors';
import { isObject } from '../json/json-object';
import { withPreset } from './presets';
import type { Entry, ParsedSettings } from './settings';
import { type Source, sourceName, sourceSchema, withTrackUrl, writeKey } from './source';

/**
 * @param place where the text stands, as a message names it: `SOURCES`, or which parameter.
 * @throws SettingsError when there is no source that can be used; it names every mistake.
 */
export const parseSettings = (json: string, place: string): ParsedSettings => {
  const written = parseArray(json, place);
  const results = written.map((candidate) => sourceSchema.safeParse(withPreset(candidate)));
  const parsed = results.map(({ data }) => (data === undefined ? undefined : withTrackUrl(data)));
  const identities = written.map(readIdentity);
  const labels = written.map((_, index) => label(written, index));
  const found = [
    ...results.flatMap(({ error }, index) => (error === undefined ? [] : describeIssues(error, index))),
    ...duplicates(identities, 'name'),
    ...duplicates(identities, 'writeKey'),
    ...differingRates(parsed, labels),
  ];
  const mistakes = labels.flatMap((sourceLabel, index) => describeSource(found, index, sourceLabel));
  const isWrong = new Set(found.map(({ index }) => index));
  const entries = parsed.map((source, index): Entry => {
    const identity = identities[index] ?? NAMELESS;
    return source === undefined || isWrong.has(index)
      ? { kind: 'left_out', ...identity }
      : { kind: 'source', source };
  });
  if (entries.some(({ kind }) => kind === 'source')) return { entries, mistakes };
  throw new SettingsError(describeMistakes(mistakes, place));
};

/** All mistakes of a text as one. */
export const describeMistakes = (mistakes: readonly string[], place: string): string =>
  `${place} has ${mistakes.length} mistake(s):\n- ${mistakes.join('\n- ')}`;

/** Something wrong with the source at this place of the array. */
interface Mistake {
  readonly index: number;
  readonly text: string;
}

const describeSource = (found: readonly Mistake[], index: number, sourceLabel: string): string[] =>
  found.filter((mistake) => mistake.index === index).map(({ text }) => `${sourceLabel}: ${text}`);

const parseArray = (json: string, place: string): readonly unknown[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new SettingsError(`${place} is not valid JSON. ${WHAT_IT_HOLDS}`);
  }
  if (Array.isArray(parsed) && parsed.length > 0) return parsed;
  throw new SettingsError(`${place} is not a JSON array with at least one source. ${WHAT_IT_HOLDS}`);
};

const WHAT_IT_HOLDS =
  'It must be a JSON array of sources: `[{"name": …, "writeKey": …, "siteId": …, "apiKey": …}]`.';

interface Identity {
  readonly name: string | undefined;
  readonly writeKey: string | undefined;
}

const NAMELESS: Identity = { name: undefined, writeKey: undefined };

/** Of a source with a mistake too, where the two are right. */
const readIdentity = (candidate: unknown): Identity =>
  isObject(candidate)
    ? {
        name: sourceName.safeParse(candidate['name']).data,
        writeKey: writeKey.safeParse(candidate['writeKey']).data,
      }
    : NAMELESS;

/** Quotes a name only when it is one, and stands in no other field: a key may look like a name. */
const label = (written: readonly unknown[], index: number): string => {
  const { name } = readIdentity(written[index]);
  const isElsewhere = written.some(
    (candidate) =>
      isObject(candidate) &&
      Object.entries(candidate).some(([field, value]) => field !== 'name' && value === name),
  );
  return name === undefined || isElsewhere ? `source ${index}` : `source ${index} ("${name}")`;
};

const describeIssues = (error: z.core.$ZodError, index: number): Mistake[] =>
  error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return { index, text: `unknown field(s) ${issue.keys.map(printable).join(', ')}` };
    const field = issue.path.map((segment) => printable(String(segment))).join('.');
    return { index, text: field === '' ? 'must be an object' : `${field} ${issue.message}` };
  });

/** Field names are letters, and places in arrays numbers; anything else may be a value in the wrong place. */
const FIELD_NAME = /^([A-Za-z]+(_[A-Za-z]+)*|\d{1,4})$/;
const MAX_FIELD_NAME_CHARACTERS = 30;

const printable = (field: string): string =>
  field.length <= MAX_FIELD_NAME_CHARACTERS && FIELD_NAME.test(field)
    ? field
    : '(a name that is not repeated here)';

/**
 * Both are left out: which one is meant, nobody can tell, and an event in the wrong workspace cannot be taken
 * back. What waits can.
 */
const duplicates = (identities: readonly Identity[], field: keyof Identity): Mistake[] => {
  const indexes = [...identities.keys()].filter((index) => identities[index]?.[field] !== undefined);
  const groups = Map.groupBy(indexes, (index) => identities[index]?.[field]);
  return [...groups.values()].flatMap((same) =>
    same.length === 1
      ? []
      : same.map((index) => {
          const others = same.filter((other) => other !== index).join(', ');
          return { index, text: `${field} is that of source ${others} too; each source needs its own` };
        }),
  );
};

/** What has one limit for all of its sources, and the field that says how much of it is ours. */
const LIMITED = [
  { rate: 'requestsPerSecond', same: ['trackUrl', 'siteId'] },
  { rate: 'segmentRequestsPerSecond', same: ['segmentUrl', 'segmentWriteKey'] },
] as const;

/** With two rates for one limit there is no telling which holds: the one written first does. */
const differingRates = (parsed: readonly (Source | undefined)[], labels: readonly string[]): Mistake[] =>
  LIMITED.flatMap(({ rate, same }) =>
    parsed.flatMap((source, index) => {
      if (source?.[same[1]] === undefined) return [];
      const first = parsed.findIndex((other) => same.every((field) => other?.[field] === source[field]));
      if (parsed[first]?.[rate] === source[rate]) return [];
      return [
        { index, text: `${rate} must be that of ${labels[first]}: ${same.join(' and ')} are the same` },
      ];
    }),
  );
