import { layOut, oneLine } from '../../../infra/cli/layout';

const HEADER = ['what becomes of it', 'events', 'lines'];

it('A table that fits 80 columns is not cut anywhere', () => {
  expect(layOut(HEADER, [['rejected: illegal_identifier', '1', '4']]).split('\n')).toEqual([
    'what becomes of it            events  lines',
    'rejected: illegal_identifier  1       4',
  ]);
});

it('One that does not gives its last column what the others leave', () => {
  const lines = layOut(HEADER, [['rejected: illegal_identifier', '1', '4, 5, '.repeat(20)]]).split('\n');

  expect(lines.map(({ length }) => length <= 80)).toEqual([true, true]);
  expect(lines[1]).toMatch(/^rejected: illegal_ident… {2}1 {7}4, 5, .*…$/);
});

const ACTED_ON = 'a\u001b[31mb\u001b]0;c\u0007\u009b2J\nd\u202ee';

it('What a terminal would act on is written out in a table, and so it is in a line', () => {
  const shown = 'a\\u001b[31mb\\u001b]0;c\\u0007\\u009b2J d\\u202ee';

  expect(layOut(['name'], [[ACTED_ON]])).toBe(`name\n${shown}`);
  expect(oneLine(['name', ACTED_ON])).toBe(`name  ${shown}`);
});
