// One thing that the doctor looked at. What is not as it should be has its remedy: the type sees to it.

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

/** What cannot be looked at is no reason to look no further. */
export const failed = (about: string, error: unknown): Finding => {
  const { message, whatToDo } = toFailure(error);
  return bad(about, message, whatToDo);
};

/** A look that needs a permission of AWS. */
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
