// `relay dead-letters retry`: back to the queue they came from. All of them by SQS's own move; a part of them one by
// one. People who were deleted meanwhile would be created again, so their letters can be kept back.

import { confirm } from '../confirm';
import { EXIT, Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { fold, plural } from '../layout';
import { paceOf } from '../pace';
import { readPeopleFile } from '../people-file';
import { bar, startProgress } from '../progress';
import { type DeadLetterContext, type DeadLetterOptions, openDeadLetters } from './context';
import { isSelective, matches } from './filter';
import type { Letter } from './letter';
import {
  cancelMove,
  countMessages,
  followMove,
  isBeingMoved,
  MAX_MOVES_PER_SECOND,
  startMove,
} from './move-task';
import { comparable, findRemoved, isOfRemoved } from './removals';
import { type Refusal, refused, requeue } from './requeue';
import { describeSample, sample } from './walk';

export interface RetryOptions extends DeadLetterOptions {
  /** Messages a second. */
  readonly rate: number;
  readonly dryRun?: boolean;
  /** A file with an id or email a line: people deleted since. */
  readonly deleted?: string;
  /** Theirs too whose deletion is among the dead letters. */
  readonly recreate?: boolean;
  /** Come back at once, and leave SQS to it. */
  readonly detach?: boolean;
  /** End the move of all that goes on. */
  readonly cancel?: boolean;
}

const DELETED_WARNING =
  'Customer.io makes a person anew for whatever arrives after a deletion, however old it is, and nothing tells the relay who was deleted since: name such people by --deleted <file>, an id or email a line.';

export const retryDeadLetters = async (options: RetryOptions, io: Io): Promise<void> => {
  requireMoveOfAll(options);
  const context = await openDeadLetters(options, io);
  if (options.cancel) return endMove(context, options, io);
  const deleted = await readDeleted(options.deleted, io);
  const isOfAll = !isSelective(options) && deleted === undefined;
  if (isOfAll && !options.dryRun && (await isBeingMoved(context.deadLetters))) {
    return goOnWithMove(context, options, io);
  }
  if (deleted === undefined && !options.activity) io.err(DELETED_WARNING);
  const removed = await removedAmong(context, options, io);
  if (isOfAll && removed.size === 0) return retryAll(context, options, io);
  if (options.detach)
    io.err('They are told apart one by one: this goes on until the end, whatever --detach says.');
  return retrySome(context, options, new Set([...(deleted ?? []), ...removed]), io);
};

/** Only the move of all goes on without the command. */
const requireMoveOfAll = ({ detach, cancel, ...options }: RetryOptions): void => {
  if (!isSelective(options) && options.deleted === undefined) return;
  if (detach) throw usageFailure(DETACH_IS_FOR_ALL, SENT_ONE_BY_ONE);
  if (cancel) throw usageFailure(CANCEL_IS_FOR_ALL, SENT_ONE_BY_ONE);
};

const DETACH_IS_FOR_ALL = '--detach is for the move of all, which SQS goes on with by itself.';
const CANCEL_IS_FOR_ALL = '--cancel ends the move of all, which SQS goes on with by itself.';
const SENT_ONE_BY_ONE = 'Leave it out: what filters or --deleted leave is sent one by one, by this command.';

/** What was moved is on its way already, and stays where it is. */
const endMove = async ({ deadLetters }: DeadLetterContext, options: RetryOptions, io: Io): Promise<void> => {
  const moved = await cancelMove(deadLetters);
  if (moved === undefined) return report(io, options, { cancelled: false }, 'No move goes on.');
  const text = `The move was ended after ${plural(moved, 'message')}; the others stay.`;
  report(io, options, { cancelled: true, moved }, text);
};

/** Looking through more would take longer than the messages stay hidden that were looked at. */
const MAX_LOOKED_THROUGH = 10_000;

/** Those who must not be made anew because their deletion waits here as well. Activity concerns nobody's profile. */
const removedAmong = async (
  { deadLetters }: DeadLetterContext,
  { activity, recreate }: RetryOptions,
  io: Io,
): Promise<ReadonlySet<string>> => {
  if (activity || recreate) return new Set();
  if ((await countMessages(deadLetters)) > MAX_LOOKED_THROUGH) {
    io.err(`Not looked through for deletions: there are more than ${MAX_LOOKED_THROUGH} dead letters.`);
    return new Set();
  }
  const removed = await findRemoved(deadLetters, io.signal);
  if (removed.size > 0) io.err(REMOVED_WARNING + listed(removed));
  return removed;
};

const REMOVED_WARNING =
  'People whose own deletion or suppression is among the dead letters. It goes back; what else is theirs is kept here, because it would make them anew. Give it up (export, then discard --person <id>), or send it all the same with --recreate:';

const MAX_LISTED = 20;

const listed = (ids: ReadonlySet<string>): string => {
  const shown = [...ids].slice(0, MAX_LISTED).map((id) => `\n- ${id}`);
  return shown.join('') + (ids.size > MAX_LISTED ? `\n- and ${ids.size - MAX_LISTED} more` : '');
};

const readDeleted = async (path: string | undefined, io: Io): Promise<ReadonlySet<string> | undefined> =>
  path === undefined
    ? undefined
    : new Set((await readPeopleFile(path, io)).flatMap((id) => comparable(id) || []));

const retryAll = async (
  { deadLetters, origin }: DeadLetterContext,
  options: RetryOptions,
  io: Io,
): Promise<void> => {
  const count = await countMessages(deadLetters);
  const rate = Math.min(MAX_MOVES_PER_SECOND, Math.ceil(options.rate));
  const plan = `Moves all of ${deadLetters.name}, about ${plural(count, 'message')}, to ${origin.name}, ${rate} a second at most.`;
  if (options.dryRun) return report(io, options, { wouldRetry: count }, plan);
  await confirm(io, plan, options);
  await startMove(deadLetters, origin, rate);
  if (options.detach)
    return report(io, options, { started: true }, 'Started; SQS goes on with it by itself.');
  await awaitMove(deadLetters, count, options, io);
};

const goOnWithMove = async (
  { deadLetters }: DeadLetterContext,
  options: RetryOptions,
  io: Io,
): Promise<void> => {
  if (options.detach) return report(io, options, { started: false }, 'A move goes on already.');
  io.err('A move that was begun before goes on, at its own rate; this waits for its end.');
  await awaitMove(deadLetters, await countMessages(deadLetters), options, io);
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
      'The same command waits for its end, and --cancel ends it.',
      EXIT.interrupted,
    );
  } finally {
    progress.stop();
  }
};

