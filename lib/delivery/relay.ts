// From the records of one Lambda invocation to its answer: which messages SQS must keep. Every event ends
// as exactly one of delivered, skipped, dead-lettered or retried, and a message is acknowledged only when all of
// it is finished, or stored again where it is not. Whatever is unclear is retried.

import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { labelOf, type Source } from '../config/source';
import { describeError, logger } from '../observability';
import { type Message, readMessage } from '../queue/message';
import { acknowledgeEarly, type FinishedShare } from './acknowledge-early';
import { archivingBy } from './archive-notes';
import type { Connector } from './connector';
import type { DeliveryReport } from './delivery';
import { type EventInFlight, takeApart } from './event-in-flight';
import type { RelayContext } from './relay-context';
import { settle } from './settle';
import type { SettleContext } from './settle-context';
import { deliverShare, type Share, toShares } from './share';

export interface RelayResult {
  readonly response: SQSBatchResponse;
  readonly events: readonly EventInFlight[];
  /** By the label of source and workspace. */
  readonly reports: ReadonlyMap<string, DeliveryReport>;
}

/**
 * Workspaces do not wait for each other: each is delivered as if it were alone, and its messages settled. Only a message
 * for several is settled when the last of them is done with it.
 *
 * @param sources once for each of their workspaces.
 */
export const relay = async (
  records: readonly SQSRecord[],
  sources: readonly Source[],
  connector: Connector,
  context: RelayContext,
): Promise<RelayResult> => {
  const messages = records.map(readMessage);
  const archiving = context.archive && archivingBy(connector.asArchived);
  const events = messages.flatMap((message) => takeApart(message, sources, connector.prepare, archiving));
  const reports = new Map<string, DeliveryReport>();
  const settling = { ...context, asDeadLetter: connector.asDeadLetter };
  const deliveries = toShares(events, connector).map((share) => deliverSafely(share, reports, context));
  const finished = toSettlements(events, deliveries).map((one) => finish(one, settling));
  await acknowledgeEarly(finished, context);
  const kept = new Set((await Promise.all(finished)).flatMap((share) => [...share.kept]));
  const batchItemFailures = messages
    .filter((message) => kept.has(message))
    .map(({ sqsMessageId }) => ({ itemIdentifier: sqsMessageId }));
  return { response: { batchItemFailures }, events, reports };
};

/** A share on its way. */
interface Delivery {
  readonly share: Share;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

const deliverSafely = (
  share: Share,
  reports: Map<string, DeliveryReport>,
  context: RelayContext,
): Delivery => {
  const deliverIt = async () => {
    try {
      for (const [name, report] of await deliverShare(share, context)) reports.set(name, report);
    } catch (error) {
      // A bug, not an outcome: events without an outcome are retried, and the other workspaces go on.
      logger.error('Delivery failed unexpectedly', { ...namesOf(share), ...describeError(error) });
    }
  };
  return { share, ended: deliverIt() };
};

const namesOf = ({ events }: Pick<Share, 'events'>) => ({
  sources: [...new Set(events.map(({ source }) => source && labelOf(source)))],
});

/** Messages that are settled together, because the same shares hold them. */
interface Settlement {
  readonly events: readonly EventInFlight[];
  readonly ended: readonly Promise<void>[];
}

const toSettlements = (events: readonly EventInFlight[], deliveries: readonly Delivery[]): Settlement[] => {
  const byMessage = Map.groupBy(events, ({ message }) => message);
  const places = new Map<Message, Set<number>>();
  for (const [place, { share }] of deliveries.entries()) {
    for (const { message } of share.events) {
      places.set(message, (places.get(message) ?? new Set()).add(place));
    }
  }
  const alike = Map.groupBy(places, ([, ofMessage]) => [...ofMessage].join());
  return [...alike.values()].map((these) => ({
    events: these.flatMap(([message]) => byMessage.get(message) ?? []),
    ended: [...new Set(these.flatMap(([, ofMessage]) => [...ofMessage]))].flatMap(
      (place) => deliveries[place]?.ended ?? [],
    ),
  }));
};

const finish = async ({ events, ended }: Settlement, context: SettleContext): Promise<FinishedShare> => {
  await Promise.all(ended);
  const messages = new Set(events.map(({ message }) => message));
  try {
    return { messages, kept: await settle(events, context) };
  } catch (error) {
    // A bug as well: its messages stay, and the other workspaces are acknowledged.
    logger.error('Settling failed unexpectedly', { ...namesOf({ events }), ...describeError(error) });
    return { messages, kept: messages };
  }
};
