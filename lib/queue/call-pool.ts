// Makes calls to SQS beside each other, a bounded number at a time: thousands of messages must be done within
// the seconds that an invocation has left, and no more connections are open than the client allows.

import { MAX_BATCH_ENTRIES } from './sqs-limits';

export const MAX_CALLS_IN_FLIGHT = 20;

/** Calls once for each batch; resolves with the answers, in the order of the batches. `call` must not reject. */
export const callForEach = async <Batch, Answer>(
  batches: readonly Batch[],
  call: (batch: Batch) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers: Answer[] = [];
  const entries = batches.entries();
  const work = async (): Promise<void> => {
    for (const [index, batch] of entries) answers[index] = await call(batch);
  };
  await Promise.all(Array.from({ length: Math.min(MAX_CALLS_IN_FLIGHT, batches.length) }, work));
  return answers;
};

/** The entries in the order given, in batches of as many as one call takes. */
export const inCalls = <Entry>(entries: readonly Entry[]): Entry[][] =>
  Array.from({ length: Math.ceil(entries.length / MAX_BATCH_ENTRIES) }, (_, index) =>
    entries.slice(index * MAX_BATCH_ENTRIES, (index + 1) * MAX_BATCH_ENTRIES),
  );
