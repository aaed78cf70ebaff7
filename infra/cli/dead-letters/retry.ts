// `relay dead-letters retry`: back to the queue they came from. All of them by SQS's own move; a part of them one by
// one. People who were deleted meanwhile would be created again, so their letters can be kept back.

import { readFile } from 'node:fs/promises';
import { confirm } from '../confirm';
import { EXIT, Failure } from '../failure';
import type { Io } from '../io';
import { fold, plural } from '../layout';
import { paceOf } from '../pace';
import { bar, startProgress } from '../progress';
import { type DeadLetterContext, type DeadLetterOptions, openDeadLetters } from './context';
import { isSelective, matches } from './filter';
import type { Letter } from './letter';
import { countMessages, followMove, isBeingMoved, MAX_MOVES_PER_SECOND, startMove } from './move-task';
import { requeue } from './requeue';
import { walk } from './walk';

export interface RetryOptions extends DeadLetterOptions {
  /** Messages a second. */
  readonly rate: number;
  readonly dryRun?: boolean;
  /** A file with an id or email a line: people deleted since. */
  readonly deleted?: string;
  /** Come back at once, and leave SQS to it. */
  readonly detach?: boolean;
}

const DELETED_WARNING =
  'Customer.io creates a person again who was deleted since: name such people by --deleted <file>, an id or email a line.';

export const retryDeadLetters = async (options: RetryOptions, io: Io): Promise<void> => {
  const context = await openDeadLetters(options, io);
  const deleted = await readDeleted(options.deleted);
  if (deleted === undefined) io.err(DELETED_WARNING);
  if (!isSelective(options) && deleted === undefined) return retryAll(context, options, io);
  return retrySome(context, options, deleted ?? new Set(), io);
};

const readDeleted = async (path: string | undefined): Promise<ReadonlySet<string> | undefined> => {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8');
  return new Set(text.split('\n').flatMap((line) => line.trim() || []));
};

const retryAll = async (
  { deadLetters, origin }: DeadLetterContext,
  options: RetryOptions,
  io: Io,
): Promise<void> => {
  const count = await countMessages(deadLetters);
  if (!options.dryRun && (await isBeingMoved(deadLetters))) {
    io.err('A move that was begun before goes on; this waits for its end.');
    return awaitMove(deadLetters, count, options, io);
  }
  const rate = Math.min(MAX_MOVES_PER_SECOND, Math.ceil(options.rate));
  const plan = `Moves all of ${deadLetters.name}, about ${plural(count, 'message')}, to ${origin.name}, ${rate} a second at most.`;
  if (options.dryRun) return report(io, options, { wouldRetry: count }, plan);
  await confirm(io, plan, options);
  await startMove(deadLetters, origin, rate);
  if (options.detach)
    return report(io, options, { started: true }, 'Started; SQS goes on with it by itself.');
  await awaitMove(deadLetters, count, options, io);
};

const awaitMove = async (
  deadLetters: DeadLetterContext['deadLetters'],
  count: number,
  options: RetryOptions,
  io: Io,
): Promise<void> => {
  const progress = startProgress(io);
  try {
    const task = await followMove(deadLetters, io.signal, (moved) =>
      progress.update(`${bar(moved, count)} ${plural(moved, 'message')} moved`),
    );
    const moved = task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task.Status !== 'COMPLETED') throw new Failure(notCompleted(moved, task.FailureReason), TRY_AGAIN);
    report(io, options, { retried: moved }, `${plural(moved, 'message')} moved back.`);
  } catch (error) {
    if (!io.signal.aborted || error instanceof Failure) throw error;
    throw new Failure(
      'Interrupted; SQS goes on with the move.',
      'The same command waits for its end.',
      EXIT.interrupted,
    );
  } finally {
    progress.stop();
  }
};

const TRY_AGAIN = 'The same command goes on with the rest.';

const notCompleted = (moved: number, reason: string | undefined): string =>
  `SQS ended the move after ${plural(moved, 'message')}${reason ? `: ${reason}` : ''}.`;

interface RetryCounts {
  retried: number;
  notTaken: number;
  deletedPeople: number;
}

const retrySome = async (
  context: DeadLetterContext,
  options: RetryOptions,
  deleted: ReadonlySet<string>,
  io: Io,
): Promise<void> => {
  const plan = `Sends the dead letters that match to ${context.origin.name}, ${options.rate} a second at most, and then deletes each.`;
  if (!options.dryRun) await confirm(io, plan, options);
  const counts = await requeueMatching(context, options, deleted, io);
  const { retried, notTaken, deletedPeople } = counts;
  if (deletedPeople > 0) io.err(`${plural(deletedPeople, 'dead letter')} of deleted people kept back.`);
  if (options.dryRun)
    return report(
      io,
      options,
      { wouldRetry: retried, deletedPeople },
      `${plan} ${plural(retried, 'dead letter')} would go.`,
    );
  report(io, options, counts, `${plural(retried, 'dead letter')} sent back.`);
  if (notTaken > 0)
    throw new Failure(
      `SQS did not take ${plural(notTaken, 'dead letter')}; they are still there.`,
      TRY_AGAIN,
    );
};

const requeueMatching = async (
  { deadLetters, origin }: DeadLetterContext,
  options: RetryOptions,
  deleted: ReadonlySet<string>,
  io: Io,
): Promise<RetryCounts> => {
  const counts: RetryCounts = { retried: 0, notTaken: 0, deletedPeople: 0 };
  const pace = paceOf(options.rate, io.signal);
  const progress = startProgress(io);
  const isOfDeleted = ({ people }: Letter): boolean => people.some((id) => deleted.has(id));
  const visit = async (letters: readonly Letter[]): Promise<Letter[]> => {
    const matching = letters.filter((letter) => matches(letter, options));
    const going = matching.filter((letter) => !isOfDeleted(letter));
    counts.deletedPeople += matching.length - going.length;
    if (!options.dryRun) await pace.take(going.length);
    const gone = options.dryRun ? [] : await requeue(deadLetters, origin, going);
    counts.retried += options.dryRun ? going.length : gone.length;
    counts.notTaken += options.dryRun ? 0 : going.length - gone.length;
    progress.update(`${plural(counts.retried, 'dead letter')} sent back`);
    return gone;
  };
  await walk(deadLetters, io.signal, visit).finally(() => progress.stop());
  return counts;
};

const report = (io: Io, { json }: RetryOptions, result: object, text: string): void =>
  io.out(json ? JSON.stringify(result) : fold(text));
