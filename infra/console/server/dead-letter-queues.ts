// Dead letters on their queues, as the console reads and moves them, here and on AWS. Nothing is deleted before it
// is on its queue again or in a file, and one action is finished before the next begins: each holds what it looks at.

import { mkdir, open, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { toSqsJson } from '../../../lib/queue/outgoing-message';
import { toLine } from '../../cli/dead-letters/export-file';
import type { Letter } from '../../cli/dead-letters/letter';
import { deleteLetters, type Gone, type Refusal, refused, requeue } from '../../cli/dead-letters/requeue';
import { PEEK_SECONDS, walk } from '../../cli/dead-letters/walk';
import { inWords } from '../../cli/failure';
import type { Queue } from '../../cli/target';
import type { ConsoleBackend, DeadLetter, DeadLetters, Done } from '../contract';
import { type InTurn, oneAfterTheOther } from './in-turn';

/** A queue of dead letters, and the one that they came from and go back to. */
export interface LetterQueue {
  readonly deadLetters: Queue;
  readonly origin: Queue;
}

export interface DeadLetterQueuesOptions {
  readonly queues: readonly LetterQueue[];
  /** Reads what is on one of the queues, at most as many as it is told. */
  readonly read: (queue: Queue, limit: number) => Promise<readonly Letter[]>;
  readonly countAll: (queue: Queue) => Promise<number>;
  /** Folder for the files of what is discarded; undefined where nothing may be written. */
  readonly discardFolder: string | undefined;
  readonly signal: AbortSignal;
  /** Shared with whatever else holds letters while it looks at them. */
  readonly inTurn?: InTurn;
}

/** Of each queue; they are all in the page. */
const MAX_LETTERS = 5_000;

const SAID_BY_SQS = 'SQS moved the whole message here: it was received too often.';

type Capability = NonNullable<ConsoleBackend['deadLetters']>;

export const deadLetterQueues = (options: DeadLetterQueuesOptions): Capability => {
  const { discardFolder, inTurn = oneAfterTheOther() } = options;
  const list = (): Promise<DeadLetters> => inTurn(() => readAll(options).catch(cannotRead));
  if (discardFolder === undefined) return { list };
  return {
    list,
    write: {
      discardsTo: shown(discardFolder),
      sendAgain: (ids, body) =>
        inTurn(() =>
          forEachWanted(options, ids, ({ deadLetters, origin }, letters) =>
            requeue(
              deadLetters,
              origin,
              letters.map((letter) => withBody(letter, body)),
            ),
          ),
        ),
      discard: (ids) => inTurn(() => discard(options, discardFolder, ids)),
    },
  };
};

/** From where the command was started, if it is below that. */
const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

/** In words: the page has nothing but the message. */
const cannotRead = (error: unknown): never => {
  throw new Error(
    `The dead letters cannot be read: ${inWords(error)} None is lost: what was received comes back to its queue by itself, within ${PEEK_SECONDS / 60} minutes.`,
    { cause: error },
  );
};

const readAll = async ({ queues, read, countAll }: DeadLetterQueuesOptions): Promise<DeadLetters> => {
  const letters: DeadLetter[] = [];
  let total = 0;
  for (const { deadLetters, origin } of queues) {
    const found = await read(deadLetters, MAX_LETTERS);
    letters.push(...found.map((letter) => toDeadLetter(letter, deadLetters.name, origin.name)));
    total += found.length < MAX_LETTERS ? found.length : await countAll(deadLetters);
  }
  return { letters, total, readAt: Date.now() };
};

/** The source, with the workspace where it has several. */
export const placeOf = ({
  source,
  workspace,
}: {
  readonly source: string | undefined;
  readonly workspace: string | undefined;
}): string => [source, workspace].filter((name) => name !== undefined).join('/');

export const detailOf = ({ detail, failedAtMs, sentAtMs }: Letter): string =>
  detail ?? (failedAtMs === sentAtMs ? SAID_BY_SQS : '');

const toDeadLetter = (letter: Letter, queue: string, origin: string): DeadLetter => ({
  id: letter.sqsMessageId,
  queue,
  origin,
  body: letter.body,
  reason: letter.reason,
  detail: detailOf(letter),
  source: placeOf(letter),
  from: { source: letter.source, workspace: letter.workspace },
  messageId: letter.messageId ?? '',
  failedAt: letter.failedAtMs,
  attributes: letter.attributes,
});

/** @throws Error when it is no JSON: it would only come back. */
const withBody = (letter: Letter, body: string | undefined): Letter => {
  if (body === undefined) return letter;
  JSON.parse(body);
  return { ...letter, body: toSqsJson(body) };
};

type Action = (queue: LetterQueue, letters: readonly Letter[]) => Promise<Gone>;

/** SQS deletes by a receipt handle alone, so that the queues are walked until all are found. */
const forEachWanted = async (
  { queues, signal }: DeadLetterQueuesOptions,
  ids: readonly string[],
  action: Action,
): Promise<Done> => {
  const wanted = new Set(ids);
  const refusals: Refusal[] = [];
  for (const queue of queues) {
    if (wanted.size === 0) break;
    const visit = async (letters: readonly Letter[]): Promise<readonly Letter[]> => {
      const found = letters.filter(({ sqsMessageId }) => wanted.has(sqsMessageId));
      if (found.length === 0) return [];
      const { gone, refusal } = await action(queue, found);
      if (refusal !== undefined) refusals.push(refusal);
      for (const { sqsMessageId } of gone) wanted.delete(sqsMessageId);
      return gone;
    };
    await walk(queue.deadLetters, signal, visit, () => wanted.size === 0).catch((error: unknown) => {
      const done = ids.length - wanted.size;
      const before = done === 0 ? '' : ` Before that, ${done} of ${ids.length} were done.`;
      throw new Error(inWords(error) + before, { cause: error });
    });
  }
  const [refusal] = refusals;
  const why = refusal && { why: whyOf(refusal) };
  return { done: ids.length - wanted.size, left: wanted.size, ...why };
};

const whyOf = (refusal: Refusal): string => inWords(refused(refusal, 'them', '')).trim();

const discard = async (
  options: DeadLetterQueuesOptions,
  folder: string,
  ids: readonly string[],
): Promise<Done> => {
  // What was a dead letter holds what people are known by.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${new Date().toISOString().replace(/[:.]/g, '-')}.ndjson`);
  const file = await open(path, 'wx', 0o600);
  let stored = 0;
  try {
    const done = await forEachWanted(options, ids, async ({ deadLetters }, letters) => {
      await file.appendFile(letters.map((letter) => `${toLine(letter)}\n`).join(''));
      await file.sync();
      stored += letters.length;
      return deleteLetters(deadLetters, letters);
    });
    return stored === 0 ? done : { ...done, storedIn: shown(path) };
  } catch (error) {
    throw stored === 0 ? error : new Error(`${inWords(error)} Kept in ${shown(path)}.`, { cause: error });
  } finally {
    await file.close();
    if (stored === 0) await rm(path);
  }
};
