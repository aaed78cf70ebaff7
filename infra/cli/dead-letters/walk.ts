// Looks at every message of a queue without consuming one: what was received and not taken out is put back, also
// when the walk fails or is interrupted. After a crash the visibility timeout puts it back.

import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { MAX_BATCH_ENTRIES } from '../../../lib/queue/sqs-limits';
import { changeVisibility } from '../../../lib/queue/visibility';
import { EXIT, Failure } from '../failure';
import { plural } from '../layout';
import type { Queue } from '../target';
import { type Letter, readLetter } from './letter';

/** Enough for a walk over many; a crash hides what it held for as long. */
export const PEEK_SECONDS = 120;
/** Long polling asks all of SQS's servers, so that an empty answer means an empty queue. */
const WAIT_SECONDS = 1;

/** How long the last answer is waited for after Ctrl-C: a question takes a second at most. */
const LAST_ANSWER_MS = 3_000;

/** What could not be put back by then waits out its visibility. */
const PUT_BACK_MS = 20_000;

/** What `visit` says of the letters: those that are no longer on the queue. */
export type Visit = (letters: readonly Letter[]) => Promise<readonly Letter[]>;

/**
 * Each message once, in no order, as they come from SQS. One that arrived after the walk began is left alone: it may
 * be one that has just been retried and failed again.
 *
 * @param isFound ends the walk before it has seen all.
 */
export const walk = async (
  queue: Queue,
  signal: AbortSignal,
  visit: Visit,
  isFound: () => boolean = () => false,
): Promise<void> => {
  const held = new Map<string, string>();
  const [walked] = await Promise.allSettled([lookAtAll(queue, signal, visit, isFound, held)]);
  const hidden = await putBack(queue, [...held.values()]);
  if (walked.status === 'fulfilled') return;
  const isInterrupted = signal.aborted && !(walked.reason instanceof Failure) && held.size > 0;
  // Where some stay hidden, whoever looks again would wonder where they are.
  throw isInterrupted ? interrupted(held.size, hidden) : walked.reason;
};

/** @param held the receipt handles of what was received and not taken out, by the id of the message. */
const lookAtAll = async (
  queue: Queue,
  signal: AbortSignal,
  visit: Visit,
  isFound: () => boolean,
  held: Map<string, string>,
): Promise<void> => {
  const startedAtMs = Date.now();
  const receiving = abortedAfter(signal, LAST_ANSWER_MS);
  const seen = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const letters = await receive(queue, receiving);
    for (const letter of letters) held.set(letter.sqsMessageId, letter.receiptHandle);
    signal.throwIfAborted();
    const fresh = letters.filter(({ sqsMessageId }) => !seen.has(sqsMessageId));
    // Those that come a second time have waited out their visibility: the walk has come round.
    if (fresh.length === 0) return;
    for (const { sqsMessageId } of fresh) seen.add(sqsMessageId);
    const taken = await visit(fresh.filter(({ sentAtMs }) => sentAtMs <= startedAtMs));
    for (const { sqsMessageId } of taken) held.delete(sqsMessageId);
    if (isFound()) return;
  }
};

const interrupted = (held: number, hidden: number): Failure =>
  hidden === 0
    ? new Failure(
        `Interrupted. ${plural(held, 'dead letter')} that were looked at are back on the queue.`,
        'The same command looks at them again.',
        EXIT.interrupted,
      )
    : new Failure(
        `Interrupted. ${hidden} of ${plural(held, 'dead letter')} that were looked at are hidden for ${PEEK_SECONDS / 60} minutes.`,
        'SQS did not take them back at once. None is lost: wait that long, then look again.',
        EXIT.interrupted,
      );

/** What SQS gives out while nobody waits for its answer would be hidden, and nobody could put it back. */
const abortedAfter = (signal: AbortSignal, ms: number): AbortSignal => {
  const later = new AbortController();
  const abort = (): void => {
    setTimeout(() => later.abort(signal.reason), ms).unref();
  };
  signal.addEventListener('abort', abort, { once: true });
  return later.signal;
};

export interface Sample {
  /** Letters that were handed over. */
  readonly looked: number;
  /** About how many there were when the walk began, those in other hands included. */
  readonly whole: number;
}

/** A walk that says how much of the queue it has seen. */
export const sample = async (
  queue: Queue,
  signal: AbortSignal,
  visit: Visit,
  isFound?: () => boolean,
): Promise<Sample> => {
  const whole = await countAll(queue);
  let looked = 0;
  const counted: Visit = (letters) => {
    looked += letters.length;
    return visit(letters);
  };
  await walk(queue, signal, counted, isFound);
  return { looked, whole };
};

/** What it means for whoever reads of a part only; undefined after a look at all. */
export const describeSample = ({ looked, whole }: Sample): string | undefined =>
  looked < whole
    ? `Looked at ${looked.toLocaleString('en')} of about ${whole.toLocaleString('en')}: the others are in other hands, as what a killed command held is for ${PEEK_SECONDS / 60} minutes.`
    : undefined;

const countAll = async ({ sqs, url }: Queue): Promise<number> => {
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const { ApproximateNumberOfMessages: visible = 0, ApproximateNumberOfMessagesNotVisible: held = 0 } =
    attributes ?? {};
  return Number(visible) + Number(held);
};

const receive = async ({ sqs, url }: Queue, signal: AbortSignal): Promise<Letter[]> => {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: MAX_BATCH_ENTRIES,
    VisibilityTimeout: PEEK_SECONDS,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages: messages = [] } = await sqs.send(command, { abortSignal: signal });
  return messages.map(readLetter);
};

/** Answers how many SQS did not take. */
const putBack = ({ sqs, url }: Queue, receiptHandles: readonly string[]): Promise<number> => {
  const changes = receiptHandles.map((receiptHandle) => ({ receiptHandle, visibleInSeconds: 0 }));
  return changeVisibility(sqs, url, changes, AbortSignal.timeout(PUT_BACK_MS));
};
