// SQS's own move of a whole dead-letter queue: it runs in SQS, so that closing the terminal does not end it.

import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Queue } from '../target';

/** What SQS takes at most. */
export const MAX_MOVES_PER_SECOND = 500;
const POLL_MS = 1_000;

export const countMessages = async ({ sqs, url }: Queue): Promise<number> => {
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(attributes?.ApproximateNumberOfMessages ?? 0);
};

export const arnOf = async ({ sqs, url }: Queue): Promise<string> => {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
  return (await sqs.send(command)).Attributes?.QueueArn ?? '';
};

/** The destination is named: most dead letters were put there by the relay, and SQS knows no source of theirs. */
export const startMove = async (from: Queue, to: Queue, perSecond: number): Promise<void> => {
  await from.sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: await arnOf(from),
      DestinationArn: await arnOf(to),
      MaxNumberOfMessagesPerSecond: perSecond,
    }),
  );
};

/** The last move of this queue; undefined when there was none. */
const latestMove = async (
  { sqs }: Queue,
  SourceArn: string,
): Promise<ListMessageMoveTasksResultEntry | undefined> => {
  const { Results: [task] = [] } = await sqs.send(
    new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }),
  );
  return task;
};

const isGoingOn = (task: ListMessageMoveTasksResultEntry | undefined): boolean =>
  task?.Status === 'RUNNING' || task?.Status === 'CANCELLING';

/** Whether a move runs already. SQS allows one for each queue; it goes on without the command that started it. */
export const isBeingMoved = async (from: Queue): Promise<boolean> =>
  isGoingOn(await latestMove(from, await arnOf(from)));

/** Answers what was moved before the move was ended; undefined when none goes on. */
export const cancelMove = async (from: Queue): Promise<number | undefined> => {
  // Only a move that goes on has a handle.
  const { TaskHandle } = (await latestMove(from, await arnOf(from))) ?? {};
  if (TaskHandle === undefined) return undefined;
  try {
    const ended = await from.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    return ended.ApproximateNumberOfMessagesMoved ?? 0;
  } catch (error) {
    // It has come to its end meanwhile.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
};

/** Until the task has ended; `onProgress` is told what it has moved. */
export const followMove = async (
  from: Queue,
  signal: AbortSignal,
  onProgress: (moved: number) => void,
): Promise<ListMessageMoveTasksResultEntry> => {
  const SourceArn = await arnOf(from);
  for (;;) {
    const task = (await latestMove(from, SourceArn)) ?? {};
    onProgress(task.ApproximateNumberOfMessagesMoved ?? 0);
    if (!isGoingOn(task)) return task;
    await delay(POLL_MS, undefined, { signal });
  }
};
