// From the JSON of the sources to settings. A source with a mistake is left out and named by its place and the
// field; the others work. Nothing of what is written there is ever repeated in a message: it may be a key that
// was pasted into the wrong field.

import { SettingsError } from '../errors';
import { isObject } from '../json/json-object';
import { whereJsonBreaks } from '../json/where-json-breaks';
import { holdersOf, labelOfPlace } from './mistakes';
import { type ReadSource, readSource, seenFromTheDoors } from './read-source';
import type { ParsedSettings, SourceEntry } from './settings';
import { sourceName, writeKey } from './source';

/**
 * @param place where the text stands, as a message names it: `SOURCES`, or which parameter.
 * @throws SettingsError when there is no source that can be used; it names every mistake.
 */
export const parseSettings = (json: string, place: string): ParsedSettings => {
  const written = parseArray(json, place);
  const read = written.map(readSource);
  const identities = written.map(readIdentity);
  const all = holdersOf(written);
  const labels = written.map((candidate, index) => labelOfPlace(`source ${index}`, candidate, all));
  const found = [
    ...read.flatMap(({ mistakes }, index) => mistakes.map((text) => ({ index, text }))),
    ...duplicates(identities, 'name'),
    ...duplicates(identities, 'writeKey'),
    ...differingRates(read, labels),
  ];
  const mistakes = labels.flatMap((sourceLabel, index) => describeSource(found, index, sourceLabel));
  const isWrong = new Set(found.map(({ index }) => index));
  const entries = read.map(({ workspaces: [first, ...others] }, index): SourceEntry => {
    const identity = identities[index] ?? NAMELESS;
    return first === undefined || isWrong.has(index)
      ? { kind: 'left_out', ...identity }
      : { kind: 'source', source: seenFromTheDoors([first, ...others]), workspaces: [first, ...others] };
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
  } catch (error) {
    throw new SettingsError(`${place} is not valid JSON${whereJsonBreaks(error)}. ${WHAT_IT_HOLDS}`);
  }
  if (Array.isArray(parsed) && parsed.length > 0) return parsed;
  throw new SettingsError(`${place} is not a JSON array with at least one source. ${WHAT_IT_HOLDS}`);
};

const WHAT_IT_HOLDS =
  'It must be a JSON array of sources: `[{"name": …, "writeKey": …, "siteId": …, "apiKey": …}]`.';

interface NameAndKey {
  readonly name: string | undefined;
  readonly writeKey: string | undefined;
}

const NAMELESS: NameAndKey = { name: undefined, writeKey: undefined };

/** The name and key of a source, where they are right, even if something else of it is not. */
const readIdentity = (candidate: unknown): NameAndKey =>
  isObject(candidate)
    ? {
        name: sourceName.safeParse(candidate['name']).data,
        writeKey: writeKey.safeParse(candidate['writeKey']).data,
      }
    : NAMELESS;

/**
 * Both are left out: which one is meant, nobody can tell, and an event in the wrong workspace cannot be taken
 * back. What waits can.
 */
const duplicates = (identities: readonly NameAndKey[], field: keyof NameAndKey): Mistake[] => {
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
  { rate: 'requestsPerSecond', same: ['trackUrl', 'siteId'], isOfWorkspace: true },
  { rate: 'segmentRequestsPerSecond', same: ['segmentUrl', 'segmentWriteKey'], isOfWorkspace: false },
] as const;

/** With two rates for one limit there is no telling which holds: the one written first does. */
const differingRates = (read: readonly ReadSource[], labels: readonly string[]): Mistake[] => {
  const all = read.flatMap(({ workspaces }, index) =>
    workspaces.map((source, place) => ({ index, source, place })),
  );
  return LIMITED.flatMap(({ rate, same, isOfWorkspace }) => {
    const limited = all.filter(
      ({ source, place }) => source[same[1]] !== undefined && (isOfWorkspace || place === 0),
    );
    return limited.flatMap(({ index, source, place }) => {
      const first = limited.find((other) => same.every((field) => other.source[field] === source[field]));
      if (first === undefined || first.source[rate] === source[rate]) return [];
      const text = `${rate} must be that of ${labels[first.index]}: ${same.join(' and ')} are the same`;
      const isOneOfSeveral = isOfWorkspace && source.workspace !== undefined;
      return [{ index, text: isOneOfSeveral ? `destinations.${place}: ${text}` : text }];
    });
  });
};
