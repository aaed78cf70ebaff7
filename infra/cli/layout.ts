// Tables of 80 columns, the narrowest terminal that people use. The widths are shared out here; the drawing is the
// library's.

import { getBorderCharacters, table } from 'table';
import { visible } from '../console/visible';

export const MAX_WIDTH = 80;
const GAP = 2;

/** The last column has what the others leave of the line; what does not fit is cut. */
export const layOut = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cells = [header, ...rows].map((row) => row.map((cell) => inOneLine(cell)));
  const widths = widthsOf(cells);
  const drawn = table(cells, {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: GAP },
    columns: widths.map((width) => ({ width, truncate: width })),
    drawHorizontalLine: () => false,
  });
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
};

/** What comes from events is never done to a terminal, and begins no line of its own. */
export const inOneLine = (text: string): string => visible(text.replace(/\s+/g, ' '));

/** Joins parts into one line, cut at the width of a table. */
export const oneLine = (parts: readonly string[]): string => {
  const line = parts
    .map((part) => visible(part.replace(/[\t\r\n]+/g, ' ')))
    .join(' '.repeat(GAP))
    .trimEnd();
  return line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH - 1)}…` : line;
};

/** Breaks long lines between words. A word that is longer than a line, such as a URL, stays whole, and so does a command. */
export const fold = (text: string, indent = ''): string =>
  text
    .split('\n')
    .map((line) => foldLine(line, indent))
    .join('\n');

/** Pasted in two parts, the first would be run without its last options. */
const COMMAND = /^\s*npx /;

const foldLine = (text: string, indent: string): string => {
  if (text.length <= MAX_WIDTH || COMMAND.test(text)) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && line.length + 1 + word.length > MAX_WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
};

/** Of a column that is not the last, where not all of them fit. */
const MAX_CELL_WIDTH = 24;

const widthsOf = (cells: readonly (readonly string[])[]): number[] => {
  const wanted = (cells[0] ?? []).map((_, column) =>
    Math.max(1, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  if (widthOf(wanted) <= MAX_WIDTH + GAP) return wanted;
  const before = wanted.slice(0, -1).map((width) => Math.min(width, MAX_CELL_WIDTH));
  const left = MAX_WIDTH - widthOf(before);
  return [...before, Math.max(1, Math.min(wanted.at(-1) ?? 1, left))];
};

const widthOf = (columns: readonly number[]): number => columns.reduce((sum, width) => sum + width + GAP, 0);

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A duration in the largest unit that fits: `3 h`. */
export const duration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [size, unit] = UNITS.find(([one]) => seconds >= one) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
};

/** `340 kB`, `12 MB`. */
export const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;

export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
