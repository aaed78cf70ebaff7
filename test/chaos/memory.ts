// How much memory one invocation takes: the largest that Lambda hands over, in a fresh process.

import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { recordOf } from '../support/sqs-record';
import { bundle } from './bundle';

export interface MemoryReport {
  /** Most resident memory at any moment. */
  readonly peakBytes: number;
  /** Messages named as failed. */
  readonly returned: number;
}

export interface Measurement {
  /** Of an invocation above what the process takes that only loads the function. */
  readonly aboveIdleBytes: number;
  readonly idleBytes: number;
  readonly returned: number;
}

/** Lambda's limit for the event of one invocation, as JSON. */
export const MAX_PAYLOAD_BYTES = 6 * 1_024 * 1_024;
const EVENTS_PER_MESSAGE = 100;

/** @param environment what the function reads. */
export const measureMemory = async (
  event: SQSEvent,
  environment: Readonly<Record<string, string>>,
): Promise<Measurement> => {
  const processBundle = await bundle('test/chaos/memory-process.ts');
  try {
    const file = join(dirname(processBundle.file), 'event.json');
    await writeFile(file, JSON.stringify(event));
    const idle = await runProcess(processBundle.file, [], environment);
    const busy = await runProcess(processBundle.file, [file], environment);
    const { peakBytes: idleBytes } = idle;
    return { aboveIdleBytes: busy.peakBytes - idleBytes, idleBytes, returned: busy.returned };
  } finally {
    processBundle.remove();
  }
};

const runProcess = (
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<MemoryReport> =>
  new Promise((resolve, reject) => {
    const child = fork(file, args, {
      execArgv: [],
      env: { ...environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message: MemoryReport & { kind: string }) => {
      if (message.kind !== 'report') return;
      resolve(message);
      child.kill('SIGKILL');
    });
    child.on('exit', (code) => reject(new Error(`The process ended with ${code} before it reported.`)));
  });

/** As many events as are asked for, each made of its number, in messages that fill a payload to the last event. */
export const fullPayload = (events: number, eventOf: (number: number, text: string) => object): SQSEvent => {
  const withText = (characters: number): SQSEvent => {
    const text = 'x'.repeat(characters);
    const records = Array.from({ length: events / EVENTS_PER_MESSAGE }, (_, message) =>
      recordWith(message, (index) => eventOf(message * EVENTS_PER_MESSAGE + index, text)),
    );
    return { Records: records };
  };
  const spareBytes = MAX_PAYLOAD_BYTES - JSON.stringify(withText(0)).length;
  return withText(Math.floor(spareBytes / events));
};

const recordWith = (message: number, eventOf: (index: number) => object): SQSRecord =>
  recordOf({
    messageId: `message-${message}`,
    body: Array.from({ length: EVENTS_PER_MESSAGE }, (_, index) => eventOf(index)),
  });
