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
import { type DeadLetterOptions, openDeadLetters } from './context';
import { fingerprint, readExported } from './export-file';
import { matches } from './filter';
import type { Letter } from './letter';
import { deleteLetters, type Refusal, refused, requeue } from './requeue';
import { walk } from './walk';

export interface EditOptions extends DeadLetterOptions {
  /** Holds the new body; else an editor asks for it. */
  readonly body?: string;
}

export const editDeadLetter = async (id: string, options: EditOptions, io: Io): Promise<void> => {
  const { deadLetters, origin } = await openDeadLetters(options, io);
  let edited = 0;
  const visit = async (letters: readonly Letter[]): Promise<readonly Letter[]> => {
    const letter = letters.find((one) => edited === 0 && matches(one, { id }));
    if (letter === undefined) return [];
    const body = mended(letter.body, await newBody(letter, options, io), options);
    await confirm(
      io,
      `Sends the edited dead letter ${id} to ${origin.name}, then deletes the old one.`,
      options,
    );
    const { gone, refusal } = await requeue(deadLetters, origin, [{ ...letter, body }]);
    if (refusal !== undefined) throw refused(refusal, `the edited dead letter ${id}`, TRY_AGAIN);
    edited += gone.length;
    return gone;
  };
  await walk(deadLetters, io.signal, visit, () => edited > 0);
  if (edited === 0) throw notFound(id, options);
  io.out(options.json ? JSON.stringify({ edited }) : `Sent to ${origin.name}.`);
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
}

export const discardDeadLetters = async (options: DiscardOptions, io: Io): Promise<void> => {
  const exported = await readExported(options.exported, options);
  const { deadLetters } = await openDeadLetters(options, io);
  const plan = `Deletes from ${deadLetters.name} what ${options.exported} holds, at most ${plural(exported.size, 'dead letter')}.`;
  await confirm(io, plan, options);
  const isExported = ({ sqsMessageId, body }: Letter): boolean =>
    exported.has(fingerprint(sqsMessageId, body));
  const counts = { discarded: 0, notDeleted: 0, kept: 0 };
  const refusals: Refusal[] = [];
  await walk(deadLetters, io.signal, async (letters) => {
    const meant = letters.filter((letter) => isExported(letter) && matches(letter, options));
    const { gone, refusal } = await deleteLetters(deadLetters, meant);
    if (refusal !== undefined) refusals.push(refusal);
    counts.discarded += gone.length;
    counts.notDeleted += meant.length - gone.length;
    counts.kept += letters.length - meant.length;
    return gone;
  });
  const { discarded, notDeleted, kept } = counts;
  const text = `${plural(discarded, 'dead letter')} discarded; ${kept} are not in the file, or were not meant, and stay.`;
  io.out(options.json ? JSON.stringify(counts) : text);
  const [refusal] = refusals;
  if (refusal !== undefined) throw refused(refusal, plural(notDeleted, 'dead letter'), GIVE_AGAIN);
};

const GIVE_AGAIN = 'They are still there; give the command again.';
