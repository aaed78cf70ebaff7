// From the records of one Lambda invocation to its answer: which messages SQS must keep. Every event ends
// as exactly one of delivered, skipped, dead-lettered or retried, and a message is acknowledged only when all of
// it is finished, or stored again where it is not. Whatever is unclear is retried.

import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Source } from '../config/source';
import { describeError, logger } from '../observability';
import { readMessage } from '../queue/message';
import { acknowledgeEarly, type FinishedShare } from './acknowledge-early';
import type { Connector } from './connector';
import type { DeliveryReport } from './delivery';
import { type EventInFlight, takeApart } from './event-in-flight';
import type { RelayContext } from './relay-context';
import { settle } from './settle';
import { deliverShare, type Share, toShares } from './share';

export interface RelayResult {
  readonly response: SQSBatchResponse;
  readonly events: readonly EventInFlight[];
  /** By source name. */
  readonly reports: ReadonlyMap<string, DeliveryReport>;
}

/** Workspaces do not wait for each other: each is delivered and settled as if it were alone. */
export const relay = async (
  records: readonly SQSRecord[],
  sources: readonly Source[],
  connector: Connector,
  context: RelayContext,
): Promise<RelayResult> => {
  const messages = records.map(readMessage);
  const events = messages.flatMap((message) => takeApart(message, sources, connector.prepare));
  const reports = new Map<string, DeliveryReport>();
  const finished = toShares(events, connector).map((share) => finishShare(share, reports, context));
  await acknowledgeEarly(finished, context);
  const kept = new Set((await Promise.all(finished)).flatMap((share) => [...share.kept]));
  const batchItemFailures = messages
    .filter((message) => kept.has(message))
    .map(({ sqsMessageId }) => ({ itemIdentifier: sqsMessageId }));
  return { response: { batchItemFailures }, events, reports };
};

const finishShare = async (
  share: Share,
  reports: Map<string, DeliveryReport>,
  context: RelayContext,
): Promise<FinishedShare> => {
  const messages = new Set(share.events.map(({ message }) => message));
  try {
    for (const [name, report] of await deliverShare(share, context)) reports.set(name, report);
  } catch (error) {
    // A bug, not an outcome: what has none yet is retried, and the other workspaces go on.
    logger.error('Delivery failed unexpectedly', { ...namesOf(share), ...describeError(error) });
  }
  try {
    return { messages, kept: await settle(share.events, context) };
  } catch (error) {
    logger.error('Settling failed unexpectedly', { ...namesOf(share), ...describeError(error) });
    return { messages, kept: messages };
  }
};

const namesOf = ({ events }: Share) => ({
  sources: [...new Set(events.map(({ source }) => source?.name))],
});
