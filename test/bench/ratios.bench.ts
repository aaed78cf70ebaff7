// All ratios of one machine, in one report: `npm run bench`, or `npm run bench -- stages ingest` for some. With `--budget`
// it is a gate: what misses test/bench/budget.json by more than a fifth is tried again, and fails at the third time.
// With `--plot` it draws the charts of docs/performance.md anew.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Budget, describeVerdict, judge, type Verdict } from './budget';
import { type Result, resultsIn, withoutResults } from './measure';
import peers from './peers.json';
import { type Bar, barChart } from './plot';
import { describeLoad, writeReport } from './report';

const ROOT = resolve(__dirname, '../..');
const BENCHES = ['stages', 'consumer', 'ingest', 'rules'] as const;
const MAX_TRIES = 3;

/** A bench that misses its own bound ends with 1, and has measured all the same. */
const runBench = async (name: string): Promise<Result[]> => {
  const tsx = join(ROOT, 'node_modules', '.bin', 'tsx');
  const { stdout, stderr } = await promisify(execFile)(tsx, [join(__dirname, `${name}.bench.ts`)], {
    cwd: ROOT,
  }).catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: error.stdout ?? '',
    stderr: error.stderr ?? '',
  }));
  console.log(`\n${name}\n${withoutResults(stdout).trim()}${stderr && `\n${stderr.trim()}`}`);
  return resultsIn(stdout);
};

/** The results of every bench so far, a list for each try. */
type Tries = ReadonlyMap<string, Result[][]>;

const tryEach = async (benches: readonly string[], tries: Tries): Promise<void> => {
  for (const name of benches) tries.get(name)?.push(await runBench(name));
};

/** Of those benches that were run: the budget of the others is none of today's. */
const judgeAll = (tries: Tries, budget: Budget): Verdict[] =>
  [...tries.values()].flatMap((ofBench) => {
    const measured = new Set(ofBench.flat().map(({ name }) => name));
    return judge(ofBench, Object.fromEntries(Object.entries(budget).filter(([name]) => measured.has(name))));
  });

/** What has to be tried again: a bench with a ratio below, and one that ended without any. */
const missed = (tries: Tries, budget: Budget): string[] =>
  [...tries].flatMap(([name, ofBench]) => {
    const verdicts = judgeAll(new Map([[name, ofBench]]), budget);
    return verdicts.length === 0 || verdicts.some(({ isOk }) => !isOk) ? [name] : [];
  });

/** Only of what was measured in this run. */
const plotAll = async (verdicts: readonly Verdict[]): Promise<void> => {
  const ratios = new Map(verdicts.map(({ name, best = 0 }) => [name, Number(best.toFixed(2))]));
  const consumer = ratios.get('consumer');
  if (consumer !== undefined) {
    const theirs = Object.entries(peers.paths).map(([label, value]) => ({ label, value, isOurs: false }));
    await plot(`Share of the JSON floor (the others: ${peers.measured})`, 'consumer', [
      { label: 'cio-relay, the whole consumer', value: consumer, isOurs: true },
      ...theirs.sort((one, other) => other.value - one.value),
    ]);
  }
  const steps = ['reading', 'translate', 'writing', 'packing'].flatMap((label) => {
    const ratio = ratios.get(label);
    return ratio === undefined ? [] : [{ label, value: Number((1 / ratio).toFixed(2)), isOurs: true }];
  });
  if (steps.length > 0) await plot('CPU of a step, in floors (less is better)', 'steps', steps);
};

const plot = (title: string, name: string, bars: readonly Bar[]): Promise<void> =>
  writeFile(join(ROOT, 'docs', 'performance', `${name}.svg`), barChart(title, bars));

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    options: { budget: { type: 'boolean' }, plot: { type: 'boolean' } },
    allowPositionals: true,
  });
  const names = positionals.length === 0 ? BENCHES : positionals;
  const budget = JSON.parse(await readFile(join(__dirname, 'budget.json'), 'utf8')) as Budget;
  const tries: Tries = new Map(names.map((name) => [name, []]));
  let left: readonly string[] = names;
  for (let count = 0; count < (values.budget ? MAX_TRIES : 1) && left.length > 0; count += 1) {
    await tryEach(left, tries);
    left = missed(tries, budget);
  }
  const verdicts = judgeAll(tries, budget);
  await writeReport('bench', { tries: Object.fromEntries(tries), verdicts });
  console.log(`\n${describeLoad()}`);
  for (const verdict of verdicts) console.log(describeVerdict(verdict));
  if (values.plot) await plotAll(verdicts);
  if (values.budget && left.length > 0) process.exitCode = 1;
};

void main();
