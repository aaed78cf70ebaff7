// `relay dead-letters edit`: one dead letter, mended by hand and sent back with its attributes; and `discard`, which
// gives up what has been exported.

import { readFile } from 'node:fs/promises';
import { toSqsJson } from '../../../lib/queue/outgoing-message';
import { confirm } from '../confirm';
import { editText } from '../editor';
import { cannotRead, Failure } from '../failure';
import type { Io } from '../io';
import { plural } from '../layout';
import { nextCommand } from '../next-command';
import type { Queue } from '../target';
import { type DeadLetterOptions, openDeadLetters } from './context';
import { fingerprint, readExported } from './export-file';
import { matches } from './filter';
import type { Letter } from './letter';
import { deleteLetters, type Refusal, refused, requeue } from './requeue';
import { describeSample, type Sample, sample } from './walk';

export interface EditOptions extends DeadLetterOptions {
  /** Holds the new body; else an editor asks for it. */
  readonly body?: string;
  readonly dryRun?: boolean;
}

export const editDeadLetter = async (id: string, options: EditOptions, io: Io): Promise<void> => {
  const { deadLetters, origin } = await openDeadLetters(options, io);
  const plan = `Sends the edited dead letter ${id} to ${origin.name}, then deletes the old one.`;
  let edited = 0;
  const visit = async (letters: readonly Letter[]): Promise<readonly Letter[]> => {
    const letter = letters.find((one) => edited === 0 && matches(one, { id }));
    if (letter === undefined) return [];
    const body = mended(letter.body, await newBody(letter, options, io), options);
    if (options.dryRun) {
      edited = 1;
      return [];
    }
    await confirm(io, plan, options);
    const { gone, refusal } = await requeue(deadLetters, origin, [{ ...letter, body }]);
    if (refusal !== undefined) throw refused(refusal, `the edited dead letter ${id}`, TRY_AGAIN);
    edited += gone.length;
    return gone;
  };
  const seen = await sample(deadLetters, io.signal, visit, () => edited > 0);
  if (edited === 0) tellPart(seen, io);
  if (edited === 0) throw notFound(id, options);
  if (!options.dryRun) return io.out(options.json ? JSON.stringify({ edited }) : `Sent to ${origin.name}.`);
  io.out(options.json ? JSON.stringify({ wouldEdit: edited }) : plan);
  io.err('A rehearsal: nothing was sent.');
};

/** What is in other hands is neither found nor deleted. */
const tellPart = (seen: Sample, io: Io): void => {
  const part = describeSample(seen);
  if (part !== undefined) io.err(part);
};

const notFound = (id: string, options: EditOptions): Failure =>
  new Failure(
    `There is no dead letter ${id}.`,
    `Its id is the first word of:${nextCommand('dead-letters show', options)}`,
  );

const TRY_AGAIN = 'The one that was there still is: try again.';

/** @throws Failure when it is no JSON, or nothing was changed: it would fail as before. */
const mended = (before: string, after: string, options: EditOptions): string => {
  const text = after.trimEnd();
  if (text === before.trimEnd()) {
    throw new Failure(
      'Nothing was edited, so nothing was sent.',
      `To send it as it is:${nextCommand('dead-letters retry --id <id>', options)}`,
    );
  }
  requireJson(text);
  return toSqsJson(text);
};

const requireJson = (text: string): void => {
  try {
    JSON.parse(text.trimEnd());
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Failure(
      `What was written is not JSON: ${what}`,
      'Edit it again; the dead letter is as it was.',
    );
  }
};

const newBody = (letter: Letter, { body, yes }: EditOptions, io: Io): Promise<string> =>
  body === undefined
    ? editText(
        letter.body,
        { otherwise: 'give the new body: --body event.json.', check: requireJson, yes },
        io,
      )
    : readFile(body, 'utf8').catch(cannotRead(body, 'Give a file with the JSON of an event.'));

export interface DiscardOptions extends DeadLetterOptions {
  /** The file that `export` wrote. */
  readonly exported: string;
  readonly dryRun?: boolean;
}

export const discardDeadLetters = async (options: DiscardOptions, io: Io): Promise<void> => {
  const exported = await readExported(options.exported, options);
  const { deadLetters } = await openDeadLetters(options, io);
  const plan = `Deletes from ${deadLetters.name} what ${options.exported} holds, at most ${plural(exported.size, 'dead letter')}.`;
  if (!options.dryRun) await confirm(io, plan, options);
  const isExported = ({ sqsMessageId, body }: Letter): boolean =>
    exported.has(fingerprint(sqsMessageId, body));
  const isMeant = (letter: Letter): boolean => isExported(letter) && matches(letter, options);
  const { refusal, ...counts } = await discardAll(deadLetters, isMeant, options, io);
  if (options.dryRun) return tellRehearsal(counts, options, io);
  const text = `${plural(counts.discarded, 'dead letter')} discarded; ${counts.kept} ${STAY}`;
  io.out(options.json ? JSON.stringify(counts) : text);
  if (refusal !== undefined) throw refused(refusal, plural(counts.notDeleted, 'dead letter'), GIVE_AGAIN);
};

interface DiscardCounts {
  discarded: number;
  notDeleted: number;
  kept: number;
}

interface Discarded extends DiscardCounts {
  /** Why some were not deleted. */
  refusal: Refusal | undefined;
}

/** A rehearsal counts as discarded what would be. */
const discardAll = async (
  deadLetters: Queue,
  isMeant: (letter: Letter) => boolean,
  { dryRun }: DiscardOptions,
  io: Io,
): Promise<Discarded> => {
  const counts: Discarded = { discarded: 0, notDeleted: 0, kept: 0, refusal: undefined };
  const visit = async (letters: readonly Letter[]): Promise<readonly Letter[]> => {
    const meant = letters.filter(isMeant);
    counts.kept += letters.length - meant.length;
    if (dryRun) {
      counts.discarded += meant.length;
      return [];
    }
    const { gone, refusal } = await deleteLetters(deadLetters, meant);
    counts.discarded += gone.length;
    counts.notDeleted += meant.length - gone.length;
    counts.refusal ??= refusal;
    return gone;
  };
  tellPart(await sample(deadLetters, io.signal, visit), io);
  return counts;
};

const STAY = 'are not in the file, or were not meant, and stay.';

const tellRehearsal = ({ discarded, kept }: DiscardCounts, { json }: DiscardOptions, io: Io): void => {
  const text = `${plural(discarded, 'dead letter')} would be discarded; ${kept} ${STAY}`;
  io.out(json ? JSON.stringify({ wouldDiscard: discarded, kept }) : text);
  io.err('A rehearsal: nothing was deleted.');
};

const GIVE_AGAIN = 'They are still there; give the command again.';
