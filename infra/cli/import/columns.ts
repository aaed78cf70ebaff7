// From a row of CSV to an event: by the names that exports give their columns, or by a mapping file of the
// operator's. A cell that is empty is a value that is not there.

import { readFile } from 'node:fs/promises';
import { EVENT_TYPES, type EventType } from '../../../lib/event/event';
import { isObject } from '../../../lib/json/json-object';
import { cannotRead, Failure, usageFailure } from '../failure';

export type Row = Readonly<Record<string, string>>;

/** `traits.plan`, `event`, …; null leaves the column out. */
interface EventField {
  readonly to: string;
  readonly as: CellType;
}

const CELL_TYPES = ['text', 'number', 'boolean', 'json'] as const;
type CellType = (typeof CELL_TYPES)[number];

export interface ColumnMapping {
  readonly type: EventType | undefined;
  readonly columns: ReadonlyMap<string, EventField | undefined>;
}

const MAPPING_EXAMPLE =
  'It is JSON like { "type": "identify", "columns": { "Email": "traits.email", "Age": { "to": "traits.age", "as": "number" }, "internal": null } }';

/** @throws Failure that says what a mapping file is. */
export const readColumnMapping = async (path: string): Promise<ColumnMapping> => {
  const text = await readFile(path, 'utf8').catch(cannotRead(path, MAPPING_EXAMPLE));
  return toMapping(parseJson(text, path), path);
};

const parseJson = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw usageFailure(`The mapping file ${path} is not JSON.`, MAPPING_EXAMPLE);
  }
};

const toMapping = (written: unknown, path: string): ColumnMapping => {
  const { type, columns } = isObject(written) ? written : {};
  if (!isObject(columns)) throw usageFailure(`The mapping file ${path} has no \`columns\`.`, MAPPING_EXAMPLE);
  const known = EVENT_TYPES.find((one) => one === type);
  if (type !== undefined && known === undefined) {
    throw usageFailure(`The type in ${path} is none.`, `It is one of ${EVENT_TYPES.join(', ')}.`);
  }
  const entries = Object.entries(columns).map(
    ([column, destination]) => [column, toDestination(column, destination)] as const,
  );
  return { type: known, columns: new Map(entries) };
};

const toDestination = (column: string, written: unknown): EventField | undefined => {
  if (written === null) return undefined;
  if (typeof written === 'string') return checked(column, { to: written, as: 'text' });
  const { to, as } = isObject(written) ? written : {};
  const cellType = CELL_TYPES.find((one) => one === (as ?? 'text'));
  if (typeof to === 'string' && cellType !== undefined) return checked(column, { to, as: cellType });
  throw usageFailure(`The mapping of the column "${column}" says nothing.`, MAPPING_EXAMPLE);
};

const FIELDS =
  /^(type|event|name|category|(user|anonymous|group|previous|message)Id)$|^(original)?[tT]imestamp$|^(received|sent)At$/;
const BAGS = /^(traits|properties|context|integrations)\../;

/** Elsewhere in an event nobody would find it. */
const checked = (column: string, field: EventField): EventField => {
  if (FIELDS.test(field.to) || BAGS.test(field.to)) return field;
  throw usageFailure(
    `The mapping of the column "${column}" leads to "${field.to}", which no event has.`,
    'A trait is traits.<name>, a property properties.<name>, and an id userId, anonymousId or groupId.',
  );
};

/** @throws Failure for a column that the file does not have: most likely it is misspelt. */
export const requireMappedColumns = (
  header: readonly string[],
  mapping: ColumnMapping | undefined,
  path: string,
): void => {
  const missing = [...(mapping?.columns.keys() ?? [])].filter((column) => !header.includes(column));
  if (missing.length === 0) return;
  const named = missing.map((column) => `"${column}"`).join(', ');
  throw new Failure(
    `${path} has no column ${named}, which the mapping names.`,
    `It has: ${header.join(', ')}.`,
  );
};

/** What exports call the fields of an event. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['userid', 'userId'],
  ['user_id', 'userId'],
  ['anonymousid', 'anonymousId'],
  ['anonymous_id', 'anonymousId'],
  ['groupid', 'groupId'],
  ['group_id', 'groupId'],
  ['messageid', 'messageId'],
  ['message_id', 'messageId'],
  ['timestamp', 'timestamp'],
  ['original_timestamp', 'originalTimestamp'],
  ['originaltimestamp', 'originalTimestamp'],
  ['received_at', 'receivedAt'],
  ['receivedat', 'receivedAt'],
  ['event', 'event'],
  ['type', 'type'],
  ['name', 'name'],
]);

/** Columns of a warehouse's tables that are no event's: what it was loaded by, and what says the same again. */
const OF_THE_WAREHOUSE = /^(uuid|uuid_ts|loaded_at|sent_at|context_.*)$/;

