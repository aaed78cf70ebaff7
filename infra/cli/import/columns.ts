// From a row of CSV, or of a warehouse as JSON, to an event: by the names that exports give their columns, or by a
// mapping file of the operator's. A cell that is empty is a value that is not there.

import { readFile } from 'node:fs/promises';
import { EVENT_TYPES, type EventType } from '../../../lib/event/event';
import { formatTime } from '../../../lib/event/format-time';
import { parseTime } from '../../../lib/event/parse-time';
import { isObject } from '../../../lib/json/json-object';
import { parseJsonOrText } from '../../../lib/json/parse-json';
import { cannotRead, Failure, usageFailure } from '../failure';

/** Cells are text, of CSV; of JSON they are what they are. */
export type Row = Readonly<Record<string, unknown>>;

/** `traits.plan`, `event`, …; null leaves the column out. */
interface EventField {
  readonly to: string;
  /** `stored`: text as a warehouse holds it. */
  readonly as: CellType | 'stored';
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

/** A field of an event, and the types that have it; of another type it would be lost. */
interface KnownField {
  readonly to: string;
  readonly of: readonly EventType[];
}

const knownField = (to: string, of: readonly EventType[] = EVENT_TYPES): [string, KnownField] => [
  to.toLowerCase(),
  { to, of },
];

/** What exports call the fields of an event, in small letters and without underscores. */
const KNOWN_FIELDS: ReadonlyMap<string, KnownField> = new Map([
  knownField('userId'),
  knownField('anonymousId'),
  knownField('messageId'),
  knownField('timestamp'),
  knownField('originalTimestamp'),
  knownField('receivedAt'),
  knownField('groupId', ['group']),
  knownField('previousId', ['alias']),
  knownField('event', ['track', 'screen']),
  knownField('name', ['page', 'screen']),
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
  const known = withoutNulls(isCapital ? inSmallLetters(row) : row);
  const type = typeOfRow(known, as ?? mapping?.type);
  const event: Record<string, unknown> = type === undefined ? {} : { type };
  for (const [written, cell] of Object.entries(row)) {
    const column = isCapital ? written.toLowerCase() : written;
    const destination = mapping?.columns.has(written)
      ? mapping.columns.get(written)
      : destinationOf(column, known, type);
    if (destination !== undefined && known[column] !== NOTHING) place(event, destination, cell);
  }
  return event;
};

/** Whether it is a row of a warehouse's table as JSON. An event may have such columns too, but never without these. */
export const isRowOfWarehouse = (value: unknown): value is Row =>
  isObject(value) &&
  (isWarehouseRow(value) || isWrittenInCapitals(value)) &&
  !['messageId', 'userId', 'anonymousId'].some((field) => field in value);

/** A warehouse's columns, as Snowflake has them: the same names as everywhere else are meant. */
const isWrittenInCapitals = (row: Row): boolean => 'RECEIVED_AT' in row && 'ID' in row;

const inSmallLetters = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, cell]) => [column.toLowerCase(), cell]));

/**
 * The row with nothing in the cells without a value. Databases write `\N` for that, and some `NULL`, which may be a name
 * elsewhere; but in a warehouse's tables every cell may be without.
 */
const withoutNulls = (row: Row): Row => {
  const isWarehouse = isWarehouseRow(row);
  const isNull = (cell: unknown): boolean => NULLS.has(cell) || (isWarehouse && cell === 'NULL');
  return Object.fromEntries(
    Object.entries(row).map(([column, cell]) => [column, isNull(cell) ? NOTHING : cell]),
  );
};

const NOTHING = '';
const NULLS: ReadonlySet<unknown> = new Set(['\\N', null]);

/** Of a warehouse's tables only those of track events have `event_text`. @param given by the options of the import. */
const typeOfRow = (row: Row, given: EventType | undefined): EventType | undefined => {
  if (isPeopleExport(row)) return given ?? 'identify';
  if (isWarehouseRow(row)) return given ?? ('event_text' in row ? 'track' : undefined);
  return typeInRow(row) ?? given;
};

/** What a column `type` says, where it is a type of events: customers and products have types too. */
const typeInRow = (row: Row): EventType | undefined => {
  const [, cell] = Object.entries(row).find(([column]) => column.trim().toLowerCase() === 'type') ?? [];
  return EVENT_TYPES.find((one) => one === cell);
};

