// What somebody else has named, in a command that is shown or copied, for any POSIX shell. Terminals act on controls of
// what is pasted, within quotes too: they are written out, which in JSON is the same value.

import { visible } from '../console/visible';

/** As it is, where a shell sees nothing special in it. */
export const shellWord = (word: string): string => (/^[\w.@:/+-]+$/.test(word) ? word : quoted(word));

/** Nothing is special between single quotes but the single quote. */
export const quoted = (text: string): string => `'${visible(text).replaceAll("'", "'\\''")}'`;
