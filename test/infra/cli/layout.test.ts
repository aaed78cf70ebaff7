import { layOut } from '../../../infra/cli/layout';

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
