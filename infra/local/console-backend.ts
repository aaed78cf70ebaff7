// The local stack as the console's backend: the journal, the sandbox, the queues and the endpoint of this machine.

import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { ConsoleBackend, DeadLetter, Pipeline, SendTo, Sent } from '../console/contract';
import type { Journal } from './journal/journal';
import { parseFaults } from './sandbox/api/faults';
import type { Sandbox } from './sandbox/server';
import type { PeekedMessage, SqsServer } from './sqs-server';

export interface LocalBackendOptions {
  readonly journal: Journal;
  /** Asked for at each use: the sandbox starts after its front. */
  readonly sandbox: () => Sandbox;
  readonly pipeline: () => Pipeline;
  /** What Segment's stand-in has, newest first. */
  readonly arrived: () => readonly unknown[];
  readonly sqs: SqsServer;
  readonly endpointUrl: string;
  readonly writeKey: string;
  /** Name of the queue of events. */
  readonly eventQueue: string;
  /** Each queue for dead letters, and the one that its letters go back to. */
  readonly deadLetterQueues: readonly { readonly name: string; readonly back: string }[];
}

export const localBackend = (options: LocalBackendOptions): ConsoleBackend => {
  const { journal, sandbox, endpointUrl, writeKey } = options;
  return {
    info: {
      kind: 'local',
      title: 'This machine',
      keepsEvents: journal.capacity,
      endpoint: { url: endpointUrl, writeKey },
    },
    events: {
      list: () => journal.list(),
      detail: (number) => journal.detail(number),
      listen: (listener) => journal.listen(listener),
    },
    customerIo: {
      activities: (limit) => sandbox().workspace.activities(limit),
      people: () => sandbox().workspace.listPeople(),
      objects: () => sandbox().workspace.listObjects(),
    },
    pipeline: options.pipeline,
    reporting: {
      emit: (report) => emit(sandbox(), report),
      webhooks: () => sandbox().reporter?.webhooks() ?? [],
      arrived: options.arrived,
    },
    send: (to, body) => send(options, to, body),
    deadLetters: {
      list: async () => allLetters(options).map(({ letter }) => letter),
      sendAgain: (id, body) => sendAgain(options, id, body),
      discard: (id) => takeAway(options, find(options, id)),
    },
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

const emit = ({ reporter, workspace }: Sandbox, report: unknown): string | undefined => {
  const emitted = reporter?.emit(report, workspace.listPeople().at(-1)?.identifiers);
  if (emitted === undefined) return 'The sandbox was started without an endpoint to report to.';
  return emitted.ok ? undefined : emitted.mistakes.join('; ');
};

const send = (options: LocalBackendOptions, to: SendTo, body: string): Promise<Sent> =>
  to === 'http' ? sendByHttp(options, body) : sendToQueue(options, body);

/** `/v1/batch` takes a single event too. */
const sendByHttp = async ({ endpointUrl, writeKey }: LocalBackendOptions, body: string): Promise<Sent> => {
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
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

interface Found {
  readonly letter: DeadLetter;
  readonly message: PeekedMessage;
  readonly back: string;
}

const allLetters = ({ sqs, deadLetterQueues }: LocalBackendOptions): Found[] =>
  deadLetterQueues.flatMap(({ name, back }) =>
    sqs.peek(name).map((message) => ({ letter: toLetter(name, message), message, back })),
  );

const toLetter = (
  queue: string,
  { sqsMessageId, body, attributes, sentAtMs }: PeekedMessage,
): DeadLetter => ({
  id: sqsMessageId,
  queue,
  body,
  reason: attributes['reason'] ?? 'gave_up',
  detail: attributes['detail'] ?? 'SQS moved it here after it had been received too often.',
  source: attributes['source'] ?? '',
  messageId: attributes['messageId'] ?? '',
  failedAt: Date.parse(attributes['failedAt'] ?? '') || sentAtMs,
});

const find = (options: LocalBackendOptions, id: string): Found => {
  const found = allLetters(options).find(({ letter }) => letter.id === id);
  if (found === undefined) throw new Error('This dead letter is not there any more.');
  return found;
};

/** Stored on its queue first, then taken away: between the two it may be there twice, but never gone. */
const sendAgain = async (options: LocalBackendOptions, id: string, body?: string): Promise<void> => {
  const found = find(options, id);
  const { sqs } = options;
  const attributes = Object.entries(found.message.attributes).map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value }] as const,
  );
  await sqs.client.send(
    new SendMessageCommand({
      QueueUrl: sqs.queueUrl(found.back),
      MessageBody: body ?? found.letter.body,
      MessageAttributes: Object.fromEntries(attributes),
    }),
  );
  await takeAway(options, found);
};

const MAX_RECEIVES = 200;

/** SQS deletes by receipt handle alone, so that messages are received until it is among them. */
const takeAway = async ({ sqs }: LocalBackendOptions, { letter }: Found): Promise<void> => {
  const QueueUrl = sqs.queueUrl(letter.queue);
  for (let round = 0; round < MAX_RECEIVES; round += 1) {
    const { Messages: messages = [] } = await sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 2 }),
    );
    const wanted = messages.find(({ MessageId: id }) => id === letter.id);
    if (wanted !== undefined) {
      await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: wanted.ReceiptHandle }));
      return;
    }
  }
  throw new Error('The dead letter is held by somebody else. Try again in a moment.');
};
