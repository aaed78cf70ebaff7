// What the command line says: the help of every command, and every way to call it wrongly.

import type { Command } from 'commander';
import { buildProgram } from '../../../infra/cli/program';
import { SILENT_IO } from '../../../infra/cli/silent-io';
import { pathOf } from '../../../infra/cli/words';
import { version } from '../../../package.json';
import { relayCli } from '../../support/relay-cli';

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
const COMMANDS = allOf(buildProgram(SILENT_IO)).map((command) => pathOf(command).split(' ').slice(1));

/** Nothing listens there, whatever runs on this machine. */
const NO_STACK = { PORT: '9', SANDBOX_PORT: '9' };

it.each(COMMANDS.map((words) => [words.join(' ') || 'relay', words] as const))(
  'explains %s with examples first, in 80 columns',
  async (_, words) => {
    const { code, out } = await relayCli([...words, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Examples:\n {2}\$ npx relay /);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(out).toMatchSnapshot();
  },
);

it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
  'explains the same by: relay help %s',
  async (_, words) => {
    const { out } = await relayCli([...words, '--help']);
    expect(await relayCli(['help', ...words])).toEqual({ code: 0, out, err: '' });
  },
);

it('whatever asks before it changes something can be rehearsed', () => {
  const named = (command: Command, option: string): boolean =>
    command.options.some(({ long }) => long === option);
  const asking = allOf(buildProgram(SILENT_IO)).filter((command) => named(command, '--yes'));

  expect(asking.length).toBeGreaterThan(5);
  expect(asking.filter((command) => !named(command, '--dry-run')).map(pathOf)).toEqual([]);
});

it.each(['--version', '-V'])('says with %s which version it is', async (option) => {
  expect(await relayCli([option])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

it.each([
  ['help of an unknown command', 'help dead-letters lst'],
  ['an unknown command', 'dead-letter list'],
  ['an unknown option', 'dead-letters list --reasn x'],
  ['a missing argument', 'dead-letters export'],
  ['a rate that is none', 'dead-letters retry --rate fast'],
  ['a time that is none', 'dead-letters list --since yesterday'],
  ['a stage that is none', 'dead-letters list --stage /x'],
])('answers 2 to %s, and says what to do', async (_, line) => {
  const { code, out, err } = await relayCli(line.split(' '), { env: NO_STACK });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatchSnapshot();
});

it('answers 1 when there is no stack to work on, and says how to get one', async () => {
  const { code, err } = await relayCli(['dead-letters', 'list'], { env: NO_STACK });
  expect(code).toBe(1);
  expect(err).toMatchSnapshot();
});

it('answers 2 when the region of a stage is not known', async () => {
  const { code, err } = await relayCli(['dead-letters', 'list', '--stage', 'prod'], {
    env: { AWS_REGION: '' },
  });
  expect(code).toBe(2);
  expect(err).toMatchSnapshot();
});

it('shows a stack trace with --verbose and never without', async () => {
  const bare = await relayCli(['dead-letters', 'list'], { env: NO_STACK });
  expect(bare.err).not.toMatch(/^ +at /m);
  const verbose = await relayCli(['dead-letters', 'list', '--verbose'], { env: NO_STACK });
  expect(verbose.err).toMatch(/^ +at /m);
});
