// One consumer whose queue never runs dry: the next invocation starts as soon as the last has ended. The queue
// itself is left out, because moving its messages would take more of the machine than the consumer does.

import { recordOf } from '../support/sqs-record';
import { eventsOfOneRequest } from './backlog';
import type { ConsumerSettings } from './consumer-protocol';
import { invoke, tell, tellRequests } from './lambda-sandbox';

const { customerIoHost, functionTimeoutMs }: ConsumerSettings = JSON.parse(
  process.env['CHAOS_CONSUMER'] ?? '',
);

const body = JSON.stringify(eventsOfOneRequest(0));
/** Invocations of one request and of several: the rate must hold within them and across them. */
const REQUESTS_BY_INVOCATION = [12, 1, 8, 3];

const eventWith = (requests: number) => ({
  Records: Array.from({ length: requests }, (_, index) => recordOf({ messageId: `message-${index}`, body })),
});

const run = async (): Promise<never> => {
  for (let turn = 0; ; turn += 1) {
    const requests = REQUESTS_BY_INVOCATION[turn % REQUESTS_BY_INVOCATION.length] ?? 1;
    await invoke(eventWith(requests), functionTimeoutMs);
  }
};

tellRequests(customerIoHost);
process.on('disconnect', () => process.exit(1));
tell({ kind: 'ready' });
void run();
