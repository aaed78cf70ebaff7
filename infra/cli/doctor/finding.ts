// One thing that the doctor looked at. The type demands a remedy for whatever is not as it should be.

import { toFailure } from '../failure';

interface Seen {
  readonly about: string;
  readonly what: string;
}

export type Finding =
  | (Seen & { readonly state: 'good' })
  | (Seen & { readonly state: 'warning' | 'bad'; readonly remedy: string });

export const good = (about: string, what: string): Finding => ({ state: 'good', about, what });

export const warning = (about: string, what: string, remedy: string): Finding => ({
  state: 'warning',
  about,
  what,
  remedy,
});

export const bad = (about: string, what: string, remedy: string): Finding => ({
  state: 'bad',
  about,
  what,
  remedy,
});

/** A finding for what could not be looked at, so that the doctor goes on with the rest. */
export const failed = (about: string, error: unknown): Finding => {
  const { message, whatToDo } = toFailure(error);
  return bad(about, message, whatToDo);
};

/** Runs a look that may fail, for lack of a permission for one. */
export const lookAt = async (
  about: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> => {
  try {
    return await look();
  } catch (error) {
    return [failed(about, error)];
  }
};
