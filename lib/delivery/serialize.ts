// Makes a request's body of bytes that exist already: nothing is serialised, measured or encoded a second time. Items
// that were written one after another are copied as one run, with the commas between them.

import type { Destination, Item } from './connector';
import { COMMA, type JsonBytes } from './json-bytes';

/** @param positions of one item at least. */
export const serialize = (
  positions: readonly number[],
  items: readonly Item[],
  [open, close]: Destination['envelope'],
): Buffer => {
  const runs = toRuns(positions, items);
  const itemBytes = runs.reduce((bytes, { start, end }) => bytes + end - start + 1, -1);
  const body = Buffer.allocUnsafe(Buffer.byteLength(open) + itemBytes + Buffer.byteLength(close));
  let at = body.write(open);
  for (const { chunk, start, end } of runs) {
    at += chunk.copy(body, at, start, end);
    body[at] = COMMA;
    at += 1;
  }
  // In the place of the last comma.
  body.write(close, at - 1);
  return body;
};

interface Run {
  readonly chunk: Buffer;
  readonly start: number;
  end: number;
}

const toRuns = (positions: readonly number[], items: readonly Item[]): readonly Run[] => {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const position of positions) {
    // Stryker disable next-line OptionalChaining: each position is an item's, which the compiler cannot know
    const json = items[position]?.json;
    // Stryker disable next-line ConditionalExpression: the same
    if (json === undefined) continue;
    const end = json.start + json.length;
    if (last !== undefined && follows(json, last)) last.end = end;
    else {
      last = { chunk: json.chunk, start: json.start, end };
      runs.push(last);
    }
  }
  return runs;
};

const follows = ({ chunk, start }: JsonBytes, last: Run): boolean =>
  chunk === last.chunk && start === last.end + 1;
