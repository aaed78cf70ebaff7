// `npm run bench:drain`: a backlog of a million events through the real engine to a sink, under a bound of memory; and
// whether an event of a large invocation costs what one of a small does. `EVENTS=100000` makes it small.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../chaos/bundle';

const main = async (): Promise<void> => {
  const server = fork(join(__dirname, 'sink-server.ts'));
  const [port] = await once(server, 'message');
  const { file, remove } = await bundle('test/bench/drain-process.ts');
  const { status } = spawnSync(process.execPath, [file, `http://127.0.0.1:${port}`], { stdio: 'inherit' });
  console.log(
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  remove();
  server.disconnect();
  process.exitCode = status ?? 1;
};

void main();
