// Makes a request's body of bytes that exist already: nothing is serialised, measured or encoded a second time.

import type { Destination, Item } from './connector';

const SEPARATOR = Buffer.from(',');

export const serialize = (
  positions: readonly number[],
  items: readonly Item[],
  [open, close]: Destination['envelope'],
): Buffer => {
  const parts: Buffer[] = [Buffer.from(open)];
  for (const position of positions) {
    const item = items[position];
    if (item !== undefined) parts.push(item.json, SEPARATOR);
  }
  parts[parts.length - 1] = Buffer.from(close);
  return Buffer.concat(parts);
};
