// One consumer whose queue never runs dry: the next invocation starts as soon as the last has ended. The queue
// itself is left out, because moving its messages would take more of the machine than the consumer does.

import type { SQSEvent } from 'aws-lambda';
import { recordOf } from '../support/sqs-record';
import { eventsOfOneRequest } from './backlog';
import type { ConsumerSettings } from './consumer-protocol';
import { endWithParent, invoke, tell, tellRequests } from './lambda-sandbox';

const { customerIoHost, functionTimeoutMs }: ConsumerSettings = JSON.parse(
  process.env['CHAOS_CONSUMER'] ?? '',
);

/** What one request holds at most, and hardly anything: the rate is one of requests, not of bytes. */
const [LARGE, SMALL] = [
  JSON.stringify(eventsOfOneRequest(0)),
  JSON.stringify(eventsOfOneRequest(0).slice(0, 1)),
];
/** The most that fits an invocation, then some of one request: the rate must hold within them and across them. */
const LARGE_REQUESTS = 12;
const SMALL_INVOCATIONS = 30;

const eventOf = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, index) => recordOf({ messageId: `message-${index}`, body })),
});

let isStopping = false;

const invokeAll = async (events: readonly SQSEvent[]): Promise<void> => {
  for (const event of events) {
    if (isStopping) return;
    await invoke(event, functionTimeoutMs);
  }
};

const ROUND: readonly SQSEvent[] = [
  eventOf(Array(LARGE_REQUESTS).fill(LARGE)),
  ...Array.from({ length: SMALL_INVOCATIONS }, () => eventOf([SMALL])),
];

const run = async (): Promise<void> => {
  while (!isStopping) await invokeAll(ROUND);
};

tellRequests(customerIoHost);
tell({ kind: 'ready' });
const running = run();
endWithParent(() => {
  isStopping = true;
  return running;
});
