// Which messages can be relayed with the settings at hand, and which must wait: for the source that has a mistake,
// or for settings that are newer than the message, since its source may just have been added. Only what no
// settings read after it was sent know is of an unknown source.

import type { SQSRecord } from 'aws-lambda';
import { loadSettings } from '../config/load-settings';
import { type Lookup, lookUpName, type Settings } from '../config/settings';
import { emitMetrics, logger } from '../observability';
import { type Message, readEvents, readMessage } from '../queue/message';
import { MAX_LOGGED_IDS, UNKNOWN_SOURCE } from './report';
import type { RetryDelay } from './retry-policy';

/** How far SQS's clock, which says when a message was sent, and ours, and the store's replicas, may lie apart. */
const CLOCKS_APART_MS = 10_000;

export interface WaitingMessage {
  readonly message: Message;
  /** The name of its source, where the settings know it. */
  readonly source: string | undefined;
  readonly delay: RetryDelay;
}

export interface SortedRecords {
  readonly ready: readonly SQSRecord[];
  readonly waiting: readonly WaitingMessage[];
}

/** The settings in force, read again first when a message has to wait with those at hand. */
export const loadSettingsFor = (records: readonly SQSRecord[]): Promise<Settings> => {
  const messages = records.map(readMessage);
  return loadSettings((settings) =>
    messages.every((message) => findWaiting(message, settings) === undefined),
  );
};

export const sortRecords = (records: readonly SQSRecord[], settings: Settings): SortedRecords => {
  const waiting = records.map((record) => findWaiting(readMessage(record), settings));
  return {
    ready: records.filter((_, index) => waiting[index] === undefined),
    waiting: waiting.filter((message) => message !== undefined),
  };
};

const findWaiting = (message: Message, settings: Settings): WaitingMessage | undefined => {
  const lookup = lookUpWorkspace(message, settings);
  switch (lookup.kind) {
    case 'source':
      return undefined;
    case 'left_out':
      return { message, source: lookup.name, delay: { kind: 'operator' } };
    case 'undecided':
      return { message, source: undefined, delay: { kind: 'backoff' } };
    case 'unknown':
      return settings.readAtMs < message.sentAtMs + CLOCKS_APART_MS
        ? { message, source: undefined, delay: { kind: 'backoff' } }
        : undefined;
  }
};

/** A workspace that its source does not have may just have been added, as a source may. */
const lookUpWorkspace = ({ sourceName, workspaceName }: Message, settings: Settings): Lookup => {
  const lookup = lookUpName(settings, sourceName);
  if (lookup.kind !== 'source' || workspaceName === undefined) return lookup;
  if (lookup.workspaces.some(({ workspace }) => workspace === workspaceName)) return lookup;
  return { kind: settings.mayBeOutdated ? 'undecided' : 'unknown' };
};

/** Reports the waiting messages as relayed ones are: counts by source, and a line that says what must happen. */
export const reportWaiting = (waiting: readonly WaitingMessage[], now: Date): void => {
  const bySource = Map.groupBy(waiting, ({ source, delay }) =>
    delay.kind === 'operator' ? (source ?? UNKNOWN_SOURCE) : undefined,
  );
  for (const [leftOut, ofSource] of bySource) {
    const source = leftOut ?? UNKNOWN_SOURCE;
    countWaiting(source, ofSource, now);
    const sqsMessageIds = ofSource.map(({ message }) => message.sqsMessageId).slice(0, MAX_LOGGED_IDS);
    const line = { source, messages: ofSource.length, sqsMessageIds };
    if (leftOut === undefined) logger.warn('Messages wait for settings that know their source', line);
    else logger.error('An operator must act', { ...line, advice: MEND_SETTINGS });
  }
};

const MEND_SETTINGS =
  'The settings of this source have a mistake, which the log line with `mistake` names. Its events wait on the queue.';

const countWaiting = (source: string, waiting: readonly WaitingMessage[], now: Date): void => {
  let events = 0;
  let received = 0;
  for (const { message } of waiting) {
    const inMessage = readEvents(message)?.length ?? 1;
    events += inMessage;
    if (message.history.receives === 1) received += inMessage;
  }
  const oldestMs = Math.min(...waiting.map(({ message }) => message.history.firstSentAtMs));
  emitMetrics(source, {
    EventsReceived: received,
    EventsRetried: events,
    RetriedEventAgeSeconds: Math.max(0, (now.getTime() - oldestMs) / 1_000),
  });
};
