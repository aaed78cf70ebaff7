// Where an import's events go: straight to the queue, or through the HTTP door. Neither says that it is done before
// SQS has them all.

import { setTimeout as delay } from 'node:timers/promises';
import type { Source } from '../../../lib/config/source';
import { readRetryAfter } from '../../../lib/delivery/classify-answer';
import { MAX_SEGMENT_BATCH_BYTES } from '../../../lib/event/segment-limits';
import { toBatch } from '../../../lib/queue/batch';
import { ATTRIBUTES } from '../../../lib/queue/message';
import { packEvents, sendMessages } from '../../../lib/queue/producer';
import { shorten } from '../../../lib/text';
import { explainCode, Failure, toFailure } from '../failure';
import type { Io } from '../io';
import { nextCommand, type Place } from '../next-command';
import type { Pace } from '../pace';
import type { Queue } from '../target';

/** Resolves once SQS has all of these events. @throws Failure when it has not. */
export type Sink = (events: readonly string[]) => Promise<void>;

const GOES_ON = 'The same command goes on from there.';

/**
 * @param pace of messages: one becomes about one request to Customer.io, or less. They are a group of their own, so
 * that SQS serves live events, which are few, before the backlog of the import.
 */
export const queueSink =
  ({ sqs, url }: Queue, { name, workspace }: Source, pace: Pace): Sink =>
  async (events) => {
    const packed = packEvents(events, {
      [ATTRIBUTES.source]: name,
      ...(workspace === undefined ? {} : { [ATTRIBUTES.workspace]: workspace }),
    });
    const messages = packed.map((message) => ({ ...message, group: `${name}-import` }));
    for (let start = 0; start < messages.length; start += pace.most) {
      const some = messages.slice(start, start + pace.most);
      await pace.take(some.length);
      const { notSent, failure } = await sendMessages(sqs, url, some);
      if (notSent.length > 0) throw notTaken(failure ?? 'NotInAnswer');
    }
  };

const notTaken = (code: string): Failure => {
  const { what, whatToDo } = explainCode(code, GOES_ON);
  return new Failure(`SQS did not take some messages: ${what}.`, whatToDo);
};

const otherSettings = (place: Place): string =>
  `It does not know the write key of the source. Once it does, the same command goes on. The settings are shown to be right by:${nextCommand('settings check', place)}`;

const BATCH_OVERHEAD_BYTES = 1_000;
/** Where the answer does not ask for longer. */
const WAITS_SECONDS = [1, 2, 5, 10, 20];

/** The HTTP API, and whose it is. */
export interface Door extends Place {
  readonly endpoint: string;
}

/** @param pace of requests. @param io is told why nothing happens while the door is tried again. */
export const httpSink =
  (door: Door, { writeKey }: Source, pace: Pace, io: Pick<Io, 'err' | 'signal'>): Sink =>
  async (events) => {
    for (const body of requestsOf(events)) {
      await pace.take(1);
      await post(door, writeKey, body, io);
    }
  };

const requestsOf = (events: readonly string[]): string[] => {
  const requests: string[] = [];
  let batch: string[] = [];
  let bytes = BATCH_OVERHEAD_BYTES;
  for (const event of events) {
    const size = Buffer.byteLength(event) + 1;
    if (batch.length > 0 && bytes + size > MAX_SEGMENT_BATCH_BYTES) {
      requests.push(toBatch(batch));
      batch = [];
      bytes = BATCH_OVERHEAD_BYTES;
    }
    batch.push(event);
    bytes += size;
  }
  return batch.length === 0 ? requests : [...requests, toBatch(batch)];
};

const post = async (
  door: Door,
  writeKey: string,
  body: string,
  { err, signal }: Pick<Io, 'err' | 'signal'>,
): Promise<void> => {
  const url = `${door.endpoint.replace(/\/+$/, '')}/v1/import`;
  const headers = {
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
  };
  for (const ownSeconds of [...WAITS_SECONDS, undefined]) {
    const {
      what,
      isPassing,
      whatToDo,
      askedSeconds = 0,
    } = await answerTo(url, { method: 'POST', headers, body }, door);
    if (what === undefined) return;
    if (!isPassing || ownSeconds === undefined) throw new Failure(`${url}: ${what}.`, whatToDo);
    signal.throwIfAborted();
    const waitSeconds = Math.max(ownSeconds, askedSeconds);
    err(`${url}: ${what}. Tries again in ${waitSeconds} s.`);
    await delay(waitSeconds * 1_000, undefined, { signal });
  }
};

/** A gateway may answer with a page. */
const MAX_ANSWER_LENGTH = 300;

interface Answered {
  /** Undefined when it has taken the events. */
  readonly what?: string;
  readonly isPassing: boolean;
  readonly whatToDo: string;
  /** By a gateway or a proxy before the door. */
  readonly askedSeconds?: number | undefined;
}

const answerTo = async (url: string, request: RequestInit, door: Door): Promise<Answered> => {
  try {
    const answer = await fetch(url, request);
    const whatToDo = answer.status === 401 ? otherSettings(door) : GOES_ON;
    const isPassing = answer.status === 429 || answer.status >= 500;
    if (answer.ok) return { isPassing, whatToDo };
    const text = shorten(await answer.text(), MAX_ANSWER_LENGTH);
    const askedSeconds = readRetryAfter({ headers: Object.fromEntries(answer.headers) });
    return { what: `answered ${answer.status} ${text}`.trimEnd(), isPassing, whatToDo, askedSeconds };
  } catch (error) {
    const { message, whatToDo } = toFailure(error);
    return { what: message, isPassing: true, whatToDo: `${whatToDo} ${GOES_ON}` };
  }
};
