// One thing that the doctor looked at. The type demands a remedy for whatever is not as it should be.

import { toFailure } from '../failure';

interface Seen {
  readonly about: string;
  readonly what: string;
}

export type Finding =
  | (Seen & { readonly state: 'good' })
  | (Seen & {
      readonly state: 'warning' | 'bad';
      readonly remedy: string;
      /** Nothing is known of it: it could not be looked at. */
      readonly isUnseen?: true;
    });

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
  return { state: 'bad', about, what: message, remedy: whatToDo, isUnseen: true };
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

/** What keeps several things from being looked at, such as no credentials, is one thing to mend. */
export const onceEach = (findings: readonly Finding[]): Finding[] => {
  const told = new Map<unknown, Finding>();
  for (const finding of findings) {
    const isUnseen = finding.state === 'bad' && finding.isUnseen;
    const key = isUnseen ? `${finding.what}\n${finding.remedy}` : finding;
    const known = told.get(key);
    told.set(key, known === undefined ? finding : { ...known, about: both(known.about, finding.about) });
  }
  return [...told.values()];
};

/** A function is looked at in two ways, and named once. */
const both = (some: string, another: string): string =>
  [...new Set([...some.split(', '), another])].join(', ');