/**
 * @param as the type of a row that says none.
 * @returns undefined for a row whose type is not known.
 */
export const rowToEvent = (
  row: Row,
  as: EventType | undefined,
  mapping: ColumnMapping | undefined,
): Record<string, unknown> => {
  const isCapital = isWrittenInCapitals(row);
  const known = isCapital ? inSmallLetters(row) : row;
  const type = as ?? mapping?.type ?? typeOfExport(known);
  const event: Record<string, unknown> = type === undefined ? {} : { type };
  for (const [column, cell] of Object.entries(row)) {
    const destination = mapping?.columns.has(column)
      ? mapping.columns.get(column)
      : destinationOf(isCapital ? column.toLowerCase() : column, known, type);
    if (destination !== undefined && cell !== '') place(event, destination, cell);
  }
  return event;
};

/** A warehouse's columns, as Snowflake has them: the same names as everywhere else are meant. */
const isWrittenInCapitals = (row: Row): boolean => 'RECEIVED_AT' in row && 'ID' in row;

const inSmallLetters = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, cell]) => [column.toLowerCase(), cell]));

/** Only the tables of track events have `event_text`. */
const typeOfExport = (row: Row): EventType | undefined => {
  if (isPeopleExport(row)) return 'identify';
  return isWarehouseRow(row) && 'event_text' in row ? 'track' : undefined;
};

/** Customer.io's people have a `cio_id`. */
const isPeopleExport = (row: Row): boolean => 'cio_id' in row;
const isWarehouseRow = (row: Row): boolean => 'received_at' in row && 'id' in row;

const destinationOf = (column: string, row: Row, type: EventType | undefined): EventField | undefined => {
  if (isPeopleExport(row)) return personColumn(column, row);
  if (isWarehouseRow(row)) return warehouseColumn(column, row, type);
  return { to: ordinaryColumn(column, type), as: 'text' };
};

const ordinaryColumn = (column: string, type: EventType | undefined): string => {
  const lower = column.trim().toLowerCase();
  // A person's id and name are a trait's names too.
  if (type === 'identify' && lower === 'id') return 'userId';
  if ((type === 'identify' || type === 'group') && lower === 'name') return `traits.${column}`;
  return WELL_KNOWN.get(lower) ?? `${bagOf(type)}.${column.trim()}`;
};

const bagOf = (type: EventType | undefined): string =>
  type === 'identify' || type === 'group' ? 'traits' : 'properties';

/**
 * The event's own name stands in `event_text`; `event` is that of the table. A table of people has a row for each, and
 * no message.
 */
const warehouseColumn = (column: string, row: Row, type: EventType | undefined): EventField | undefined => {
  if (column === 'id') return { to: isPerson(row, type) ? 'userId' : 'messageId', as: 'text' };
  if (column === 'event_text') return { to: 'event', as: 'text' };
  if (column === 'event' && row['event_text']) return undefined;
  return OF_THE_WAREHOUSE.test(column) ? undefined : { to: ordinaryColumn(column, type), as: 'text' };
};

const isPerson = (row: Row, type: EventType | undefined): boolean =>
  type === 'identify' && !('user_id' in row);

/** Known by `id`, else by email, else by Customer.io's own id. Attributes have the types that Customer.io shows. */
const personColumn = (column: string, { id, email }: Row): EventField | undefined => {
  if (column === 'id') return { to: 'userId', as: 'text' };
  if (column === 'cio_id') return id || email ? undefined : { to: 'cioId', as: 'text' };
  return { to: `traits.${column}`, as: column === 'unsubscribed' ? 'boolean' : guessed(column) };
};

const guessed = (column: string): CellType => (/(_at|_count)$/.test(column) ? 'number' : 'text');

const place = (event: Record<string, unknown>, { to, as }: EventField, cell: string): void => {
  if (to === 'cioId') {
    event['userId'] = `cio_${cell}`;
    return;
  }
  const [bag = '', ...rest] = to.split('.');
  if (rest.length === 0) {
    event[bag] = typed(cell, as);
    return;
  }
  const inside = event[bag];
  event[bag] = { ...(isObject(inside) ? inside : {}), [rest.join('.')]: typed(cell, as) };
};

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/** What cannot be read as what it should be stays text: nothing is lost. */
const typed = (cell: string, as: CellType): unknown => {
  if (as === 'number') return Number.isFinite(Number(cell)) ? Number(cell) : cell;
  if (as === 'boolean') return BOOLEANS.get(cell.toLowerCase()) ?? cell;
  return as === 'json' ? jsonOr(cell) : cell;
};

const jsonOr = (cell: string): unknown => {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
};
