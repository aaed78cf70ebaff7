// Of a file of CSV with quotes that are not doubled or not closed, each line is in a row that was read, or in what is said
// to be left out.

import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type FileRecord, openInput } from '../../infra/cli/import/input';
import { runs } from '../support/property-runs';

const cell = fc.constantFrom('c', '', '"a ""q"" b"', '"x\ny"', '5" pipe', '"open', '"the "best" one"', 'x"');
const row = fc.array(cell, { minLength: 2, maxLength: 2 }).map((cells) => ['id', ...cells].join(','));
/** Without carriage returns, of which the parser counts one within quotes as a line of its own. */
const file = fc
  .tuple(fc.array(row, { minLength: 1, maxLength: 12 }), fc.constantFrom('\n', ''))
  .map(([rows, end]) => ['id,a,b', ...rows].join('\n') + end);

const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const lineEndsIn = (record: FileRecord): number =>
  'row' in record ? Object.values(record.row).join('').split('\n').length - 1 : 0;

it('No line of a broken file of CSV goes without a word', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (text) => {
      const { records } = await openInput('-', Readable.from([Buffer.from(text)]), 'csv');
      const lines: number[] = [];
      for await (const record of records) {
        const said = /in lines? (\d+)(?: to (\d+))? of/.exec(record.fault?.detail ?? '');
        // Cells without a column may have line ends as well.
        if (said === null && record.fault !== undefined) lines.push(...from(lines.length + 2, record.line));
        else if (said === null) lines.push(...from(record.line - lineEndsIn(record), record.line));
        else lines.push(...from(Number(said[1]), Number(said[2] ?? said[1])));
      }

      const count = text.trimEnd().split('\n').length;
      expect(lines).toEqual(from(2, count));
    }),
    { numRuns: runs(2_000) },
  );
});
