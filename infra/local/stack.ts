// Everything of the local stack that is not a function: SQS, the Customer.io sandbox, a receiver in Segment's
// place, the endpoint over TLS, and the event sources between SQS and the functions. Stopping it drains what was already received and
// leaves the rest on the queue.

import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { usableSources } from '../../lib/config/settings';
import { firehoseHandler } from '../archive/firehose-stand-in';
import { folderStore } from '../archive/folder-store';
import { consoleHandler } from '../console/server/console-server';
import { endpointUrl, movedPorts, type Ports } from './addresses';
import { appendTo, archiveFolder, FIREHOSE_PATH, removeOldDays } from './archive-folder';
import { localCertificate } from './certificate';
import { localBackend, toLetter } from './console-backend';
import { type EventSource, startEventSource } from './event-source';
import type { DoorWatch } from './journal/door-watch';
import { restoreJournal } from './journal/restore';
import { StackWatch } from './journal/stack-watch';
import { workspacesIn } from './local-sources';
import { type QueueDefinition, queueDefinitions } from './queue-definitions';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox/server';
import { type SegmentReceiverOptions, startSegmentReceiver } from './segment-receiver';
import { type EventSourceConfig, eventSourceConfigs, type ServiceConfig } from './service-config';
import { type SentMessage, startSqsServer } from './sqs-server';
import { startTlsEndpoint } from './tls-endpoint';

export interface StackOptions {
  readonly service: ServiceConfig;
  readonly ports: Ports;
  /** Folder where SQS keeps its messages. */
  readonly dataDir: string;
  /** Folder of the certificate. */
  readonly certificateDir: string;
  readonly sandbox: Pick<SandboxOptions, 'onActivity' | 'onRejected'>;
  readonly segment: Pick<SegmentReceiverOptions, 'onEvent'>;
  /** Told of every message that is sent to a dead-letter queue. */
  readonly onDeadLetter: (message: SentMessage) => void;
  /** Told what made a batch fail. */
  readonly onProblem: (problem: string) => void;
}

export interface Stack {
  /** Told of the requests to the endpoint, whose server is not the stack's. */
  readonly door: DoorWatch;
  /** Of settings: whose sources have them are left out. */
  readonly mistakes: readonly string[];
  /** What SDKs that speak TLS must be told to trust. */
  readonly certificatePath: string;
  /** Connects the queues to their functions, once those can be invoked. */
  connect(invoke: (functionName: string, event: SQSEvent) => Promise<unknown>): void;
  stop(): Promise<void>;
}

/** Of the source `local` in infra/environment.yml, where none of your own has what is needed. */
const LOCAL = { name: 'local', writeKey: 'local', webhookSigningKeys: ['local'] };

/** @public the plugin requires it once the stack is wanted */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { service, ports, dataDir, onDeadLetter, onProblem } = options;
  const { region } = service.provider;
  const queues = queueDefinitions(service.resources?.Resources ?? {}, region);
  const watch = new StackWatch(service);
  const onSent = (message: SentMessage): void => watch.sent(message);
  const sqs = await startSqsServer({ port: ports.SQS_PORT, region, queues, dataDir, onDeadLetter, onSent });
  watch.sqs = sqs;
  const sources = usableSources(watch.settings);
  const reported = sources.find(({ webhookSigningKeys: keys }) => keys.length > 0) ?? LOCAL;
  const reportingWebhook = {
    endpoint: `${endpointUrl(ports)}/webhooks/customerio/${reported.name}`,
    signingKey: reported.webhookSigningKeys[0] ?? '',
  };
  const folder = archiveFolder(dataDir);
  await removeOldDays(folder);
  const waitingOn = (logicalId: string) => sqs.peek(nameOf(queues, logicalId)).map(toLetter);
  await restoreJournal(watch.journal, folderStore(folder), [
    { door: 'queue', letters: waitingOn('DeadLetterQueue') },
    { door: 'webhook', letters: waitingOn('ActivityDeadLetterQueue') },
  ]);
  const sandbox: Sandbox = await startSandbox({
    port: ports.SANDBOX_PORT,
    workspaces: workspacesIn(service.functions['consumer']?.environment?.['SOURCES']),
    reportingWebhook,
    neighbour: firehoseHandler(FIREHOSE_PATH, { store: appendTo(folder) }),
    onExchange: (report) => watch.answered(report),
    front: consoleHandler(
      localBackend({
        journal: watch.journal,
        samples: watch.samples,
        settings: watch.settings,
        discardFolder: join(dataDir, 'discarded'),
        arrived: () => segment.events(),
        sandbox: () => sandbox,
        sqs,
        endpointUrl: endpointUrl(ports),
        environment: movedPorts(ports),
        writeKeys: [...sources, LOCAL].map(({ name, writeKey }) => ({ source: name, writeKey })),
        eventQueue: nameOf(queues, 'EventQueue'),
        deadLetterQueues: [
          { name: nameOf(queues, 'DeadLetterQueue'), back: nameOf(queues, 'EventQueue') },
          { name: nameOf(queues, 'ActivityDeadLetterQueue'), back: nameOf(queues, 'ActivityQueue') },
        ],
      }),
    ),
    ...options.sandbox,
  });
  const segment = await startSegmentReceiver({
    port: ports.SEGMENT_PORT,
    writeKeys: sources.flatMap(({ segmentWriteKey }) => segmentWriteKey ?? []),
    ...options.segment,
  });
  const certificate = await localCertificate(options.certificateDir);
  const tls = await startTlsEndpoint(endpointUrl(ports), ports.TLS_PORT, certificate);
  const eventSources: EventSource[] = [];
  return {
    mistakes: watch.settings.mistakes,
    certificatePath: certificate.path,
    door: watch.door,
    connect: (invoke) => {
      for (const config of eventSourceConfigs(service)) {
        const { name, arn } = findQueue(queues, config);
        const source = startEventSource({
          ...config,
          sqs: sqs.client,
          queueUrl: sqs.queueUrl(name),
          queue: { arn, region },
          invoke: (event) =>
            watch.invocation(config.queueLogicalId, event, () => invoke(config.functionName, event)),
          onProblem,
        });
        eventSources.push(source);
      }
    },
    stop: async () => {
      watch.close();
      await Promise.all(eventSources.map((source) => source.stop()));
      await Promise.all([sqs.stop(), sandbox.close(), segment.close(), tls.close()]);
    },
  };
};

const nameOf = (queues: readonly QueueDefinition[], logicalId: string): string =>
  queues.find((queue) => queue.logicalId === logicalId)?.name ?? '';

const findQueue = (queues: readonly QueueDefinition[], config: EventSourceConfig): QueueDefinition => {
  const queue = queues.find(({ logicalId }) => logicalId === config.queueLogicalId);
  if (queue) return queue;
  throw new Error(
    `${config.functionName} reads the queue ${config.queueLogicalId}, which no fragment defines.`,
  );
};
