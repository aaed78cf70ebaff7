// `relay` run in this process: what it writes, what it answers, and a stage of its own on the in-process SQS.

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Io } from '../../infra/cli/io';
import { runRelay } from '../../infra/cli/run';
import { queueDefinitions } from '../../infra/local/queue-definitions';
import { type SqsServer, startSqsServer } from '../../infra/local/sqs-server';
import { type ParameterServer, startParameterServer } from './parameter-server';

const REGION = 'us-east-1';
const PARAMETER = '/cio-relay/test/sources';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Readable;
  /** What a person types when asked. */
  readonly answer?: string;
  readonly signal?: AbortSignal;
  /** Default: no colours, as where standard output is no terminal. */
  readonly paint?: Io['paint'];
  /** Told of each result as it is written. */
  readonly onOut?: (text: string) => void;
}

export const relayCli = async (argv: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
  const written = { out: '', err: '' };
  const { answer } = options;
  const err = (text: string): void => {
    written.err += `${text}\n`;
  };
  const asked = async (question: string): Promise<string> => {
    err(question);
    return answer ?? '';
  };
  const io: Io = {
    out: (text) => {
      written.out += `${text}\n`;
      options.onOut?.(text);
    },
    err,
    ask: answer === undefined ? undefined : asked,
    stdin: options.stdin ?? Readable.from([]),
    progressStream: undefined,
    paint: options.paint ?? ((_, text) => text),
    env: { AWS_REGION: REGION, ...options.env },
    signal: options.signal ?? new AbortController().signal,
  };
  return { code: await runRelay(argv, io), ...written };
};

export type QueueSuffix = 'events' | 'dead-letters' | 'activity' | 'activity-dead-letters';

export interface Stage {
  readonly sqs: SqsServer;
  readonly parameters: ParameterServer;
  /** For a process of its own. */
  readonly env: Readonly<Record<string, string>>;
  setSources(sources: readonly object[]): void;
  run(argv: string, options?: RunOptions): Promise<Outcome>;
  queueUrl(queue: QueueSuffix): string;
  put(queue: QueueSuffix, body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  /** Takes everything off the queue. */
  takeAll(queue: QueueSuffix): Promise<Message[]>;
  /** What could be received now. */
  count(queue: QueueSuffix): Promise<number>;
  stop(): Promise<void>;
}

/** Not among the package's exports. */
const FAUXQS_STORE = join(__dirname, '../../node_modules/fauxqs/dist/sqs/sqsStore.js');
/** A second that a command waits at an empty queue, for what may still come of SQS's many servers, passes in so much of it. */
const WAIT_SHARE = 1 / 50;

const shortenWaits = async (): Promise<void> => {
  const { SqsQueue } = await import(pathToFileURL(FAUXQS_STORE).href);
  const { waitForMessages } = SqsQueue.prototype;
  SqsQueue.prototype.waitForMessages = function (seconds: number): Promise<void> {
    return Reflect.apply(waitForMessages, this, [seconds * WAIT_SHARE]);
  };
};

let shortened: Promise<void> | undefined;

/** The stage `test`, with the queues and redrive policies of infra/queues.yml. */
export const startStage = async (): Promise<Stage> => {
  shortened ??= shortenWaits();
  await shortened;
  const sqs = await startSqsServer({ port: 0, region: REGION, queues: queuesOf('test') });
  const queueUrl = (queue: QueueSuffix): string => sqs.queueUrl(`cio-relay-test-${queue}`);
  const parameters = await startParameterServer();
  // Of the rest of AWS nothing answers, whatever a test forgets to put in its place.
  const env = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_ENDPOINT_URL_SSM: parameters.url,
  };
  Object.assign(process.env, env);
  return {
    sqs,
    parameters,
    env: { ...env, AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    setSources: (sources) => parameters.versions.set(PARAMETER, [JSON.stringify(sources)]),
    queueUrl,
    run: (argv, options = {}) =>
      relayCli([...argv.split(' '), '--stage', 'test'], {
        ...options,
        env: { ...env, ...options.env },
      }),
    put: async (queue, body, attributes = {}) => {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      const command = { QueueUrl: queueUrl(queue), MessageBody: body, MessageAttributes };
      await sqs.client.send(new SendMessageCommand(command));
    },
    takeAll: (queue) => takeAll(sqs, queueUrl(queue)),
    count: async (queue) => {
      const { Attributes: attributes } = await sqs.client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl(queue),
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      return Number(attributes?.ApproximateNumberOfMessages);
    },
    stop: async () => {
      for (const name of Object.keys(env)) delete process.env[name];
      await Promise.all([sqs.stop(), parameters.close()]);
    },
  };
};

const takeAll = async (sqs: SqsServer, url: string): Promise<Message[]> => {
  const { Messages: messages = [] } = await sqs.client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 3_600,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return messages.length === 0 ? [] : [...messages, ...(await takeAll(sqs, url))];
};

const queuesOf = (stage: string) => {
  const queue = (name: string, deadLetters?: string) => ({
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `cio-relay-${stage}-${name}`,
      ...(deadLetters && {
        RedrivePolicy: {
          deadLetterTargetArn: `arn:aws:sqs:${REGION}:000000000000:cio-relay-${stage}-${deadLetters}`,
          maxReceiveCount: 500,
        },
      }),
    },
  });
  return queueDefinitions(
    {
      DeadLetterQueue: queue('dead-letters'),
      EventQueue: queue('events', 'dead-letters'),
      ActivityDeadLetterQueue: queue('activity-dead-letters'),
      ActivityQueue: queue('activity', 'activity-dead-letters'),
    },
    REGION,
  );
};
