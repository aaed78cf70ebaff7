// The local stack as the console's backend: the journal, the sandbox, the queues and the endpoint of this machine.

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { ParsedSettings } from '../../lib/config/settings';
import { type Letter, readLetter } from '../cli/dead-letters/letter';
import type { Queue } from '../cli/target';
import type { ConsoleBackend, Pipeline, PipelineQuery, SendTo, Sent, SourceKey } from '../console/contract';
import { deadLetterQueues } from '../console/server/dead-letter-queues';
import { previewSources } from '../console/server/preview-sources';
import { attributeHistory } from './journal/attribute-history';
import type { Journal } from './journal/journal';
import { RANGES, type Sampler } from './journal/sampler';
import { parseFaults } from './sandbox/api/faults';
import type { Sandbox } from './sandbox/server';
import type { Workspace } from './sandbox/workspace';
import type { PeekedMessage, SqsServer } from './sqs-server';

export interface LocalBackendOptions {
  readonly journal: Journal;
  /** Asked for at each use: the sandbox starts after its front. */
  readonly sandbox: () => Sandbox;
  readonly samples: Pick<Sampler, 'read'>;
  readonly settings: ParsedSettings;
  /** What Segment's stand-in has, newest first. */
  readonly arrived: () => readonly unknown[];
  readonly sqs: SqsServer;
  readonly endpointUrl: string;
  /** What a command must be given to find this stack. */
  readonly environment: string;
  /** That of the first source first. */
  readonly writeKeys: readonly SourceKey[];
  /** Name of the queue of events. */
  readonly eventQueue: string;
  /** Each queue for dead letters, and the one that its letters go back to; that of events first. */
  readonly deadLetterQueues: readonly { readonly name: string; readonly back: string }[];
  /** Where discarded dead letters are kept. */
  readonly discardFolder: string;
}

const READ_EVERY_MS = 1_000;

export const localBackend = (options: LocalBackendOptions): ConsoleBackend => {
  const { journal, sandbox, endpointUrl, environment, writeKeys } = options;
  const workspaceOf = (name: string): Workspace => sandbox().workspaces.get(name) ?? sandbox().workspace;
  return {
    info: {
      kind: 'local',
      title: 'This machine',
      note: 'Nothing leaves it.',
      keeps: { events: journal.capacity, bytes: journal.maxBytes },
      endpoint: { url: endpointUrl, writeKeys },
      environment,
      readEveryMs: READ_EVERY_MS,
    },
    events: {
      run: journal.run,
      list: () => journal.list(),
      detail: (number) => journal.detail(number),
      search: (words) => journal.search(words),
      listen: (listener) => journal.listen(listener),
    },
    customerIo: {
      workspaces: () => [...sandbox().workspaces.keys()],
      activities: (name, limit) => {
        const workspace = workspaceOf(name);
        return { newest: workspace.activities(limit), total: workspace.activityCount };
      },
      people: (name) => workspaceOf(name).listPeople(),
      objects: (name) => workspaceOf(name).listObjects(),
      history: (name, cioId) => attributeHistory(cioId, workspaceOf(name).activities(), journal.all()),
    },
    pipeline: { ranges: RANGES, ways: ['Customer.io'], read: async (query) => readPipeline(options, query) },
    sources: async () => previewSources(options.settings),
    reporting: {
      emit: (report) => emit(sandbox(), report),
      webhooks: () => sandbox().reporter?.webhooks() ?? [],
      arrived: options.arrived,
    },
    send: (to, body) => send(options, to, body),
    deadLetters: localDeadLetters(options),
    faults: {
      get: () => sandbox().faults(),
      set: (faults) => {
        const parsed = parseFaults(faults);
        if (!parsed.ok) return parsed.mistakes.join('; ');
        sandbox().setFaults(parsed.faults);
        return undefined;
      },
    },
  };
};

/** What waits now is that of all sources together. */
const readPipeline = (
  { samples, sqs, eventQueue, deadLetterQueues: [letters] }: LocalBackendOptions,
  query: PipelineQuery,
): Pipeline => {
  const read = samples.read(query);
  const queue = sqs.now(eventQueue).get('');
  if (query.source !== '' || queue === undefined || letters === undefined) return read;
  const { waiting, inFlight } = queue;
  return { ...read, now: { waiting, inFlight, deadLetters: sqs.peek(letters.name).length } };
};

const emit = ({ reporter, workspace }: Sandbox, report: unknown): string | undefined => {
  const emitted = reporter?.emit(report, workspace.listPeople().at(-1)?.identifiers);
  if (emitted === undefined) return 'The sandbox was started without an endpoint to report to.';
  return emitted.ok ? undefined : emitted.mistakes.join('; ');
};

const send = (options: LocalBackendOptions, to: SendTo, body: string): Promise<Sent> =>
  to === 'http' ? sendByHttp(options, body) : sendToQueue(options, body);

/** `/v1/batch` takes a single event too. */
const sendByHttp = async ({ endpointUrl, writeKeys }: LocalBackendOptions, body: string): Promise<Sent> => {
  const authorization = `Basic ${Buffer.from(`${writeKeys[0]?.writeKey}:`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${endpointUrl}/v1/batch`, { method: 'POST', headers, body });
  return { ok: response.ok, answer: `${response.status} ${await response.text()}` };
};

const sendToQueue = async ({ sqs, eventQueue }: LocalBackendOptions, body: string): Promise<Sent> => {
  const { MessageId: id } = await sqs.client.send(
    new SendMessageCommand({ QueueUrl: sqs.queueUrl(eventQueue), MessageBody: body }),
  );
  return { ok: true, answer: `SQS message ${id}` };
};

/** Read without receiving them, which nobody but this machine can. */
const localDeadLetters = ({ sqs, deadLetterQueues: queues, discardFolder }: LocalBackendOptions) => {
  const queueOf = (name: string): Queue => ({ sqs: sqs.client, url: sqs.queueUrl(name), name });
  return deadLetterQueues({
    queues: queues.map(({ name, back }) => ({ deadLetters: queueOf(name), origin: queueOf(back) })),
    read: async ({ name }, limit) => sqs.peek(name).slice(0, limit).map(toLetter),
    countAll: async ({ name }) => sqs.peek(name).length,
    discardFolder,
    signal: new AbortController().signal,
  });
};

export const toLetter = ({ sqsMessageId, body, attributes, sentAtMs }: PeekedMessage): Letter =>
  readLetter({
    MessageId: sqsMessageId,
    Body: body,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
    Attributes: { SentTimestamp: `${sentAtMs}` },
  });
