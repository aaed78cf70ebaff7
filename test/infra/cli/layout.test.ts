import { fold, layOut, oneLine } from '../../../infra/cli/layout';

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

it('A long text is broken between its words, and a command in it is not: it would be pasted in parts', () => {
  const command = `  npx relay dead-letters discard --exported /srv/${'letters/'.repeat(5)}l.ndjson --stage prod`;
  const [first, ...others] = fold(`${'They go up. '.repeat(9)}Give them up with:\n${command}`).split('\n');

  expect(first?.length).toBeLessThanOrEqual(80);
  expect(others).toEqual([expect.stringMatching(/Give them up with:$/), command]);
});
