// The steps of the consumer one by one, bundled as it is deployed. Run with `tsx test/bench/stages.bench.ts`.

import { spawnSync } from 'node:child_process';
import { bundle } from '../chaos/bundle';

const main = async (): Promise<void> => {
  const { file, remove } = await bundle('test/bench/stages-process.ts');
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  remove();
  process.exitCode = status ?? 1;
};

void main();
