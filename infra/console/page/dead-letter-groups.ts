// Dead letters by why they are dead, and as the file that `relay dead-letters export` writes.

import { fieldOf } from '../../cli/dead-letters/field';
import { shellWord } from '../../cli/shell-word';
import type { DeadLetter } from '../contract';

export interface LetterGroup {
  readonly key: string;
  readonly reason: string;
  readonly source: string;
  /** Of one of them, as a sample. */
  readonly detail: string;
  readonly letters: readonly DeadLetter[];
}

/** Of the group that a letter is in. What follows the field in a detail may differ from one letter to the next. */
export const groupKeyOf = ({
  reason,
  source,
  detail,
}: Pick<DeadLetter, 'reason' | 'source' | 'detail'>): string =>
  [reason, source, fieldOf(detail) ?? ''].filter((part) => part !== '').join(' · ');

/** The largest first. */
export const groupsOf = (letters: readonly DeadLetter[]): LetterGroup[] => {
  const groups = Map.groupBy(letters, groupKeyOf);
  return [...groups]
    .map(([key, ofGroup]) => {
      const { reason = '', detail = '', source = '' } = ofGroup[0] ?? {};
      return { key, reason, detail, source, letters: ofGroup };
    })
    .sort((one, other) => other.letters.length - one.letters.length);
};

export const oldestOf = (letters: readonly DeadLetter[]): number =>
  Math.min(...letters.map(({ failedAt }) => failedAt));

/** A line of JSON each, which `relay dead-letters discard --exported` takes. */
export const exportLines = (letters: readonly DeadLetter[]): string =>
  letters
    .map(({ id, reason, detail, from, failedAt, attributes, body }) =>
      JSON.stringify({
        sqsMessageId: id,
        reason,
        detail,
        source: from.source,
        failedAt: new Date(failedAt).toISOString(),
        attributes,
        body,
      }),
    )
    .map((line) => `${line}\n`)
    .join('');

/** On its way to Segment, whose operations are none of Customer.io's. */
export const isOfActivity = ({ queue }: DeadLetter): boolean => queue.endsWith('activity-dead-letters');

const QUEUE = /^cio-relay-(.+?)-(?:activity-)?dead-letters$/;
const LOCAL = 'local';

/**
 * What sends the group again from the command line, which says what it will do and asks.
 * @param environment that it must begin with.
 */
export const commandFor = ({ reason, detail, letters }: LetterGroup, environment = ''): string => {
  const [first] = letters;
  const stage = QUEUE.exec(first?.queue ?? '')?.[1] ?? LOCAL;
  const options: readonly (readonly [name: string, value: string | undefined])[] = [
    ['--stage', stage === LOCAL ? undefined : stage],
    ['--reason', reason],
    ['--source', first?.from.source ?? ''],
    ['--workspace', first?.from.workspace],
    ['--field', fieldOf(detail) ?? ''],
  ];
  const given = options.flatMap(([option, value]) =>
    value === undefined ? [] : [`${option} ${shellWord(value)}`],
  );
  const isActivity = first !== undefined && isOfActivity(first);
  const words = [environment, 'npx relay dead-letters retry', ...given, isActivity ? '--activity' : ''];
  return words.filter((word) => word !== '').join(' ');
};
