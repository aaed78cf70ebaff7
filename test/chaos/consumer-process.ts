// One consumer in a process of its own that can be killed or frozen: the event source, the queue and the real
// handler. It is bundled as it is for Lambda (bundle.ts) and ends with its parent.

import { SQSClient } from '@aws-sdk/client-sqs';
import { startEventSource } from '../../infra/local/event-source';
import { sqs } from '../../lib/queue/client';
import type { ConsumerSettings } from './consumer-protocol';
import { endWithParent, invoke, tell, tellRequests } from './lambda-sandbox';

const settings: ConsumerSettings = JSON.parse(process.env['CHAOS_CONSUMER'] ?? '');

/** What comes back by its visibility, or is put back with a delay. */
interface Waiting {
  VisibilityTimeout?: number;
  DelaySeconds?: number;
}

const compress = (entry: Waiting, field: keyof Waiting): void => {
  const seconds = entry[field];
  if (seconds !== undefined) entry[field] = Math.ceil(seconds / settings.timeFactor);
};

/** Time passes faster on the queue than on a clock: each wait that the engine orders is this much shorter. */
const compressBackoffs = (): void => {
  sqs.middlewareStack.add(
    (next) => (args) => {
      const { Entries: entries } = args.input as { Entries?: Waiting[] };
      for (const entry of entries ?? []) {
        compress(entry, 'VisibilityTimeout');
        compress(entry, 'DelaySeconds');
      }
      return next(args);
    },
    { step: 'initialize', name: 'compressBackoffs' },
  );
};

compressBackoffs();
tellRequests(settings.customerIoHost);

const source = startEventSource({
  sqs: new SQSClient({}),
  queueUrl: settings.queueUrl,
  queue: settings.queue,
  batchSize: settings.batchSize,
  batchingWindowSeconds: settings.batchingWindowSeconds,
  maximumConcurrency: 1,
  reportsBatchItemFailures: true,
  invoke: (event) => invoke(event, settings.functionTimeoutMs),
  onProblem: (problem) => tell({ kind: 'problem', problem }),
});

endWithParent(() => source.stop());
tell({ kind: 'ready' });
