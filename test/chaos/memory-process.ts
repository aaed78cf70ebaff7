// One invocation of the real consumer in a process of its own, which tells the most memory it ever held.
// Without an event it only loads the function: that much is the runtime's own.

import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import { invoke } from './lambda-sandbox';
import type { MemoryReport } from './memory';

const FUNCTION_TIMEOUT_MS = 60_000;
const BYTES_PER_KB = 1_024;

/** On Linux `maxRSS` counts the parent in, as it was when it forked; the kernel's own mark does not. */
const peakBytes = (): number => {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS * BYTES_PER_KB;
  const [, peakKb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(peakKb ?? maxRSS) * BYTES_PER_KB;
};

const run = async (file: string | undefined): Promise<MemoryReport> => {
  if (file === undefined) return { peakBytes: peakBytes(), returned: 0 };
  const event: SQSEvent = JSON.parse(readFileSync(file, 'utf8'));
  const { batchItemFailures } = await invoke(event, FUNCTION_TIMEOUT_MS);
  return { peakBytes: peakBytes(), returned: batchItemFailures.length };
};

process.on('disconnect', () => process.exit(1));
run(process.argv[2]).then((report) => process.send?.({ kind: 'report', ...report }));
