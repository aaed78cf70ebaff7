// What surrounds the functions in a run: SQS, the settings and two workspaces of Customer.io in this process, the real
// ingest handler, and the environment that consumers get. Closing it leaves no port and no variable behind.

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type Fault, firehoseHandler } from '../../infra/archive/firehose-stand-in';
import { appendTo } from '../../infra/local/archive-folder';
import { LOCAL_ACCOUNT_ID, type QueueDefinition } from '../../infra/local/queue-definitions';
import type { Activity } from '../../infra/local/sandbox/activity-log';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../infra/local/sandbox/server';
import { type SqsServer, startSqsServer } from '../../infra/local/sqs-server';
import {
  FUNCTION_TIMEOUT_SECONDS,
  MAX_RECEIVE_COUNT,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../lib/delivery/retry-policy';
import { startServer } from '../support/http-server';
import type { ConsumerSettings } from './consumer-protocol';
import { type ParameterStore, startParameterStore } from './parameter-store';
import { OTHER_SOURCE } from './planned-event';
import type { Ingest } from './produce';

export interface WorldOptions {
  /** Default: as deployed. */
  readonly visibilityTimeoutSeconds?: number;
  /** Of the source; each consumer takes `1 / consumers` of it. */
  readonly requestsPerSecond: number;
  readonly consumers: number;
  readonly onActivity?: (activity: Activity) => void;
  /** How long Customer.io keeps an idle connection. */
  readonly keepAliveMs?: number;
  /** Folder for an archive of the source's events; Firehose fails now and then. */
  readonly archiveFolder?: string | undefined;
}

export interface World {
  readonly sandbox: Sandbox;
  /** Another workspace; the settings know its source, `OTHER_SOURCE`, from `addOther` on. */
  readonly other: Sandbox;
  readonly sqs: SqsServer;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly writeKey: string;
  readonly ingest: Ingest;
  /** For a consumer process. */
  environment(settings: RunSettings): Record<string, string>;
  addOther(): void;
  /** Messages on the event queue, those in flight among them. */
  backlog(): Promise<number>;
  close(): Promise<void>;
}

type RunSettings = Partial<Omit<ConsumerSettings, 'queueUrl' | 'queue' | 'customerIoHost'>>;

/** As deployed, but for batches, which are small. */
const DEFAULT_SETTINGS = {
  functionTimeoutMs: FUNCTION_TIMEOUT_SECONDS * 1_000,
  batchSize: 10,
  batchingWindowSeconds: 0,
  timeFactor: 1,
} as const;

const REGION = 'us-east-1';
const QUEUE_NAME = 'events';
const DEAD_LETTER_QUEUE_NAME = 'dead-letters';
const WRITE_KEY = 'local';
/** Longer than it takes to read the queue: what was read must not come again. */
const DEAD_LETTER_VISIBILITY_SECONDS = 3_600;

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const sqs = await startSqsServer({ port: 0, region: REGION, queues: queues(options) });
  const sandbox = await startSandbox(sandboxOptions(options));
  const other = await startSandbox(sandboxOptions(options));
  const store = await startParameterStore();
  const firehose = await startFirehose(options);
  const shop = sourceOf('shop', WRITE_KEY, sandbox, options);
  store.set(JSON.stringify([shop]));
  const [queueUrl, deadLetterQueueUrl] = [sqs.queueUrl(QUEUE_NAME), sqs.queueUrl(DEAD_LETTER_QUEUE_NAME)];
  const environment = { ...environmentOf(sqs, store, options), ...firehose?.environment };
  const restore = setEnvironment(environment);
  // Only now: its logger reads its level when it is loaded.
  const { handler: ingest } = await import('../../functions/ingest');
  return {
    sandbox,
    other,
    sqs,
    queueUrl,
    deadLetterQueueUrl,
    writeKey: WRITE_KEY,
    ingest,
    environment: (settings) => ({
      ...environment,
      CHAOS_CONSUMER: JSON.stringify({
        ...DEFAULT_SETTINGS,
        ...settings,
        queueUrl,
        queue: { arn: arnOf(QUEUE_NAME), region: REGION },
        customerIoHost: new URL(sandbox.url).host,
      } satisfies ConsumerSettings),
    }),
    addOther: () => {
      store.set(JSON.stringify([shop, sourceOf(OTHER_SOURCE, OTHER_SOURCE, other, options)]));
    },
    backlog: () => backlogOf(sqs, queueUrl),
    close: async () => {
      restore();
      await Promise.all([sandbox.close(), other.close(), store.close(), sqs.stop(), firehose?.close()]);
    },
  };
};