/** Customer.io's people have a `cio_id`. */
const isPeopleExport = (row: Row): boolean => 'cio_id' in row;
const isWarehouseRow = (row: Row): boolean => 'received_at' in row && 'id' in row;

const destinationOf = (column: string, row: Row, type: EventType | undefined): EventField | undefined => {
  if (isPeopleExport(row)) return personColumn(column, row);
  if (isWarehouseRow(row)) return warehouseColumn(column, row, type);
  return { to: ordinaryColumn(column, row, type), as: 'text' };
};

const ordinaryColumn = (column: string, row: Row, type: EventType | undefined): string => {
  const lower = column.trim().toLowerCase();
  // A person's id is a trait's name too.
  if (type === 'identify' && lower === 'id') return 'userId';
  if (lower === 'type' && (type === undefined || typeInRow(row) !== undefined)) return 'type';
  return fieldOf(column, type);
};

const fieldOf = (column: string, type: EventType | undefined): string => {
  const name = column.trim();
  const known = KNOWN_FIELDS.get(name.toLowerCase().replaceAll('_', ''));
  const isField = known !== undefined && (type === undefined || known.of.includes(type));
  return isField ? known.to : `${bagOf(type)}.${name}`;
};

const bagOf = (type: EventType | undefined): string =>
  type === 'identify' || type === 'group' ? 'traits' : 'properties';

/**
 * The event's own name stands in `event_text`; `event` is that of the table. A table of people or of companies has a row
 * for each, and no message. Of a message `id` is the id: a column `message_id` is a property.
 */
const warehouseColumn = (column: string, row: Row, type: EventType | undefined): EventField | undefined => {
  if (column === 'id') return { to: isMessage(row) ? 'messageId' : idOf(type), as: 'text' };
  if (column === 'message_id') return { to: `${bagOf(type)}.${column}`, as: 'text' };
  if (column === 'event_text') return { to: 'event', as: 'text' };
  if (column === 'event' && row['event_text']) return undefined;
  return OF_THE_WAREHOUSE.test(column) ? undefined : { to: fieldOf(column, type), as: 'stored' };
};

/** Whoever has sent it is known by one of these, at least. */
const isMessage = (row: Row): boolean => 'user_id' in row || 'anonymous_id' in row;

const idOf = (type: EventType | undefined): string => {
  if (type === 'identify') return 'userId';
  return type === 'group' ? 'groupId' : 'messageId';
};

/** Known by `id`, else by email, else by Customer.io's own id. Attributes have the types that Customer.io shows. */
const personColumn = (column: string, { id, email }: Row): EventField | undefined => {
  if (column === 'id') return { to: 'userId', as: 'text' };
  if (column === 'cio_id') return id || email ? undefined : { to: 'cioId', as: 'text' };
  return { to: `traits.${column}`, as: column === 'unsubscribed' ? 'boolean' : guessed(column) };
};

const guessed = (column: string): CellType => (/(_at|_count)$/.test(column) ? 'number' : 'text');

const place = (event: Record<string, unknown>, { to, as }: EventField, cell: unknown): void => {
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
const typed = (cell: unknown, as: EventField['as']): unknown => {
  if (typeof cell !== 'string') return cell;
  if (as === 'stored') return asSent(cell);
  if (as === 'number') return Number.isFinite(Number(cell)) ? Number(cell) : cell;
  if (as === 'boolean') return BOOLEANS.get(cell.toLowerCase()) ?? cell;
  return as === 'json' ? parseJsonOrText(cell) : cell;
};

/**
 * A cell of a warehouse as it was sent: a list, which stands there as JSON, or a time. Of text that was sent as such a
 * text nobody can tell it, and it is rare.
 */
const asSent = (cell: string): unknown => {
  if (!cell.startsWith('[')) return withIsoTime(cell);
  const list = parseJsonOrText(cell);
  return Array.isArray(list) ? list : cell;
};

/** A time with its zone, as BigQuery, Postgres and Snowflake write what was ISO 8601 when it was sent. */
const STORED_TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)? ?(UTC|Z|[+-]\d\d(:?\d\d)?)$/;

/** Only as ISO 8601 it becomes a time at Customer.io, as the events do that are sent today. */
const withIsoTime = (cell: string): string => {
  const ms = STORED_TIME.test(cell) ? parseTime(cell) : undefined;
  return ms === undefined ? cell : formatTime(ms);
};
