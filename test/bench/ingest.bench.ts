// What ingest itself costs: the CPU of its handler, without the SQS call, against a handler that only parses
// the body and sends it. Both run in turns in one process, so that the ratio does not depend on the machine,
// and bundled, as they are deployed. Run with `tsx test/bench/ingest.bench.ts`.

import { spawnSync } from 'node:child_process';
import { bundle } from '../chaos/bundle';

const main = async (): Promise<void> => {
  const { file, remove } = await bundle('test/bench/ingest-process.ts');
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  remove();
  process.exitCode = status ?? 1;
};

void main();
