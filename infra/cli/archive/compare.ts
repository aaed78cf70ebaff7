// `relay compare`: what the archive says was delivered, against what two workspaces hold: events by day and name, and
// people by day. After a replay into a second workspace it shows what is missing there.

import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { type ParsedSettings, usableWorkspaces } from '../../../lib/config/settings';
import type { Item } from '../../../lib/delivery/connector';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import { parseTime } from '../../../lib/event/parse-time';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { Failure, usageFailure } from '../failure';
import { openInput } from '../import/input';
import type { Io } from '../io';
import { layOut, plural } from '../layout';
import { openTarget, readSettings } from '../target';
import { describeCommand, optionsOf } from '../words';
import { SeenTexts } from './event-marks';
import { type ArchiveOptions, openArchive } from './open-archive';
import { type ScannedLine, scan, tellBroken } from './scan';
import { inRange, type RangeOptions, rangeOf, sourcesFor } from './selection';

interface CompareOptions extends ArchiveOptions, RangeOptions {
  /** As the workspaces have it: an export knows neither the type nor what became of an event. */
  readonly name?: string;
  readonly left: string;
  readonly right?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export const addCompare = (program: Command, io: Io): void => {
  inRange(
    describeCommand(program.command('compare'), {
      summary: 'the archive against what two workspaces hold',
      description:
        'Counts events by day and name, and the people they are of, as the archive has them delivered, and as one or two workspaces hold them: a sandbox by its address, or an export: NDJSON, a JSON array or CSV, gzip too, with name, timestamp, and identifiers or customer_id.',
      examples: [
        'relay compare --from 7d --left http://localhost:3030/sandbox/activity',
        'relay compare --from 30d --left old.ndjson --right new.ndjson',
      ],
    }),
  )
    .option('--name <name>', 'only events of this name, as Customer.io has it')
    .requiredOption('--left <place>', 'the first workspace: an address or a file')
    .option('--right <place>', 'the second')
    .option('--archive <place>', 'a copy: s3://<bucket>, or a folder')
    .option('--all', 'show what is the same too')
    .action((_, command: Command) => compare(optionsOf<CompareOptions>(command), io));
};

/** What happened, as it can be counted. */
interface Happened {
  /** The id of the operation, where it is known: what is there twice is once. */
  readonly id: string | undefined;
  readonly name: string;
  readonly ms: number;
  readonly person: string;
}

/** By day and name. There may be more events, and people, than a Set takes. */
class Counts {
  private readonly counts = new Map<string, number>();
  private readonly ids = new SeenTexts();
  private readonly people = new SeenTexts();

  constructor(private readonly isMeant: (happened: Happened) => boolean) {}

  add(happened: Happened): void {
    const { id, name, ms, person } = happened;
    if (!this.isMeant(happened) || (id !== undefined && !this.ids.isFirst(id))) return;
    const day = new Date(ms).toISOString().slice(0, 10);
    this.count([day, 1, name]);
    if (this.people.isFirst(JSON.stringify([day, person]))) this.count([day, 0]);
  }

