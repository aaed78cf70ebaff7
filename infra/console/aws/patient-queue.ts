// A queue whose every call ends in time: one that SQS does not answer is given up, and that is said in words.

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../../cli/target';

type Send = (command: unknown, options?: { readonly abortSignal?: AbortSignal }) => Promise<unknown>;

/** By the same client; its other callers keep their own patience. */
export const patientQueue = (queue: Queue, patienceMs: number): Queue => {
  const ask: Send = (command, options) => Reflect.apply(queue.sqs.send, queue.sqs, [command, options]);
  const send: Send = async (command, options = {}) => {
    const patience = new AbortController();
    const others = options.abortSignal === undefined ? [] : [options.abortSignal];
    const abortSignal = AbortSignal.any([patience.signal, ...others]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Before the signal, which has the client say that it was interrupted.
        reject(new Error(`SQS did not answer within ${patienceMs / 1_000} seconds.`));
        patience.abort();
      }, patienceMs);
    });
    try {
      return await Promise.race([ask(command, { ...options, abortSignal }), late]);
    } finally {
      clearTimeout(timer);
    }
  };
  return { ...queue, sqs: Object.create(queue.sqs, { send: { value: send } }) as SQSClient };
};
