// What the demo prints. A table for each thing, and none wider than the narrowest terminal people use.

import { styleText } from 'node:util';
import { isObject } from '../../lib/json/json-object';
import { shorten } from '../../lib/text';
import type { Activity } from '../local/sandbox/activity-log';
import { MAX_WIDTH } from './layout';
import type { ForwardedEvent } from './report-activity';
import type { ShownPerson } from './sandbox-client';

const MAX_CELL_WIDTH = 20;
const GAP = '  ';

type Row = readonly unknown[];

export const printActivities = (activities: readonly Activity[]): void =>
  print(
    'Activity Log',
    ['time', 'Activity Type', 'Activity Name', 'attributes'],
    activities.map(({ timestamp, activity_type: type, activity_name: name, attributes }) => [
      clock(timestamp * 1_000),
      type,
      name,
      attributes,
    ]),
  );

export const printPeople = (people: readonly ShownPerson[]): void => {
  for (const { identifiers, attributes, devices } of people) {
    const all = { ...identifiers, ...attributes, devices: devices.map(({ token }) => token) };
    print('Person', ['name', 'value'], Object.entries(all));
  }
};

export const printForwarded = (events: readonly ForwardedEvent[]): void =>
  print(
    'What Segment gets',
    ['time', 'event', 'userId', 'properties'],
    events.map(({ timestamp, event, userId, properties }) => [
      clock(Date.parse(timestamp)),
      event,
      userId,
      properties,
    ]),
  );

const print = (title: string, header: readonly string[], rows: readonly Row[]): void => {
  const [head = '', ...body] = layOut([header, ...rows]);
  console.log(`\n${styleText('bold', title)}\n${styleText('dim', head)}`);
  for (const line of body) console.log(line);
};

/** Columns as wide as what stands in them; the last has what is left of the width. */
const layOut = (rows: readonly Row[]): string[] => {
  const cells = rows.map((row) => row.map(text));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.min(MAX_CELL_WIDTH, Math.max(...cells.map((row) => row[column]?.length ?? 0))),
  );
  return cells.map((row) => {
    const last = row.length - 1;
    const before = row.slice(0, last).map((cell, column) => cut(cell, widths[column] ?? 0));
    const start = before.map((cell) => cell + GAP).join('');
    return (start + cut(row[last] ?? '', MAX_WIDTH - start.length)).trimEnd();
  });
};

/** The time without the year and the seconds. */
const clock = (ms: number): string => new Date(ms).toISOString().slice(5, 16).replace('T', ' ');

const text = (value: unknown): string => {
  if (value === undefined) return '';
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}=${typeof one === 'string' ? one : JSON.stringify(one)}`)
    .join(' ');
};

/** Exactly that wide. */
const cut = (cell: string, width: number): string => shorten(cell, width).padEnd(width);
