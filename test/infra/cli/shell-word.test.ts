// What an event names stands in commands that are copied: a shell must take it for a word, and a terminal for text.

import { execFileSync } from 'node:child_process';
import { quoted, shellWord } from '../../../infra/cli/shell-word';

it.each([
  '',
  'web',
  '-n',
  'a b',
  "it's",
  '$(id)',
  '`id`',
  '"!!"',
  'a\\',
  '*',
  '~',
  '#',
  'a;b',
  'two\nlines',
  'ü',
])('a shell takes it for one word, and for that one: %j', (word) => {
  const said = execFileSync('sh', ['-c', `printf '[%s]' ${shellWord(word)} ${quoted(word)}`], {
    encoding: 'utf8',
  });
  expect(said).toBe(`[${word}][${word}]`);
});

it('what a terminal would act on as it is pasted is written out', () => {
  expect(shellWord('a\u007f\u007f\u0003id\u001b[201~')).toBe("'a\\u007f\\u007f\\u0003id\\u001b[201~'");
});

it('in JSON that is the same value', () => {
  const event = { event: 'a\u007f\u202e' };
  expect(JSON.parse(quoted(JSON.stringify(event)).slice(1, -1))).toEqual(event);
});
