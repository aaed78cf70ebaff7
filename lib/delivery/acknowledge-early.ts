// Acknowledges the messages of a workspace that is done while another one hangs. Lambda deletes messages only when
// it has the whole answer; were the process killed before that, all of them would come again.

import { deleteMessages } from '../queue/delete-messages';
import type { Message } from '../queue/message';
import { sleep } from '../sleep';
import { Deadline } from './deadline';
import { ANSWER_RESERVE_MS } from './retry-policy';
import type { SettleContext } from './settle-context';

/** What became of a workspace's messages. */
export interface FinishedShare {
  readonly messages: ReadonlySet<Message>;
  /** The messages that must stay on the queue. */
  readonly kept: ReadonlySet<Message>;
}

/** When to begin with it: most invocations have ended by then, and Lambda's own delete costs nothing. */
export const ACKNOWLEDGE_AFTER_MS = 3_000;

/** Resolves when all shares are finished, and every acknowledgement that was begun meanwhile has ended. */
export const acknowledgeEarly = async (
  shares: readonly Promise<FinishedShare>[],
  context: SettleContext,
): Promise<void> => {
  if (shares.length < 2) return;
  const allFinished = new AbortController();
  const deadline = new Deadline(context.remainingMs, ANSWER_RESERVE_MS);
  const acknowledging = shares.map(async (finishing) => {
    const { messages, kept } = await finishing;
    await sleep(ACKNOWLEDGE_AFTER_MS, allFinished.signal);
    if (allFinished.signal.aborted) return;
    const done = [...messages].filter((message) => !kept.has(message));
    const handles = done.map(({ receiptHandle }) => receiptHandle);
    await deleteMessages(context.sqs, context.queueUrl, handles, deadline.signal);
  });
  await Promise.all(shares).finally(() => allFinished.abort());
  await Promise.all(acknowledging);
  deadline.clear();
};
