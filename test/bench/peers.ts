// What of the peers is installed, and which of their figures are shown. Pure.

import type { Result } from './measure';
import { markdownTable } from './report';

export interface Recorded {
  readonly measured: string;
  readonly paths: Readonly<Record<string, number>>;
}

/** The manifest of the folder that they are installed into. */
export const installPlan = (name: string, version: string, overrides: Readonly<Record<string, string>>) => ({
  name: 'peers',
  private: true,
  dependencies: { [name]: version },
  overrides,
});

/** By what npm wrote: a package of which it found no such version, and any other of the same major instead. */
export const replacement = (problem: string): Readonly<Record<string, string>> | undefined => {
  const [, name, major] = /No matching version found for (@?[^@\s]+)@\D*(\d+)/.exec(problem) ?? [];
  return name === undefined ? undefined : { [name]: `^${major}.0.0` };
};

/** What was measured now, and what was not, as it was recorded. */
export const tableOfPeers = (measured: readonly Result[], recorded: Recorded): string => {
  const now = new Set(measured.map(({ name }) => name));
  const rows = [
    ...measured.map(({ name, ratio }) => ({ name, ratio, when: 'this run' })),
    ...Object.entries(recorded.paths).flatMap(([name, ratio]) =>
      now.has(name) ? [] : [{ name, ratio, when: recorded.measured }],
    ),
  ];
  return markdownTable([
    ['path, from JSON to the body of a request', 'of the floor', 'measured'],
    ...rows
      .toSorted((one, other) => other.ratio - one.ratio)
      .map(({ name, ratio, when }) => [name, ratio.toFixed(ratio < 0.01 ? 3 : 2), when]),
  ]);
};
