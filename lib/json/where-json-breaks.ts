/**
 * Where a text stops being JSON, as the error of `JSON.parse` tells, to follow a sentence about it: `, at position 13
 * (line 1 column 14)`, or nothing where it does not tell. The rest of V8's message quotes the text, which may hold
 * keys and people's data.
 */
export const whereJsonBreaks = (error: unknown): string => {
  const place = error instanceof Error ? PLACE.exec(error.message)?.[0] : undefined;
  return place === undefined ? '' : `, ${place}`;
};

/** Node 20 has no line. */
const PLACE = /at position \d+( \(line \d+ column \d+\))?/;
