// Shows what would be sent, one JSON line an event on standard output, and sends nothing. Nothing is
// acknowledged either: on a real queue the messages stay where they are.

import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Source } from '../config/source';
import { readMessage } from '../queue/message';
import type { Connector, Item } from './connector';
import { type EventInFlight, takeApart } from './event-in-flight';

export const dryRun = (
  records: readonly SQSRecord[],
  sources: readonly Source[],
  connector: Connector,
): SQSBatchResponse => {
  const events = records
    .map(readMessage)
    .flatMap((message) => takeApart(message, sources, connector.prepare));
  for (const event of events) process.stdout.write(`${describe(event)}\n`);
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

const describe = ({ source, items, outcome }: EventInFlight): string => {
  const to = { source: source?.name, workspace: source?.workspace };
  if (outcome === undefined) return describeDelivery(to, items);
  const { kind, ...why } = outcome;
  return JSON.stringify({ dryRun: `would be ${kind.replace('_', '-')}`, ...to, ...why });
};

/** The operations are JSON already. */
const describeDelivery = (to: object, items: readonly Item[]): string => {
  const operations = items.map(({ json }) => json.toString()).join(',');
  return `${JSON.stringify({ dryRun: 'would be sent', ...to }).slice(0, -1)},"operations":[${operations}]}`;
};
