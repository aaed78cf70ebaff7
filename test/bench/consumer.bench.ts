// The consumer's whole CPU for an event, from the SQS record to the request on the wire, against
// `JSON.parse` + `JSON.stringify` of the same events in the same process, bundled as it is deployed. `npm run bench`.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundle } from '../chaos/bundle';

const main = async (): Promise<void> => {
  const server = fork(join(__dirname, 'sink-server.ts'));
  const [port] = await once(server, 'message');
  const { file, remove } = await bundle('test/bench/consumer-process.ts');
  const { status } = spawnSync(process.execPath, [file, `http://127.0.0.1:${port}`], { stdio: 'inherit' });
  remove();
  server.disconnect();
  process.exitCode = status ?? 1;
};

void main();
