// Asks a question on a terminal.

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/**
 * Resolves to the answer; to none where the input ends, as by Ctrl-D.
 *
 * @throws the reason of `interruption`, which Ctrl-C aborts: while readline reads, the process gets no signal.
 */
export const askOn =
  (input: Readable, output: Writable, interruption: AbortController) =>
  async (question: string): Promise<string> => {
    const { signal } = interruption;
    const lines = createInterface({ input, output });
    lines.once('SIGINT', () => interruption.abort());
    const ended = once(lines, 'close').then(() => undefined);
    const answered = lines.question(question, { signal }).catch(() => undefined);
    const answer = await Promise.race([answered, ended]);
    lines.close();
    // The cursor still stands behind the question.
    if (answer === undefined) output.write('\n');
    signal.throwIfAborted();
    return answer ?? '';
  };
