// `relay forget` in the dead letters of both directions: which hold the person, and the queues without them.

import { ATTRIBUTES } from '../../../lib/queue/message';
import type { Letter } from '../dead-letters/letter';
import { deleteLetters, type Gone, type Refusal, requeue } from '../dead-letters/requeue';
import { describeSample, sample } from '../dead-letters/walk';
import type { Io } from '../io';
import { idKey } from '../people';
import { QUEUES, type Queue, type Target } from '../target';
import { bodyWithout } from './forget-letter';
import { type Ids, type IsOfThem, withoutMentions } from './forget-line';

export interface LettersFound {
  readonly count: number;
  /** Those in other hands, which nobody can look at. */
  readonly notSeen: number;
  /** Those that SQS did not let go of, and why. */
  readonly refused: number;
  readonly refusal: Refusal | undefined;
}

/** @param ids are added to: by those that a letter has of somebody who was forgotten before. */
export const findLetters = (
  target: Target,
  ids: Set<string>,
  wasForgotten: IsOfThem,
  io: Io,
): Promise<LettersFound> =>
  eachDeadLetter(target, io, async (_, letters) => {
    for (const { people } of letters) for (const id of people) if (wasForgotten(id)) ids.add(idKey(id));
    const own = letters.filter((letter) => withoutThem(letter, ids) !== letter);
    return { gone: [], refusal: undefined, count: own.length, refused: 0 };
  });

export const removeLetters = (target: Target, ids: Ids, io: Io): Promise<LettersFound> =>
  eachDeadLetter(target, io, (queue, letters) => takeOut(queue, letters, ids));

interface Visited extends Gone {
  readonly count: number;
  readonly refused: number;
}

type VisitLetters = (queue: Queue, letters: readonly Letter[]) => Promise<Visited>;

const eachDeadLetter = async (target: Target, io: Io, visit: VisitLetters): Promise<LettersFound> => {
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
