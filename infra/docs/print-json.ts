// JSON for a reader: as much on a line as fits, and without what would only fill the page.

const MAX_COLUMNS = 100;
const MAX_TEXT_CHARACTERS = 150;
const MAX_PARTS = 20;

export const printJson = (value: unknown): string => print(value, '');

const print = (value: unknown, indent: string): string => {
  const line = onOneLine(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= MAX_COLUMNS) return line;
  const inside = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = partsOf(value).map(([label, part]) => label + print(part, inside));
  return `${open} ${fill(shorten(parts), inside)} ${close}`;
};

/** What stands before each part, and the part. */
const partsOf = (value: object): readonly [string, unknown][] =>
  Array.isArray(value)
    ? value.map((part) => ['', part])
    : Object.entries(value).map(([key, part]) => [`${onOneLine(key)}: `, part]);

/** The first and the last of very many. */
const shorten = (parts: readonly string[]): readonly string[] =>
  parts.length <= MAX_PARTS
    ? parts
    : [...parts.slice(0, 3), `… (${parts.length - 6} more)`, ...parts.slice(-3)];

/** Parts one behind the other; what goes over several lines begins one of its own. */
const fill = (parts: readonly string[], indent: string): string => {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = `${last}, ${part}`;
    const fits = !longer.includes('\n') && indent.length + longer.length <= MAX_COLUMNS;
    if (last !== undefined && fits) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.join(`,\n${indent}`);
};

const onOneLine = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(shortenText(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = shorten(partsOf(value).map(([label, part]) => label + onOneLine(part)));
  if (Array.isArray(value)) return `[${parts.join(', ')}]`;
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
};

const shortenText = (text: string): string =>
  text.length <= MAX_TEXT_CHARACTERS ? text : `${text.slice(0, 20)}… (${Buffer.byteLength(text)} bytes)`;
