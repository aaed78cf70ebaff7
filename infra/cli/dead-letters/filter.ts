// Which dead letters a command is about. Every filter that is given must hold; an empty one leaves what names none.

import { idKey } from '../people';
import type { Letter } from './letter';

export interface FilterOptions {
  readonly reason?: string;
  readonly source?: string;
  readonly workspace?: string;
  readonly field?: string;
  readonly person?: string;
  /** A messageId: SQS's, or the event's. */
  readonly id?: string;
  /** Milliseconds since 1970, of when it failed. */
  readonly since?: number;
  readonly until?: number;
}

export const isSelective = (options: FilterOptions): boolean =>
  [
    options.reason,
    options.source,
    options.workspace,
    options.field,
    options.person,
    options.id,
    options.since,
    options.until,
  ].some((value) => value !== undefined);

export const matches = (letter: Letter, options: FilterOptions): boolean => {
  const { reason, source, workspace, field, person, id, since = -Infinity, until = Infinity } = options;
  return (
    isSame(reason, [letter.reason]) &&
    isSame(source, [letter.source ?? '']) &&
    isSame(workspace, [letter.workspace ?? '']) &&
    isSame(field, [letter.field ?? '']) &&
    isSame(person && idKey(person), letter.people.map(idKey)) &&
    isSame(id, [letter.sqsMessageId, letter.messageId]) &&
    letter.failedAtMs >= since &&
    letter.failedAtMs < until
  );
};

const isSame = (wanted: string | undefined, values: readonly (string | undefined)[]): boolean =>
  wanted === undefined || values.includes(wanted);
