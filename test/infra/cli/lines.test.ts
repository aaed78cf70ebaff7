// Lines of a file, wherever its chunks are cut.

import fc from 'fast-check';
import { linesOf } from '../../../infra/cli/lines';
import { startCpuClock } from '../../support/cpu';

const read = async (chunks: readonly Buffer[]): Promise<string[]> => {
  const lines: string[] = [];
  const stream = (async function* () {
    yield* chunks;
  })();
  for await (const line of linesOf(stream)) lines.push(line);
  return lines;
};

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

it('are the same however the file is cut, also in the middle of a character', async () => {
  const line = fc.stringMatching(/^[a-z€😀\u2028 ]{0,9}$/u);
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const text = lines.map((one) => `${one}\n`).join('');
      expect(await read(cut(Buffer.from(text), size))).toEqual(lines);
      expect(await read(cut(Buffer.from(text.replaceAll('\n', '\r\n')), size))).toEqual(lines);
    }),
  );
});

it('may be of any length, and the last needs no end', async () => {
  const long = 'x'.repeat(20_000_000);
  const spentMs = startCpuClock();
  expect((await read(cut(Buffer.from(`${long}\nb`), 1_024))).map(({ length }) => length)).toEqual([
    20_000_000, 1,
  ]);
  expect(spentMs()).toBeLessThan(5_000);
});