const TRY_AGAIN = 'The same command goes on with the rest.';
const STILL_THERE = 'They are still there; the same command goes on with them.';

const notCompleted = (moved: number, reason: string | undefined): string =>
  `SQS ended the move after ${plural(moved, 'message')}${reason ? `: ${reason}` : ''}.`;

interface RetryCounts {
  retried: number;
  notTaken: number;
  deletedPeople: number;
}

interface Retried extends RetryCounts {
  /** Why some were not taken. */
  refusal: Refusal | undefined;
}

const retrySome = async (
  context: DeadLetterContext,
  options: RetryOptions,
  deleted: ReadonlySet<string>,
  io: Io,
): Promise<void> => {
  const plan = `Sends the dead letters that match to ${context.origin.name}, ${options.rate} a second at most, and then deletes each.`;
  if (!options.dryRun) await confirm(io, plan, options);
  const { refusal, ...counts } = await requeueMatching(context, options, deleted, io);
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
  if (refusal !== undefined) throw refused(refusal, plural(notTaken, 'dead letter'), STILL_THERE);
};

const requeueMatching = async (
  { deadLetters, origin }: DeadLetterContext,
  options: RetryOptions,
  deleted: ReadonlySet<string>,
  io: Io,
): Promise<Retried> => {
  const counts: Retried = { retried: 0, notTaken: 0, deletedPeople: 0, refusal: undefined };
  const pace = paceOf(options.rate, io.signal);
  const progress = startProgress(io);
  const visit = async (letters: readonly Letter[]): Promise<readonly Letter[]> => {
    const matching = letters.filter((letter) => matches(letter, options));
    const going = matching.filter((letter) => !isOfRemoved(letter, deleted));
    counts.deletedPeople += matching.length - going.length;
    if (options.dryRun) {
      counts.retried += going.length;
      return [];
    }
    await pace.take(going.length);
    const { gone, refusal } = await requeue(deadLetters, origin, going);
    counts.retried += gone.length;
    counts.notTaken += going.length - gone.length;
    counts.refusal = refusal ?? counts.refusal;
    progress.update(`${plural(counts.retried, 'dead letter')} sent back`);
    return gone;
  };
  const seen = await sample(deadLetters, io.signal, visit).finally(() => progress.stop());
  const part = describeSample(seen);
  if (part !== undefined) io.err(part);
  return counts;
};

const report = (io: Io, { json }: RetryOptions, result: object, text: string): void =>
  io.out(json ? JSON.stringify(result) : fold(text));
