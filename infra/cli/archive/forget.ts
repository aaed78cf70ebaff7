// `relay forget`: a person's lines go from the archive, and their dead letters from the queues. First it is written down
// that they are forgotten, so that nothing sends them again that arrives in the archive meanwhile.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { batchIn } from '../../../lib/queue/batch';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../../archive/layout';
import { isGzip, tryTextOf } from '../../archive/read';
import type { ArchiveStore } from '../../archive/store';
import { confirm } from '../confirm';
import type { Letter } from '../dead-letters/letter';
import { countMessages } from '../dead-letters/move-task';
import { deleteLetters, requeue } from '../dead-letters/requeue';
import { walk } from '../dead-letters/walk';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { layOut, plural } from '../layout';
import { idKey } from '../people';
import { bar, startProgress } from '../progress';
import { openTarget, QUEUES, type Queue, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import {
  type Ids,
  isTheirs,
  mayMention,
  otherIdsIn,
  type Treatment,
  withoutMentions,
  withoutPerson,
} from './forget-line';
import { Forgotten } from './forgotten';
import { type ArchiveOptions, type OpenArchive, openArchive } from './open-archive';

interface ForgetOptions extends ArchiveOptions {
  readonly mask?: boolean;
  readonly only?: boolean;
  readonly report?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

export const addForget = (program: Command, io: Io): void => {
  describeCommand(program.command('forget'), {
    summary: 'take a person out of the archive and the dead letters',
    description:
      'Removes the lines and dead letters of a person, by every id that the archive knows them by, and remembers as a fingerprint that they are forgotten: replay never sends them. The report names nobody. Customer.io is not asked: delete or suppress the person there as well.',
    examples: [
      'relay forget ada@example.com --stage prod --dry-run',
      'relay forget u-1815 ada@example.com --stage prod --report 4711.json',
    ],
  })
    .argument('<person...>', 'a userId, anonymousId or email; all that you know')
    .option('--mask', 'leave the lines without their events, so that counts stay right')
    .option('--only', 'these ids alone, not those that stand beside them in events')
    .option('--report <file>', 'write the report into a new file, to be kept')
    .option('--archive <place>', 'a copy: s3://<bucket>, or a folder')
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('-y, --yes', 'do not ask')
    .action((people: string[], _: unknown, command: Command) =>
      forget(people, optionsOf<ForgetOptions>(command), io),
    );
};

/** Before anything is removed: afterwards there would be no proof of it. */
const requireNew = (report: string | undefined): void => {
  if (report === undefined || !existsSync(report)) return;
  throw usageFailure(`${report} is there already.`, 'Give a new file: a report is kept.');
};

/** What there is of the person. */
interface Found {
  readonly ids: Ids;
  /** Keys of objects, with how many of their lines. */
  readonly objects: ReadonlyMap<string, number>;
  /** Keys of objects that nobody can read. */
  readonly broken: readonly string[];
  readonly deadLetters: number;
}

interface Place extends OpenArchive {
  readonly target: Target;
}

export const forget = async (people: readonly string[], options: ForgetOptions, io: Io): Promise<void> => {
  requireNew(options.report);
  const target = await openTarget(options, io);
  const place: Place = { ...(await openArchive(options, io)), target };
  const ids = new Set(people.map(idKey));
  if (!options.only) await addOtherIds(place, ids, io);
  const found: Found = {
    ids,
    ...(await findObjects(place.store, ids, io)),
    deadLetters: await eachDeadLetter(place, ids, io, async () => []),
  };
  tellFound(found, people, options, io);
  if (options.dryRun) return io.err('A rehearsal: nothing was removed.');
  await confirm(
    io,
    `Takes this person out of ${place.store.name} and the dead letters of ${target.name}.`,
    options,
  );
  const forgotten = await Forgotten.open(place.store);
  await forgotten.add([...ids], new Date());
  const done = await removeAll(place, found, options.mask ? 'mask' : 'remove', io);
  await tellDone(
    done,
    [...ids].map((id) => forgotten.fingerprintOf(id)),
    place,
    options,
    io,
  );
  if (found.broken.length === 0) return;
  throw new Failure(
    `${plural(found.broken.length, 'object')} of ${place.store.name} cannot be read: ${found.broken.join(', ')}.`,
    'Nobody can say whom they hold: delete them, or mend them and give the command again.',
  );
};

/** Until no event has another: a visitor's id leads to an email, and that to a userId. */
const addOtherIds = async ({ store }: Place, ids: Set<string>, io: Io): Promise<void> => {
  for (let before = -1; before < ids.size; ) {
    before = ids.size;
    await eachObject(store, io, 'looking for other ids', (_, text) => {
      if (!mayMention(text, ids)) return;
      for (const event of eventsIn(text)) for (const id of otherIdsIn(event, ids)) ids.add(idKey(id));
    });
  }
};

const eventsIn = (text: string): unknown[] =>
  text.split('\n').flatMap((one) => {
    const line = parseJson(one);
    return isObject(line) && 'event' in line ? [line['event']] : [];
  });

/** @returns keys of objects that are broken: nobody can say whom they hold. */
const eachObject = async (
  store: ArchiveStore,
  io: Io,
  what: string,
  visit: (key: string, text: string) => void | Promise<void>,
): Promise<ReadonlySet<string>> => {
  const progress = startProgress(io);
  const broken = new Set<string>();
  try {
    const keys: string[] = [];
    for (const prefix of [EVENTS_PREFIX, ERRORS_PREFIX])
      for await (const { key } of store.list(prefix)) keys.push(key);
    for (const [index, key] of keys.entries()) {
      io.signal.throwIfAborted();
      const content = await store.read(key);
      const text = content && tryTextOf(content);
      if (text !== undefined) await visit(key, readable(key, text));
      else if (content !== undefined) broken.add(key);
      progress.update(`${bar(index + 1, keys.length)} ${what}`);
    }
    return broken;
  } finally {
    progress.stop();
  }
};

/** Its lines; those that Firehose could not place, it stores in Base64, a record of many lines as one. */
const readable = (key: string, text: string): string =>
  key.startsWith(ERRORS_PREFIX) ? text.split('\n').map(unpacked).join('\n') : text;

const unpacked = (text: string): string => {
  const line = parseJson(text);
  const raw = isObject(line) ? line['rawData'] : undefined;
  return typeof raw === 'string' ? Buffer.from(raw, 'base64').toString('utf8') : text;
};

const findObjects = async (
  store: ArchiveStore,
  ids: Ids,
  io: Io,
): Promise<Pick<Found, 'objects' | 'broken'>> => {
  const objects = new Map<string, number>();
  const broken = await eachObject(store, io, 'looking for the person', (key, text) => {
    if (!mayMention(text, ids)) return;
    const lines = text.split('\n').filter((line) => withoutPerson(line, ids, 'remove') !== line).length;
    if (lines > 0) objects.set(key, lines);
  });
  return { objects, broken: [...broken] };
};

/** @param take puts other letters in the place of these. @returns how many there are. */
const eachDeadLetter = async (
  { target }: Place,
  ids: Ids,
  io: Io,
  take: (queue: Queue, letters: readonly Letter[]) => Promise<Letter[]>,
): Promise<number> => {
  let found = 0;
  for (const name of [QUEUES.deadLetters, QUEUES.activityDeadLetters]) {
    const queue = await target.queue(name);
    await walk(queue, io.signal, async (letters) => {
      const own = letters.filter((letter) => withoutThem(letter, ids) !== letter);
      found += own.length;
      return take(queue, own);
    });
  }
  return found;
};

/** Undefined where all of it is theirs. Of somebody else's letter a copy without the mention; else the very same. */
const withoutThem = (letter: Letter, ids: Ids): Letter | undefined => {
  const { body, people, attributes } = letter;
  if (people.some((id) => ids.has(idKey(id))) && isTheirsAlone(body, ids)) return undefined;
  const cleaned = withoutMentions(body, ids);
  const detail = attributes['detail']?.StringValue ?? '';
  const cleanedDetail = withoutMentions(detail, ids);
  if (cleaned === body && cleanedDetail === detail) return letter;
  const changed = detail === '' ? {} : { detail: { DataType: 'String', StringValue: cleanedDetail } };
  return { ...letter, body: cleaned, attributes: { ...attributes, ...changed } };
};

/** A letter that is several events is another's too. */
const isTheirsAlone = (body: string, ids: Ids): boolean => {
  const parsed = parseJson(body);
  return parsed === undefined || (batchIn(parsed) ?? [parsed]).every((event) => isTheirs(event, ids));
};

/** Stored before the old one is deleted, as everywhere. */
const takeOut = async (queue: Queue, letters: readonly Letter[], ids: Ids): Promise<Letter[]> => {
  const copies = letters.flatMap((letter) => withoutThem(letter, ids) ?? []);
  const whole = letters.filter((letter) => withoutThem(letter, ids) === undefined);
  return [...(await deleteLetters(queue, whole)), ...(await requeue(queue, queue, copies))];
};

const tellFound = (
  { ids, objects, deadLetters }: Found,
  people: readonly string[],
  options: ForgetOptions,
  io: Io,
): void => {
  const lines = sum(objects.values());
  if (options.json && options.dryRun)
    io.out(JSON.stringify({ ids: ids.size, objects: objects.size, lines, deadLetters }));
  const given = new Set(people.map(idKey));
  const others = [...ids].filter((id) => !given.has(id));
  if (others.length > 0) io.err(`Known beside: ${others.join(', ')}. Not the same person? Then --only.`);
  io.err(
    `${plural(lines, 'line')} in ${plural(objects.size, 'object')}, ${plural(deadLetters, 'dead letter')}.`,
  );
};

interface Done {
  readonly lines: number;
  readonly objects: number;
  readonly deadLetters: number;
  readonly treatment: Treatment;
  /** How many could not be read. */
  readonly brokenObjects: number;
}

const removeAll = async (
  place: Place,
  { ids, objects, broken, deadLetters: found }: Found,
  treatment: Treatment,
  io: Io,
): Promise<Done> => {
  const { store, localDataDir } = place;
  const progress = startProgress(io);
  for (const [index, key] of [...objects.keys()].entries()) {
    await rewrite(store, key, ids, treatment);
    progress.update(`${bar(index + 1, objects.size)} rewriting`);
  }
  progress.stop();
  // Answers to questions, which may have been about the person.
  for await (const { key } of store.list('athena/')) await store.remove(key);
  const take = (queue: Queue, letters: readonly Letter[]) => takeOut(queue, letters, ids);
  const deadLetters = found > 0 ? await eachDeadLetter(place, ids, io, take) : 0;
  if (localDataDir !== undefined) wipeDeleted(localDataDir);
  return {
    ...{ lines: sum(objects.values()), objects: objects.size, deadLetters, treatment },
    brokenObjects: broken.length,
  };
};

const rewrite = async (store: ArchiveStore, key: string, ids: Ids, treatment: Treatment): Promise<void> => {
  const content = await store.read(key);
  const before = content && tryTextOf(content);
  if (content === undefined || before === undefined) return;
  const clean = key.startsWith(ERRORS_PREFIX) ? cleanError : cleanLines;
  const kept = before.split('\n').flatMap((line) => clean(line, ids, treatment));
  if (kept.every((line) => line === '')) return store.remove(key);
  const text = Buffer.from(kept.join('\n'));
  await store.write(key, isGzip(content) ? gzipSync(text) : text);
};

const cleanLines = (text: string, ids: Ids, treatment: Treatment): string[] =>
  text.split('\n').flatMap((line) => withoutPerson(line, ids, treatment) ?? []);

/** Nothing of it when all that is in it goes. */
const cleanError = (text: string, ids: Ids, treatment: Treatment): string[] => {
  const raw = unpacked(text);
  const kept = cleanLines(raw, ids, treatment).join('\n');
  if (kept === raw) return [text];
  const line = parseJson(text);
  if (kept.trim() === '' || !isObject(line)) return [];
  return [JSON.stringify({ ...line, rawData: Buffer.from(kept).toString('base64') })];
};

/** SQLite leaves what was deleted in the file until it needs the place. */
const wipeDeleted = (dataDir: string): void => {
  const path = join(dataDir, 'fauxqs.db');
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 5000; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
};

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

const tellDone = async (
  done: Done,
  fingerprints: readonly string[],
  { store, target }: Place,
  options: ForgetOptions,
  io: Io,
): Promise<void> => {
  const waiting = await countMessages(await target.queue(QUEUES.events));
  const report = {
    forgottenAt: new Date().toISOString(),
    fingerprints,
    archive: store.name,
    target: target.name,
    ...done,
    eventsWaiting: waiting,
  };
  const text = JSON.stringify(report, null, options.json ? 0 : 1);
  if (options.report !== undefined) await writeFile(options.report, `${text}\n`, { flag: 'wx' });
  if (options.json || options.report === undefined) io.out(text);
  else
    io.out(
      layOut(['lines', 'dead letters', 'report'], [[`${done.lines}`, `${done.deadLetters}`, options.report]]),
    );
  io.err(
    'What is on its way to the archive arrives within minutes: the same command in a quarter of an hour finds it. At Customer.io the person is still there: delete or suppress them (docs/archive.md).',
  );
  if (waiting > 0)
    io.err(`${plural(waiting, 'message')} wait on the queue; once they are delivered, once more.`);
};
