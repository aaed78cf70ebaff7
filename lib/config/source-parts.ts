// Settings that are too large for one parameter stand in several: the array of sources then names parameters below
// itself, like `"./shop"`, and what each holds, a source or several, stands in the place of its name. Pure.

import { SettingsError } from '../errors';

/** With its `./` no key that was pasted into the wrong place looks like one, so that messages may name it. */
const PART = /^\.\/[\w-]{1,64}$/;

const isPart = (element: unknown): element is string => typeof element === 'string' && PART.test(element);

/** The names in the order they are written; none where the text has none, or is no array. */
export const partsOf = (text: string): readonly string[] => {
  // Most settings have none, and are not parsed twice.
  if (!text.includes('"./')) return [];
  const elements = parse(text);
  return Array.isArray(elements) ? [...new Set(elements.filter(isPart))] : [];
};

/** Of a version or label of it, and of an ARN, only the path can have something below it. */
export const parameterOfPart = (parameter: string, part: string): string => {
  const path = /^arn:[^/]*(\/.*)$/.exec(parameter)?.[1] ?? parameter;
  return `${path.replace(/:.*$/, '')}/${part.slice('./'.length)}`;
};

/**
 * The text as if it had stood in one parameter. @param texts of the parts, by name; @param place what a message calls
 * the parameter above them. @throws SettingsError for a part that is no JSON.
 */
export const joinParts = (text: string, texts: ReadonlyMap<string, string>, place: string): string => {
  const elements = parse(text);
  if (!Array.isArray(elements)) return text;
  return JSON.stringify(
    elements.flatMap((element: unknown) => {
      const part = isPart(element) ? texts.get(element) : undefined;
      if (part === undefined) return [element];
      const sources = parse(part);
      if (sources === undefined)
        throw new SettingsError(`${place} names "${element}", which is not valid JSON.`);
      return Array.isArray(sources) ? sources : [sources];
    }),
  );
};

/** Undefined for what is no JSON: JSON has no undefined. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