  keys(): string[] {
    return [...this.counts.keys()];
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  private count(what: Key): void {
    const key = JSON.stringify(what);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

/** In the order in which they are shown: of a day its people, then its events by name. */
type Key = readonly [day: string, isEvent: 0 | 1, name?: string];

const PEOPLE = '(people)';

const compare = async (options: CompareOptions, io: Io): Promise<void> => {
  const { left, right } = options;
  const range = rangeOf(options, Date.now());
  const isMeant = ({ ms, name }: Happened): boolean =>
    ms >= range.fromMs && ms < range.untilMs && (options.name === undefined || name === options.name);
  const ofArchive = new Counts(isMeant);
  await countArchive(ofArchive, options, io);
  const places = [left, ...(right === undefined ? [] : [right])];
  const held = await Promise.all(places.map((place) => countHeld(new Counts(isMeant), place, io)));
  const all = [ofArchive, ...held];
  const keys = [...new Set(all.flatMap((counts) => counts.keys()))].sort();
  const rows: Row[] = keys.map((key) => ({ key, counts: all.map((counts) => counts.of(key)) }));
  const different = rows.filter(isDifferent);
  tell(options.all ? rows : different, places, options, io);
  if (different.length === 0) return;
  throw new Failure(
    `${plural(different.length, 'count')} of ${rows.length} differ.`,
    'What is missing can be sent: npx relay replay --help.',
  );
};

interface Row {
  readonly key: string;
  /** Of the archive, then of each workspace. */
  readonly counts: readonly number[];
}

/**
 * The archive has people by the ids that each event named. A workspace has fewer: visitors were identified since, others
 * were merged. Nothing is missing for that, or it would be of the events too.
 */
const isDifferent = ({ key, counts: [ofArchive = 0, ...held] }: Row): boolean => {
  const [, isEvent] = keyIn(key);
  const most = isEvent ? ofArchive : Math.max(...held);
  return held.some((count) => count !== most) || most > ofArchive;
};

const keyIn = (text: string): Key => JSON.parse(text) as Key;

const countHeld = async (counts: Counts, place: string, io: Io): Promise<Counts> => {
  let whole = 0;
  let unread = 0;
  for await (const activity of activitiesOf(place, io)) {
    whole += 1;
    if (countActivity(counts, activity) === 'unread') unread += 1;
  }
  if (unread > 0) io.err(`${place}: ${unread} of ${whole} have no name or no time, and are not counted.`);
  return counts;
};

/** What became of the archived events, by the mapping of now. */
const countArchive = async (counts: Counts, options: CompareOptions, io: Io): Promise<void> => {
  const settings = await readSettings(await openTarget(options, io));
  const { store } = await openArchive(options, io);
  // An event may be received long after its time.
  const range = { ...rangeOf(options, Date.now()), untilMs: Date.now() };
  const sources = await sourcesFor(settings, options.source, store);
  const scanning = { sources, range, signal: io.signal, onBroken: tellBroken(store, io) };
  const uncounted = new Map<string, number>();
  for await (const line of scan(store, scanning)) {
    if (line.outcome !== 'delivered') continue;
    const items = itemsOf(line, settings);
    if (typeof items === 'string') uncounted.set(items, (uncounted.get(items) ?? 0) + 1);
    else for (const { json } of items) countActivity(counts, parseJson(json.toString()));
  }
  for (const [why, lines] of uncounted) io.err(`Not counted: ${plural(lines, 'delivered line')}, ${why}.`);
};

/** What is sent of an event by the settings of now, or why that cannot be said. */
const itemsOf = ({ event, ...line }: ScannedLine, settings: ParsedSettings): readonly Item[] | string => {
  if (event === undefined) return 'without its event';
  const source = usableWorkspaces(settings).find(
    ({ name, workspace }) => name === line.source && workspace === line.workspace,
  );
  if (source === undefined) return 'of what the settings no longer have';
  const prepared = prepareForCustomerIo(event, source);
  return prepared.kind === 'items' ? prepared.items : 'of what the settings of now do not deliver';
};

const ACTIONS: ReadonlySet<unknown> = new Set(['event', 'page', 'screen']);

/** An operation, an activity of the sandbox, or one of an export. What is no event is not counted. */
const countActivity = (counts: Counts, value: unknown): 'read' | 'unread' => {
  if (!isObject(value)) return 'unread';
  const { action, id, timestamp } = value;
  if (action !== undefined && !ACTIONS.has(action)) return 'read';
  if (value['activity_type'] !== undefined && !EVENT_ACTIVITIES.has(value['activity_type'])) return 'read';
  const name = value['activity_name'] ?? value['name'] ?? value['event_name'];
  const ms = parseTime(timestamp);
  if (typeof name !== 'string' || ms === undefined) return 'unread';
  counts.add({ id: typeof id === 'string' ? id : undefined, name, ms, person: personOf(value) });
  return 'read';
};

const EVENT_ACTIVITIES: ReadonlySet<unknown> = new Set([
  'event',
  'Page View',
  'Screen View',
  'page',
  'screen',
]);

/** The name by which most know a person: an id, else an email. */
const personOf = (value: JsonObject): string => {
  const known = [value['identifiers'], value['customer_identifiers']].find(isObject) ?? {};
  return String(known['id'] ?? known['email'] ?? known['anonymous_id'] ?? value['customer_id'] ?? '');
};

const activitiesOf = (place: string, { stdin }: Io): AsyncIterable<unknown> =>
  /^https?:/.test(place) ? activitiesAt(place) : activitiesIn(place, stdin);

async function* activitiesIn(path: string, stdin: Io['stdin']): AsyncGenerator<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw usageFailure(`There is no file ${path}.`, 'Give a file, or an http address.');
  if (found.isDirectory())
    throw usageFailure(`${path} is a folder.`, 'Name a file in it, or give an http address.');
  const { records } = await openInput(path, stdin);
  for await (const record of records) {
    if ('text' in record) yield parseJson(record.text);
    else yield 'value' in record ? record.value : record.row;
  }
}

const OTHER_ADDRESS = 'Give the address of activities.';

async function* activitiesAt(address: string): AsyncGenerator<unknown> {
  const response = await fetch(address).catch((error: Error) => {
    throw new Failure(`${address} does not answer: ${describeCause(error)}.`, OTHER_ADDRESS);
  });
  if (!response.ok) throw new Failure(`${address} answered ${response.status}.`, OTHER_ADDRESS);
  const body = parseJson(await response.text());
  const activities = isObject(body) ? body['activities'] : body;
  if (!Array.isArray(activities)) throw new Failure(`${address} has no activities.`, OTHER_ADDRESS);
  yield* activities;
}

/** Of `fetch`, whose own message says nothing. */
const describeCause = ({ message, cause }: Error): string =>
  isObject(cause) ? String(cause['code'] ?? cause['message']) : message;

const tell = (rows: readonly Row[], places: readonly string[], { json }: CompareOptions, io: Io): void => {
  const named = rows.map(({ key, counts }) => {
    const [day, , name = PEOPLE] = keyIn(key);
    return { day, name, archive: counts[0] ?? 0, held: counts.slice(1) };
  });
  const header = ['day', 'archive', ...places.map((_, index) => (index === 0 ? 'left' : 'right')), 'event'];
  const cells = named.map(({ day, name, archive, held }) => [day, `${archive}`, ...held.map(String), name]);
  const text = named.length === 0 ? 'The archive and what is held agree.' : layOut(header, cells);
  io.out(json ? JSON.stringify({ places, counts: named }) : text);
};
