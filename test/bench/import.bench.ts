// `npm run bench:import`: a million events, about 1.3 GB, imported by `relay import` into the in-process SQS under a
// bound of memory, beside a bare loop that reads, parses and writes the same lines. Prints memory and ratio; fails when
// either is beyond what docs/cli.md promises. `EVENTS=100000` makes it small.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { corpusOf } from '../support/corpus';
import { startQueueSink } from './queue-sink';

const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000);
const CORPUS = 20_000;
const MAX_MEMORY_MB = 200;
const MIN_RATIO = 0.5;
const ROOT = join(__dirname, '../..');

const writeFileOfEvents = async (path: string): Promise<void> => {
  const file = createWriteStream(path);
  const corpus = corpusOf(CORPUS);
  for (let index = 0; index < EVENTS; index += 1) {
    const event = { ...corpus[index % CORPUS], messageId: `bench-${index}` };
    if (!file.write(`${JSON.stringify(event)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
};

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

/** Peak of the resident memory, as the kernel of Linux counts it; elsewhere it is not known, and 0. */
const peakOf = async (pid: number | undefined): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
};

const measure = async (argv: readonly string[], env: Record<string, string>): Promise<Measured> => {
  const startedAt = Date.now();
  const child = spawn(process.execPath, argv, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakMb = 0;
  const ended = once(child, 'exit');
  while (child.exitCode === null && child.signalCode === null) {
    peakMb = Math.max(peakMb, await peakOf(child.pid));
    await Promise.race([ended, delay(100)]);
  }
  if (child.exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}.`);
  return { seconds: (Date.now() - startedAt) / 1_000, peakMb };
};

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-bench-import-'));
  const sqs = await startQueueSink();
  try {
    const path = join(folder, 'events.ndjson');
    await writeFileOfEvents(path);
    const bytes = (await stat(path)).size;
    const bare = await measure(['--import', 'tsx', 'test/bench/bare-import-process.ts', path], sqs.env);
    const bareEvents = sqs.reset();
    const imported = await measure(
      ['infra/cli/relay.js', 'import', path, '--stage', 'bench', '--yes'],
      sqs.env,
    );
    const importedEvents = sqs.reset();
    const ratio = bare.seconds / imported.seconds;
    console.log(`${EVENTS} events, ${(bytes / 1e9).toFixed(2)} GB`);
    console.log(
      `bare loop  ${bare.seconds.toFixed(1)} s  ${Math.round(bare.peakMb)} MB  ${bareEvents} events`,
    );
    console.log(
      `import     ${imported.seconds.toFixed(1)} s  ${Math.round(imported.peakMb)} MB  ${importedEvents} events`,
    );
    console.log(`ratio      ${ratio.toFixed(2)} (at least ${MIN_RATIO}); memory at most ${MAX_MEMORY_MB} MB`);
    const isGood =
      ratio >= MIN_RATIO &&
      imported.peakMb <= MAX_MEMORY_MB &&
      importedEvents === EVENTS &&
      bareEvents === EVENTS;
    if (!isGood) process.exitCode = 1;
  } finally {
    await sqs.close();
    await rm(folder, { recursive: true });
  }
};

void main();
