import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { relayCli } from '../../support/relay-cli';

/** What bash offers for the last of these words. */
const complete = async (...words: readonly string[]): Promise<string[]> => {
  const { out: script } = await relayCli(['completion', 'bash']);
  const typed = ['relay', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _relay; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', ask]);
  return stdout.trim().split('\n');
};

it.each([
  [['dead'], ['dead-letters']],
  [['dead-letters', 'r'], ['retry']],
  [['dead-letters', 'retry', '--rea'], ['--reason']],
  [['--stage', 'prod', 'dead-letters', 'retry', '--reason', 'list', '--del'], ['--deleted']],
  [['import', '--as', 'scr'], ['screen']],
  [['settings', 'rotate', '--fin'], ['--finish']],
  [['help', 'dead'], ['dead-letters']],
  [['help', 'dead-letters', 'r'], ['retry']],
  [['help', 'dead-letters', 'retry', '--rea'], ['']],
  [
    ['send', '--via', ''],
    ['queue', 'http'],
  ],
  [['tail', '--fate', 'refused', 'sk'], ['skipped']],
  // Nothing of ours: the shell offers files.
  [['import', '--mapping', ''], ['']],
  [['dead-letters', 'list', '--stage', ''], ['']],
])('bash completes %j to %j', async (words, offered) => {
  expect(await complete(...words)).toEqual(offered);
});

it.each(['zsh', 'fish'])('there is a script for %s', async (shell) => {
  const { code, out } = await relayCli(['completion', shell]);
  expect(code).toBe(0);
  expect(out).toMatchSnapshot();
});

it('knows no other shell', async () => {
  expect((await relayCli(['completion', 'tcsh'])).code).toBe(2);
});
