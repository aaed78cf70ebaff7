// The lines of a file of any size. Not node:readline, which also breaks lines at U+2028 and U+2029: JSON may hold both.

import { StringDecoder } from 'node:string_decoder';

/** The lines of a text, without the line break (`\n` or `\r\n`) and a last line that has none. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // The pieces of the line whose end is not read yet. They are joined once, because a line may be of any length.
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const lines = decoder.write(chunk).split('\n');
    parts.push(lines[0] ?? '');
    if (lines.length === 1) continue;
    lines[0] = parts.join('');
    parts = [lines.pop() ?? ''];
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  const rest = parts.join('') + decoder.end();
  if (rest !== '') yield rest;
}
