// `relay forget`: a person's lines go from the archive, and their dead letters from the queues. First it is written down
// that they are forgotten, so that nothing sends them again that arrives in the archive meanwhile.

import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { ATTRIBUTES } from '../../../lib/queue/message';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../../archive/layout';
import { isCut, isGzip, tryTextOf } from '../../archive/read';
import type { ArchiveStore } from '../../archive/store';
import { confirm } from '../confirm';
import type { Letter } from '../dead-letters/letter';
import { deleteLetters, type Gone, type Refusal, refused, requeue } from '../dead-letters/requeue';
import { describeSample, sample } from '../dead-letters/walk';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { inOneLine, layOut, plural } from '../layout';
import { writeNewFile } from '../new-file';
import { idKey, peopleOf } from '../people';
import { bar, startProgress } from '../progress';
import { countAll } from '../queue-depth';
import { openTarget, QUEUES, type Queue, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import { bodyWithout } from './forget-letter';
import {
  type Ids,
  mayMention,
  otherIdsIn,
  type Treatment,
  withoutMentions,
  withoutPerson,
} from './forget-line';
import { type Before, Forgotten } from './forgotten';
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
const requireNew = async (report: string | undefined): Promise<void> => {
  if (report === undefined) return;
  if (existsSync(report))
    throw usageFailure(`${report} is there already.`, 'Give a new file: a report is kept.');
  await access(dirname(report), constants.W_OK).catch(() => {
    throw usageFailure(`${report} cannot be written.`, 'Give a file in a folder that is there.');
  });
};

/** As `idKey` has them. @throws Failure for a blank one, as a variable of the shell that is not set leaves it. */
const idsOf = (people: readonly string[]): Set<string> => {
  const ids = new Set(people.map(idKey));
  if (!ids.has('')) return ids;
  throw usageFailure(
    'One of the ids is blank.',
    'Give the ids of the person: a userId, an anonymousId, an email.',
  );
};

/** What there is of the person. */
interface Found {
  readonly ids: Ids;
  /** Keys of objects, with how many of their lines. */
  readonly objects: ReadonlyMap<string, number>;
  /** Keys of objects that nobody can read, or not to their ends. */
  readonly broken: readonly string[];
  readonly deadLetters: LettersFound;
}

interface Place extends OpenArchive {
  readonly target: Target;
  readonly forgotten: Forgotten;
  readonly before: Before;
}

export const forget = async (people: readonly string[], options: ForgetOptions, io: Io): Promise<void> => {
  await requireNew(options.report);
  const ids = idsOf(people);
  const target = await openTarget(options, io);
  const archive = await openArchive(options, io);
  const forgotten = await Forgotten.open(archive.store);
  const place: Place = { ...archive, target, forgotten, before: await forgotten.before(ids) };
  if (!options.only) await addOtherIds(place, ids, io);
  const deadLetters = await findLetters(place, ids, io);
  const found: Found = { ids, deadLetters, ...(await findObjects(place.store, ids, io)) };
  tellFound(found, place.before, people, options, io);
  if (options.dryRun) return io.err('A rehearsal: nothing was removed.');
  await confirm(
    io,
    `Takes this person out of ${place.store.name} and the dead letters of ${target.name}.`,
    options,
  );
  const own = [...ids].map((id) => forgotten.fingerprintOf(id));
  const fingerprints = await forgotten.add(new Set([...place.before.fingerprints, ...own]), new Date());
  const done = await removeAll(place, found, options.mask ? 'mask' : 'remove', io);
  await tellDone(done, [...fingerprints], place, options, io);
  requireAll(found, done, place);
};

/** @throws Failure where something was not looked at, or is still there. */
const requireAll = (
  { broken }: Found,
  { deadLettersNotSeen, deadLettersRefused, refusal }: Done,
  { store, target }: Place,
): void => {
  if (broken.length > 0)
    throw new Failure(
      `${plural(broken.length, 'object')} of ${store.name} cannot be read: ${broken.join(', ')}.`,
      'Nobody can say whom they hold: delete them, or mend them and give the command again.',
    );
  if (refusal !== undefined)
    throw refused(refusal, `${plural(deadLettersRefused, 'dead letter')} of ${target.name}`, GIVE_AGAIN);
  if (deadLettersNotSeen > 0)
    throw new Failure(
      `${plural(deadLettersNotSeen, 'dead letter')} of ${target.name} ${deadLettersNotSeen === 1 ? 'was' : 'were'} in other hands.`,
      'Give the command again when nobody else works with them, in two minutes at the earliest.',
    );
};

const GIVE_AGAIN = 'They may hold the person still: give the command again.';

/**
 * Until no event has another: a visitor's id leads to an email, and that to a userId. Where the person was forgotten
 * before, the event that led there may be gone: then their fingerprints tell.
 */
const addOtherIds = async (place: Place, ids: Set<string>, io: Io): Promise<void> => {
  let isKnown = isAllKnown(place, ids) ? undefined : knownFrom(place);
  for (let before = -1; before < ids.size; isKnown = undefined) {
    before = ids.size;
    const isOfThem = isKnown;
    await eachObject(place.store, io, 'looking for other ids', (_, text) => {
      if (isOfThem !== undefined || mayMention(text, ids)) addIdsIn(text, ids, isOfThem);
    });
  }
};

const addIdsIn = (text: string, ids: Set<string>, isKnown: ((id: string) => boolean) | undefined): void => {
  for (const event of eventsIn(text)) {
    const known = isKnown === undefined ? [] : peopleOf(event).filter(isKnown);
    for (const id of known) ids.add(idKey(id));
    for (const id of otherIdsIn(event, ids)) ids.add(idKey(id));
  }
};

const isAllKnown = ({ forgotten, before }: Place, ids: Ids): boolean => {
  const known = new Set([...ids].map((id) => forgotten.fingerprintOf(id)));
  return [...before.fingerprints].every((fingerprint) => known.has(fingerprint));
};

/** Whether an id is one that the person was forgotten by before. */
const knownFrom =
  ({ forgotten, before }: Place) =>
  (id: string): boolean =>
    before.fingerprints.has(forgotten.fingerprintOf(id));

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
      if (content !== undefined && (text === undefined || isCut(content))) broken.add(key);
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

interface LettersFound {
  readonly count: number;
  /** Those in other hands, which nobody can look at. */
  readonly notSeen: number;
  /** Those that SQS did not let go of, and why. */
  readonly refused: number;
  readonly refusal: Refusal | undefined;
}

/** With the ids that a letter has of somebody who was forgotten before. */
const findLetters = (place: Place, ids: Set<string>, io: Io): Promise<LettersFound> => {
  const isKnown = knownFrom(place);
  return eachDeadLetter(place, io, async (_, letters) => {
    for (const { people } of letters) for (const id of people) if (isKnown(id)) ids.add(idKey(id));
    const own = letters.filter((letter) => withoutThem(letter, ids) !== letter);
    return { gone: [], refusal: undefined, count: own.length, refused: 0 };
  });
};

interface Visited extends Gone {
  readonly count: number;
  readonly refused: number;
}

type VisitLetters = (queue: Queue, letters: readonly Letter[]) => Promise<Visited>;

const eachDeadLetter = async ({ target }: Place, io: Io, visit: VisitLetters): Promise<LettersFound> => {
  const found = { count: 0, notSeen: 0, refused: 0 };
  const refusals: Refusal[] = [];
  for (const name of [QUEUES.deadLetters, QUEUES.activityDeadLetters]) {
    const queue = await target.queue(name);
    const looked = await sample(queue, io.signal, async (letters) => {
      const { gone, refusal, ...counts } = await visit(queue, letters);
      found.count += counts.count;
      found.refused += counts.refused;
      if (refusal !== undefined) refusals.push(refusal);
      return gone;
    });
    if (describeSample(looked) !== undefined) found.notSeen += looked.whole - looked.looked;
  }
  return { ...found, refusal: refusals[0] };
};

/** Undefined where all of it is theirs. Of somebody else's letter a copy without the mention; else the very same. */
const withoutThem = (letter: Letter, ids: Ids): Letter | undefined => {
  const { body, attributes } = letter;
  const cleaned = bodyWithout(body, ids);
  if (cleaned === undefined) return undefined;
  const texts = [ATTRIBUTES.detail, ATTRIBUTES.messageId].map((name): [string, string] => [
    name,
    attributes[name]?.StringValue ?? '',
  ]);
  const changed = texts.flatMap(([name, text]) => {
    const left = withoutMentions(text, ids);
    return left === text ? [] : [[name, { DataType: 'String', StringValue: left }] as const];
  });
  if (cleaned === body && changed.length === 0) return letter;
  return { ...letter, body: cleaned, attributes: { ...attributes, ...Object.fromEntries(changed) } };
};

/** Stored before the old one is deleted, as everywhere. */
const takeOut = async (queue: Queue, letters: readonly Letter[], ids: Ids): Promise<Visited> => {
  const own = letters.filter((letter) => withoutThem(letter, ids) !== letter);
  const copies = own.flatMap((letter) => withoutThem(letter, ids) ?? []);
  const whole = own.filter((letter) => withoutThem(letter, ids) === undefined);
  const deleted = await deleteLetters(queue, whole);
  const requeued = await requeue(queue, queue, copies);
  const gone = [...deleted.gone, ...requeued.gone];
  const refusal = deleted.refusal ?? requeued.refusal;
  return { gone, refusal, count: gone.length, refused: own.length - gone.length };
};

const tellFound = (
  { ids, objects, deadLetters }: Found,
  { firstAt }: Before,
  people: readonly string[],
  options: ForgetOptions,
  io: Io,
): void => {
  const lines = sum(objects.values());
  const given = new Set(people.map(idKey));
  const others = [...ids].filter((id) => !given.has(id));
  if (options.json && options.dryRun)
    io.out(
      JSON.stringify({
        ...{ ids: ids.size, beside: others, objects: objects.size, lines, deadLetters: deadLetters.count },
        ...(firstAt === undefined ? {} : { forgottenBefore: firstAt }),
      }),
    );
  if (firstAt !== undefined) io.err(`Forgotten before, at ${firstAt}.`);
  if (others.length > 0) io.err(`Known beside: ${named(others)}. Not the same person? Then --only.`);
  io.err(
    `${plural(lines, 'line')} in ${plural(objects.size, 'object')}, ${plural(deadLetters.count, 'dead letter')}.`,
  );
};

/** A person may have a visitor's id for each day. */
const MAX_NAMED = 20;

const named = (ids: readonly string[]): string => {
  const more = ids.length - MAX_NAMED;
  const rest = more > 0 ? `, and ${more.toLocaleString('en')} more, which --dry-run --json lists` : '';
  return inOneLine(ids.slice(0, MAX_NAMED).join(', ')) + rest;
};

interface Done {
  readonly lines: number;
  readonly objects: number;
  readonly deadLetters: number;
  /** How many were in other hands. */
  readonly deadLettersNotSeen: number;
  /** How many SQS did not let go of, and why. */
  readonly deadLettersRefused: number;
  readonly refusal: Refusal | undefined;
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
  let lines = 0;
  const rewritten: string[] = [];
  for (const [index, key] of [...objects.keys()].entries()) {
    const changed = await rewrite(store, key, ids, treatment);
    if (changed > 0) rewritten.push(key);
    lines += changed;
    progress.update(`${bar(index + 1, objects.size)} rewriting`);
  }
  await rewriteAgain(store, rewritten, ids, treatment);
  progress.stop();
  // Answers to questions, which may have been about the person.
  for await (const { key } of store.list('athena/')) await store.remove(key);
  const take: VisitLetters = (queue, letters) => takeOut(queue, letters, ids);
  const deadLetters = found.count > 0 ? await eachDeadLetter(place, io, take) : found;
  if (localDataDir !== undefined) wipeDeleted(localDataDir);
  return {
    ...{ lines, objects: objects.size, deadLetters: deadLetters.count, treatment },
    deadLettersNotSeen: deadLetters.notSeen,
    deadLettersRefused: deadLetters.refused,
    refusal: deadLetters.refusal,
    brokenObjects: broken.length,
  };
};

/** No object that somebody else forgets in at the same time is written anew by them more often. */
const MAX_ROUNDS = 10;

/** Somebody else's command may have read an object before this one wrote it, and have written it after. */
const rewriteAgain = async (
  store: ArchiveStore,
  keys: readonly string[],
  ids: Ids,
  treatment: Treatment,
): Promise<void> => {
  let left = keys;
  for (let round = 0; left.length > 0; round++) {
    if (round === MAX_ROUNDS)
      throw new Failure(
        `${store.name}/${left[0]} is written by somebody else all the time.`,
        'It may hold the person still: give the command again when nobody else forgets.',
      );
    const changed: string[] = [];
    for (const key of left) if ((await rewrite(store, key, ids, treatment)) > 0) changed.push(key);
    left = changed;
  }
};

/** @returns how many lines of it are not what they were. */
const rewrite = async (store: ArchiveStore, key: string, ids: Ids, treatment: Treatment): Promise<number> => {
  const clean = key.startsWith(ERRORS_PREFIX) ? cleanError : cleanLine;
  let most = 0;
  await store.change(key, (content) => {
    if (content === undefined) return undefined;
    const cleaned = (tryTextOf(content) ?? '').split('\n').map((line) => clean(line, ids, treatment));
    const changed = sum(cleaned.map((one) => one.changed));
    // Asked again after an answer that was lost, it finds nothing more.
    most = Math.max(most, changed);
    if (changed === 0) return undefined;
    const kept = cleaned.flatMap(({ lines }) => lines);
    if (kept.every((line) => line === '')) return 'remove';
    const text = Buffer.from(kept.join('\n'));
    return isGzip(content) ? gzipSync(text) : text;
  });
  return most;
};

interface Cleaned {
  readonly lines: readonly string[];
  readonly changed: number;
}

const cleanLine = (line: string, ids: Ids, treatment: Treatment): Cleaned => {
  const left = withoutPerson(line, ids, treatment);
  return { lines: left === undefined ? [] : [left], changed: left === line ? 0 : 1 };
};

/** Nothing of it when all that is in it goes. */
const cleanError = (text: string, ids: Ids, treatment: Treatment): Cleaned => {
  const raw = unpacked(text);
  const cleaned = raw.split('\n').map((line) => cleanLine(line, ids, treatment));
  const changed = sum(cleaned.map((one) => one.changed));
  if (changed === 0) return { lines: [text], changed };
  const left = cleaned.flatMap(({ lines }) => lines);
  const line = parseJson(text);
  if (raw === text || !isObject(line)) return { lines: left, changed };
  const kept = left.join('\n');
  if (kept.trim() === '') return { lines: [], changed };
  return { lines: [JSON.stringify({ ...line, rawData: Buffer.from(kept).toString('base64') })], changed };
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

/** Of what is gone nobody can make the report again: where it has no place, it is told. */
const writeReport = (path: string, text: string, io: Io): Promise<void> =>
  writeNewFile(path, (file) => file.writeFile(`${text}\n`)).catch((error: unknown) => {
    io.out(text);
    throw error;
  });

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

const tellDone = async (
  done: Done,
  fingerprints: readonly string[],
  { store, target, before: { firstAt } }: Place,
  options: ForgetOptions,
  io: Io,
): Promise<void> => {
  const waiting = await countAll(await target.queue(QUEUES.events));
  const report = {
    forgottenAt: new Date().toISOString(),
    ...(firstAt === undefined ? {} : { forgottenBefore: firstAt }),
    fingerprints,
    archive: store.name,
    target: target.name,
    ...done,
    eventsWaiting: waiting,
  };
  const text = JSON.stringify(report, null, options.json ? 0 : 1);
  if (options.report !== undefined) await writeReport(options.report, text, io);
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
