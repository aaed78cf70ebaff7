// Asks before something is changed. A script says --yes; where nobody can answer, nothing is done.

import { Failure, usageFailure } from './failure';
import type { Io } from './io';

export const confirm = async (io: Io, what: string, options: { readonly yes?: boolean }): Promise<void> => {
  io.err(what);
  if (options.yes) return;
  if (io.ask === undefined) {
    throw usageFailure('Nobody can be asked here.', 'Add --yes once this is what you want.');
  }
  const answer = await io.ask('Go on? [y/N] ');
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new Failure('Nothing was changed.', 'Answer y to go on, or add --yes.');
};
