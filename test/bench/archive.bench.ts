// What the archive costs the consumer: the same events delivered without it, with the outcome of each archived, and with
// the events themselves, in one process, in turn, bundled as it is deployed. `npm run bench`.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundle } from '../chaos/bundle';

const main = async (): Promise<void> => {
  const server = fork(join(__dirname, 'sink-server.ts'));
  const [port] = await once(server, 'message');
  const { file, remove } = await bundle('test/bench/archive-process.ts');
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_FIREHOSE: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  };
  const { status } = spawnSync(process.execPath, [file, url], { stdio: 'inherit', env });
  remove();
  server.disconnect();
  process.exitCode = status ?? 1;
};

void main();
