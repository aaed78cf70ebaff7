// From the JSON of `SOURCES` to sources, or to one error that names every mistake by source and field.

import type * as z from 'zod/mini';
import { SettingsError } from '../errors';
import { type Source, sourceSchema, withTrackUrl } from './source';

export const SOURCES_HELP =
  'Set SOURCES to a JSON array of sources, or SOURCES_PARAMETER to the parameter that holds it.';

/** Parses the JSON of `SOURCES`. @throws SettingsError naming every mistake at once. */
export const parseSources = (json: string): readonly Source[] => {
  const parsed = parseJson(json);
  if (!Array.isArray(parsed) || parsed.length === 0) {
    throw new SettingsError(`SOURCES is not a JSON array with at least one source. ${SOURCES_HELP}`);
  }
  const results = parsed.map((candidate) => sourceSchema.safeParse(candidate));
  const mistakes = results.flatMap((result, index) =>
    result.success ? [] : describeMistakes(result.error, sourceLabel(parsed[index], index)),
  );
  const sources = results.flatMap((result) => (result.success ? [withTrackUrl(result.data)] : []));
  mistakes.push(...duplicates(sources, 'name'), ...duplicates(sources, 'writeKey'));
  if (mistakes.length > 0) {
    throw new SettingsError(`SOURCES has ${mistakes.length} mistake(s):\n- ${mistakes.join('\n- ')}`);
  }
  return sources;
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw new SettingsError(`SOURCES is not valid JSON. ${SOURCES_HELP}`);
  }
};

const sourceLabel = (candidate: unknown, index: number): string => {
  const name = (candidate as { name?: unknown } | null)?.name;
  return typeof name === 'string' && name !== ''
    ? `source ${index} ("${name.slice(0, 100)}")`
    : `source ${index}`;
};

const describeMistakes = (error: z.core.$ZodError, label: string): string[] =>
  error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `${label}: unknown field(s) ${issue.keys.join(', ')}`;
    const field = issue.path.join('.');
    return field === '' ? `${label}: must be an object` : `${label}: ${field} ${issue.message}`;
  });

const duplicates = (sources: readonly Source[], field: 'name' | 'writeKey'): string[] => {
  const seen = new Set<string>();
  return sources.flatMap((source, index) => {
    const isRepeated = seen.has(source[field]);
    seen.add(source[field]);
    return isRepeated
      ? [`source ${index} ("${source.name}"): ${field} is used by an earlier source too`]
      : [];
  });
};
