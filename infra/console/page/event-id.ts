// How an address names an event: by the start of the stack that counted it, and its number there. The number alone
// would be that of another event after the next start.

export interface EventId {
  readonly run: string;
  readonly number: number;
}

export const writeId = ({ run, number }: EventId): string => `${run}-${number}`;

/** Undefined where it names none. */
export const readId = (text: string): EventId | undefined => {
  const [, run, number] = /^(\w+)-(\d+)$/.exec(text) ?? [];
  return run === undefined ? undefined : { run, number: Number(number) };
};

/** Where its detail is asked for. */
export const pathOfDetail = ({ run, number }: EventId): string =>
  `events/${number}?${new URLSearchParams({ run })}`;
