// `relay forget`: a person's lines go from the archive, and their dead letters from the queues. First it is written down
// that they are forgotten, so that nothing sends them again that arrives in the archive meanwhile.

import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Command } from 'commander';
import { confirm } from '../confirm';
import { type Refusal, refused } from '../dead-letters/requeue';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { inOneLine, layOut, plural } from '../layout';
import { writeNewFile } from '../new-file';
import { idKey } from '../people';
import { countAll } from '../queue-depth';
import { openTarget, QUEUES, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import { addOtherIds, findObjects, type ObjectsFound, rewriteObjects } from './forget-in-archive';
import { findLetters, type LettersFound, removeLetters } from './forget-in-queues';
import type { Ids, Treatment } from './forget-line';
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
interface Found extends ObjectsFound {
  readonly ids: Ids;
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
  const wasForgotten = knownFrom(place);
  if (!options.only)
    await addOtherIds(archive.store, ids, isAllKnown(place, ids) ? undefined : wasForgotten, io);
  const deadLetters = await findLetters(target, ids, wasForgotten, io);
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

const isAllKnown = ({ forgotten, before }: Place, ids: Ids): boolean => {
  const known = new Set([...ids].map((id) => forgotten.fingerprintOf(id)));
  return [...before.fingerprints].every((fingerprint) => known.has(fingerprint));
};

/** Whether an id is one that the person was forgotten by before. */
const knownFrom =
  ({ forgotten, before }: Place) =>
  (id: string): boolean =>
    before.fingerprints.has(forgotten.fingerprintOf(id));

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

const tellFound = (
  { ids, objects, deadLetters }: Found,
  { firstAt }: Before,
  people: readonly string[],
  options: ForgetOptions,
  io: Io,
): void => {
  const lines = [...objects.values()].reduce((total, count) => total + count, 0);
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
  { store, target, localDataDir }: Place,
  { ids, objects, broken, deadLetters: found }: Found,
  treatment: Treatment,
  io: Io,
): Promise<Done> => {
  const lines = await rewriteObjects(store, [...objects.keys()], ids, treatment, io);
  // Answers to questions, which may have been about the person.
  for await (const { key } of store.list('athena/')) await store.remove(key);
  const deadLetters = found.count > 0 ? await removeLetters(target, ids, io) : found;
  if (localDataDir !== undefined) wipeDeleted(localDataDir);
  return {
    ...{ lines, objects: objects.size, deadLetters: deadLetters.count, treatment },
    deadLettersNotSeen: deadLetters.notSeen,
    deadLettersRefused: deadLetters.refused,
    refusal: deadLetters.refusal,
    brokenObjects: broken.length,
  };
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
