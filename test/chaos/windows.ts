// How many of a list of moments lie close together: what a rate is judged by. A window begins at every
// moment, so that none is missed between two.

/** The most moments within any half-open stretch of `windowMs` milliseconds. */
export const peakWithin = (momentsMs: readonly number[], windowMs: number): number => {
  const sorted = momentsMs.toSorted((a, b) => a - b);
  let peak = 0;
  let first = 0;
  for (const [last, moment] of sorted.entries()) {
    while (first < last && (sorted[first] ?? moment) <= moment - windowMs) first += 1;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
};

/** The shortest time, in milliseconds, in which `count` moments follow one; Infinity when there are too few. */
export const shortestRun = (momentsMs: readonly number[], count: number): number => {
  const sorted = momentsMs.toSorted((a, b) => a - b);
  return Math.min(
    ...sorted.slice(0, -count).map((moment, index) => (sorted[index + count] ?? Infinity) - moment),
  );
};
