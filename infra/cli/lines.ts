// The lines of a file of any size. Not node:readline, which also breaks lines at U+2028 and U+2029: JSON may hold both.

import { StringDecoder } from 'node:string_decoder';

/** The lines of a text, without the line break (`\n` or `\r\n`) and a last line that has none. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
