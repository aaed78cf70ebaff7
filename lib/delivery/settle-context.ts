// What settling needs around it.

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Archive } from '../archive/archive';
import type { AsDeadLetter } from './connector';
import type { Random } from './retry-policy';

export interface SettleContext {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
  readonly random: Random;
  readonly now: () => Date;
  /** How a dead letter holds the event; left out, it holds it as it came. */
  readonly asDeadLetter?: AsDeadLetter | undefined;
  /** Left out, nothing is archived. */
  readonly archive?: Archive | undefined;
}
