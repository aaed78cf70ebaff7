// A stand-in for the end of the way out: it takes Segment's `/v1/batch` as Segment does, keeps the events and
// shows them. It is stricter in one thing: what Segment answers 200 to and drops, it refuses aloud.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { refusalOf } from '../console/server/guard';
import { HOST } from './addresses';
import { closeServer, listen } from './listen';
import { type JsonAnswer, parseJson, receiveBody, sendAnswer } from './sandbox/api/http';
import { Recent } from './sandbox/recent';

export interface SegmentReceiverOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** The write keys that are taken; default `local` alone. */
  readonly writeKeys?: readonly string[];
  /** Called for every event that is kept. */
  readonly onEvent?: (event: JsonObject) => void;
}

export interface SegmentReceiver {
  /** Base URL, without a slash at the end: what `segmentUrl` is set to. */
  readonly url: string;
  readonly port: number;
  /** Newest first. */
  events(): JsonObject[];
  /** Ends at once: open connections are cut. */
  close(): Promise<void>;
}

const MAX_BATCH_BYTES = 500_000;
const MAX_BATCH_EVENTS = 2_500;
const MAX_EVENT_BYTES = 32_768;
const KEEP_EVENTS = 10_000;
const DEFAULT_WRITE_KEYS = ['local'];

/** @throws when the port is taken. */
export const startSegmentReceiver = async (
  options: SegmentReceiverOptions = {},
): Promise<SegmentReceiver> => {
  const inbox = new Inbox(options.onEvent);
  const writeKeys = new Set(options.writeKeys ?? DEFAULT_WRITE_KEYS);
  const server = createServer((request, response) => void serve(request, response, writeKeys, inbox));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    port,
    events: () => inbox.newestFirst(),
    close: () => closeServer(server),
  };
};

/** Every event once: Segment drops a second one with the same `messageId`. */
class Inbox {
  private readonly events = new Recent<JsonObject>(KEEP_EVENTS);
  private readonly messageIds = new Set<unknown>();

  constructor(private readonly onEvent: ((event: JsonObject) => void) | undefined) {}

  add(event: JsonObject): void {
    const { messageId } = event;
    if (messageId !== undefined && this.messageIds.has(messageId)) return;
    this.messageIds.add(messageId);
    this.events.add(event);
    this.onEvent?.(event);
  }

  newestFirst(): JsonObject[] {
    return this.events.newestFirst();
  }
}

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  writeKeys: ReadonlySet<string>,
  inbox: Inbox,
): Promise<void> => {
  const body = await receiveBody(request, MAX_BATCH_BYTES);
  if (body.kind === 'aborted') return;
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /events') return sendAnswer(response, listing(request, inbox));
  if (route !== 'POST /v1/batch') return sendAnswer(response, refuse(404, `there is no ${route}`));
  if (!writeKeys.has(userOf(request))) return sendAnswer(response, refuse(401, 'the write key is not known'));
  if (body.kind !== 'bytes')
    return sendAnswer(response, refuse(400, `over ${MAX_BATCH_BYTES} bytes, or bad gzip`));
  sendAnswer(response, receive(body.bytes, inbox));
};

/** It asks for no key, and any web page can make a browser ask. */
const listing = (request: IncomingMessage, inbox: Inbox): JsonAnswer => {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refuse(403, `refused: ${refusal}`);
  return { status: 200, body: { events: inbox.newestFirst() } };
};

/** Basic auth: the write key is the user, and there is no password. */
const userOf = ({ headers }: IncomingMessage): string => {
  const [scheme = '', encoded = ''] = (headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(encoded, 'base64').toString().split(':', 1)[0] ?? '';
};

const receive = (bytes: Buffer, inbox: Inbox): JsonAnswer => {
  const json = parseJson(bytes);
  const batch = json.ok && isObject(json.value) ? json.value['batch'] : undefined;
  if (!Array.isArray(batch)) return refuse(400, 'malformed JSON: expected an object with an array `batch`');
  if (batch.length > MAX_BATCH_EVENTS) return refuse(400, `over ${MAX_BATCH_EVENTS} events`);
  const events = batch.filter(isObject);
  const problem =
    events.length < batch.length ? 'an event is no object' : events.map(problemOf).find(Boolean);
  if (problem) return refuse(400, problem);
  for (const event of events) inbox.add(event);
  return { status: 200, body: { success: true } };
};

const problemOf = (event: JsonObject): string | undefined => {
  if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES)
    return `an event is over ${MAX_EVENT_BYTES} bytes`;
  if (!event['userId'] && !event['anonymousId']) return 'an event has neither userId nor anonymousId';
  return event['type'] === 'track' && !event['event'] ? 'a track event has no name' : undefined;
};

const refuse = (status: number, message: string): JsonAnswer => ({
  status,
  body: { success: false, message },
});
