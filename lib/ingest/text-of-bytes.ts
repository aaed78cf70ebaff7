// The text that bytes are. JSON is UTF-8 between strangers, and what can be that is, whatever a header says; old senders
// of other charsets would otherwise have other letters in their names, and share one id where only those differ.

import { isUtf8 } from 'node:buffer';

/** @param contentType whose charset holds for what is neither UTF-8 nor UTF-16; without one no charset is guessed. */
export const textOfBytes = (bytes: Buffer, contentType: string | undefined): string => {
  const charset = utf16Of(bytes) ?? (isUtf8(bytes) ? undefined : charsetOf(contentType));
  return charset === undefined ? bytes.toString('utf8') : decode(bytes, charset);
};

const BRACKETS: readonly (number | undefined)[] = [0x7b, 0x5b];

/** UTF-16 begins with a byte order mark, or with the two bytes of a bracket, one of which is zero. */
const utf16Of = ([first, second]: Buffer): string | undefined => {
  if ((first === 0xff && second === 0xfe) || (second === 0 && BRACKETS.includes(first))) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && BRACKETS.includes(second))) return 'utf-16be';
  return undefined;
};

const charsetOf = (contentType = ''): string | undefined =>
  /;\s*charset\s*=\s*"?([\w:.+-]{1,40})/i.exec(contentType)?.[1];

/** As UTF-8 where nobody knows the charset. */
const decode = (bytes: Buffer, charset: string): string => {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
};
