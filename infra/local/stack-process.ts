// The local stack as a child process: started, waited for, and ended as Ctrl-C would.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endpointUrl, type Ports, sandboxUrl } from './addresses';
import { READY_LINE } from './terminal';

export interface StackProcess {
  stop(): Promise<void>;
}

export const isStackUp = async (ports: Ports): Promise<boolean> => {
  const answers = await Promise.allSettled([
    fetch(`${endpointUrl(ports)}/health`),
    fetch(`${sandboxUrl(ports)}/sandbox`),
  ]);
  return answers.every((answer) => answer.status === 'fulfilled' && answer.value.ok);
};

/** Resolves when the stack is ready. @throws Error when it ends before; it has said why on standard error. */
export const startStackProcess = async (): Promise<StackProcess> => {
  const child = spawn(process.execPath, [join(__dirname, 'start.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => line === READY_LINE && resolve());
  });
  const outcome = await Promise.race([ready.then(() => 'ready'), ended.then(() => 'ended')]);
  if (outcome === 'ended') throw new Error('The local stack did not start.');
  return {
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
};
