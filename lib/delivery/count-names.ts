// Names of attributes for the log. The rule: only what reads like a name is logged as it is, because a sender may use
// anything as a key, an address or a whole sentence too.

/** An email, a phone number, words with blanks and a name that is itself too long are none. */
const NAME = /^[a-z_$][\w$]*(?:[.-][\w$]+)*$/i;
const MAX_NAME_LENGTH = 60;
/** Few enough to keep the line short. */
const MAX_NAMES = 20;

/** Stands for what reads like no name, and for those beyond the first twenty. */
const OTHERS = '(others)';

/** How often each occurs. */
export const countNames = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const name of names) {
    const isShown = NAME.test(name) && name.length <= MAX_NAME_LENGTH;
    const shown = isShown && (counts.has(name) || counts.size < MAX_NAMES) ? name : OTHERS;
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
};
