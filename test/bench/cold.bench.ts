// What a cold start waits for before the first event: the load of each function's module, exactly as it would be
// deployed, against a bundle that holds only the SQS client. Every load has a process of its own, and they take
// turns, so that the ratio does not depend on the machine. Run with `npm run bench:cold`.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { packageStage } from '../support/package';
import { unzipTo } from '../support/unzip';

const ROUNDS = 31;
const ROOT = resolve(__dirname, '../..');
/** How many times as long as the SQS client alone. */
const MAX_RATIOS = { ingest: 1.15, webhook: 1.15, consumer: 1.35, forwarder: 1.35 } as const;
const FUNCTIONS = Object.keys(MAX_RATIOS) as (keyof typeof MAX_RATIOS)[];

const buildYardstick = async (outfile: string): Promise<void> => {
  await build({
    stdin: { contents: "export * from '@aws-sdk/client-sqs';", resolveDir: ROOT },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
};

const LOAD = `
  const start = performance.now();
  require(process.argv[1]);
  process.stdout.write(String(performance.now() - start));
`;

const loadMs = async (file: string): Promise<number> => {
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOAD, file], { env });
  return Number(stdout);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const kilobytes = async (file: string): Promise<string> =>
  `${Math.round((await stat(file)).size / 1_000)} KB`;

interface Times {
  readonly yardstick: number[];
  readonly own: number[];
}

/** The ratio is that of each pair, whose two halves had the same machine to themselves. */
const ratioOf = ({ yardstick, own }: Times): number =>
  median(own.map((ms, round) => ms / (yardstick[round] ?? Number.NaN)));

const measure = async (folder: string): Promise<boolean> => {
  const yardstick = join(folder, 'yardstick.js');
  const fileOf = (name: string): string => join(folder, name, 'functions', `${name}.js`);
  const times = new Map(FUNCTIONS.map((name) => [name, { yardstick: [], own: [] } as Times]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, { yardstick: base, own }] of times) {
      base.push(await loadMs(yardstick));
      own.push(await loadMs(fileOf(name)));
    }
  }
  console.log(`SQS client alone: ${await kilobytes(yardstick)}`);
  let isWithinBounds = true;
  for (const [name, ofName] of times) {
    const ratio = ratioOf(ofName);
    const isOk = ratio <= MAX_RATIOS[name];
    isWithinBounds &&= isOk;
    const verdict = isOk ? 'ok' : `over ${MAX_RATIOS[name]}`;
    const load = `${median(ofName.own).toFixed(0)} ms, ${ratio.toFixed(2)} times the SQS client alone`;
    console.log(`${name}: ${await kilobytes(fileOf(name))}, loaded in ${load} (${verdict})`);
  }
  return isWithinBounds;
};

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'cio-relay-cold-'));
  try {
    const { folder: packaged } = await packageStage();
    await Promise.all(FUNCTIONS.map((name) => unzipTo(join(packaged, `${name}.zip`), join(folder, name))));
    await buildYardstick(join(folder, 'yardstick.js'));
    process.exitCode = (await measure(folder)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

void main();