/** The Activity Log is listened to, not read. */
const sandboxOptions = ({ onActivity, keepAliveMs }: WorldOptions): SandboxOptions => ({
  keepActivities: 1,
  ...(onActivity !== undefined && { onActivity }),
  ...(keepAliveMs !== undefined && { keepAliveMs }),
});

const queues = ({
  visibilityTimeoutSeconds = VISIBILITY_TIMEOUT_SECONDS,
}: WorldOptions): QueueDefinition[] => {
  const redrive = { deadLetterTargetArn: arnOf(DEAD_LETTER_QUEUE_NAME), maxReceiveCount: MAX_RECEIVE_COUNT };
  return [
    queue(DEAD_LETTER_QUEUE_NAME, { VisibilityTimeout: String(DEAD_LETTER_VISIBILITY_SECONDS) }),
    queue(QUEUE_NAME, {
      VisibilityTimeout: String(visibilityTimeoutSeconds),
      RedrivePolicy: JSON.stringify(redrive),
    }),
  ];
};

const queue = (name: string, attributes: Readonly<Record<string, string>>): QueueDefinition => ({
  logicalId: name,
  name,
  arn: arnOf(name),
  attributes,
});

const arnOf = (name: string): string => `arn:aws:sqs:${REGION}:${LOCAL_ACCOUNT_ID}:${name}`;

const environmentOf = (
  { endpoint, queueUrl }: SqsServer,
  store: ParameterStore,
  { consumers }: WorldOptions,
): Record<string, string> => ({
  TZ: 'UTC',
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_SQS: endpoint,
  QUEUE_URL: queueUrl(QUEUE_NAME),
  DEAD_LETTER_QUEUE_URL: queueUrl(DEAD_LETTER_QUEUE_NAME),
  AWS_ENDPOINT_URL_SSM: store.url,
  // A name of its own, because ingest keeps what it has read for longer than a run.
  SOURCES_PARAMETER: `/chaos/${new URL(store.url).port}`,
  MAX_CONSUMERS: String(consumers),
  POWERTOOLS_LOG_LEVEL: 'ERROR',
  POWERTOOLS_METRICS_DISABLED: 'true',
});

const sourceOf = (
  name: string,
  writeKey: string,
  { url: trackUrl }: Sandbox,
  { requestsPerSecond, archiveFolder }: WorldOptions,
) => ({
  ...{ name, writeKey, siteId: 'local', apiKey: 'local', trackUrl, requestsPerSecond },
  ...(archiveFolder !== undefined && { archive: 'events', archiveRequired: true }),
});

/** Every fourth call fails, in one way after the other: what it did not take is tried again. */
const FIREHOSE_FAULTS: readonly Fault[] = ['some', 'twice', 'lost', 'unavailable', 'unplaced'];

const startFirehose = async ({ archiveFolder }: WorldOptions) => {
  if (archiveFolder === undefined) return undefined;
  let calls = 0;
  const fault = (): Fault | undefined => {
    calls += 1;
    return calls % 4 === 0 ? FIREHOSE_FAULTS[(calls / 4) % FIREHOSE_FAULTS.length] : undefined;
  };
  const handle = firehoseHandler('', { store: appendTo(archiveFolder), fault });
  const { url, close } = await startServer((request, response) => void handle(request, response));
  return { environment: { ARCHIVE_STREAM: 'chaos', AWS_ENDPOINT_URL_FIREHOSE: url }, close };
};

/** Answers how to undo it. */
const setEnvironment = (environment: Readonly<Record<string, string>>): (() => void) => {
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
};

const backlogOf = async ({ client }: SqsServer, queueUrl: string): Promise<number> => {
  const { Attributes: attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(attributes.ApproximateNumberOfMessages) +
    Number(attributes.ApproximateNumberOfMessagesNotVisible) +
    Number(attributes.ApproximateNumberOfMessagesDelayed)
  );
};
