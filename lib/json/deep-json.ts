// JSON of a value that nests more deeply than `JSON.stringify` can follow: the same text, without recursion.
// Slower, and only for values that came from `JSON.parse`, and objects around them.

import { isObject } from './json-object';

/** What is still to be written: text as it stands, or a value. */
type Step = { readonly text: string } | { readonly value: unknown };

export const deepToJson = (root: unknown): string => {
  const parts: string[] = [];
  const steps: Step[] = [{ value: root }];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if ('text' in step) parts.push(step.text);
    else if (Array.isArray(step.value)) pushAll(steps, arraySteps(step.value));
    else if (isObject(step.value)) pushAll(steps, objectSteps(step.value));
    else parts.push(JSON.stringify(step.value));
  }
  return parts.join('');
};

/** Adds the steps in reverse, because the last one in is the first one out. */
const pushAll = (steps: Step[], more: readonly Step[]): void => {
  for (let index = more.length - 1; index >= 0; index -= 1) {
    const step = more[index];
    if (step !== undefined) steps.push(step);
  }
};

const arraySteps = (array: readonly unknown[]): Step[] => [
  { text: '[' },
  ...array.flatMap((value, index) => [{ text: index === 0 ? '' : ',' }, { value }]),
  { text: ']' },
];

const objectSteps = (object: Readonly<Record<string, unknown>>): Step[] => [
  { text: '{' },
  ...Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value], index) => [
      { text: `${index === 0 ? '' : ','}${JSON.stringify(key)}:` },
      { value },
    ]),
  { text: '}' },
];
