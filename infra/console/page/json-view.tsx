// A value as coloured JSON. What came from an event is text here, whatever it holds.

import { visible } from '../visible';
import { prettyJson } from './json-text';

/** A string (with a colon behind it: a key), a number or a word. */
const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b/g;
const MAX_CHARACTERS = 60_000;

export const JsonView = ({ value }: { readonly value: unknown }) => {
  const text = visible(typeof value === 'string' ? value : prettyJson(value));
  const isCut = text.length > MAX_CHARACTERS;
  return (
    <pre class="json">
      {colored(isCut ? text.slice(0, MAX_CHARACTERS) : text)}
      {isCut && `\n… and ${text.length - MAX_CHARACTERS} characters more`}
    </pre>
  );
};

const colored = (text: string) => {
  const parts: (string | ReturnType<typeof token>)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index), token(match[1], match[2], match[0], match.index));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
};

const token = (quoted: string | undefined, colon: string | undefined, whole: string, at: number) => (
  <span key={at} class={quoted === undefined ? 'j-value' : colon === undefined ? 'j-text' : 'j-key'}>
    {whole}
  </span>
);
