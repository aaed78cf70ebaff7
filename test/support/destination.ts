// A destination and an engine context for tests that look at the engine itself.

import type { Destination, HttpAnswer, HttpRequest, Item } from '../../lib/delivery/connector';
import { deliver as deliverLanes } from '../../lib/delivery/deliver';
import type { DeliveryContext, LaneResult } from '../../lib/delivery/delivery';
import { toJsonBytes } from '../../lib/delivery/json-bytes';
import { Pacer } from '../../lib/delivery/limiter';
import { classifyCustomerIo } from '../../lib/destinations/customerio/outcome';

export const destinationOf = (changes: Partial<Destination> = {}): Destination => ({
  name: 'shop',
  requestsPerSecond: 1_000,
  maxBatchBytes: 500_000,
  envelope: ['{"batch":[', ']}'],
  request: { url: 'http://127.0.0.1:9/', username: 'site', password: 'key' },
  rejectedReason: 'rejected_by_customerio',
  classify: classifyCustomerIo,
  ...changes,
});

export const itemOf = (name: string, person = name, timestampMs = 0): Item => {
  return { json: toJsonBytes(JSON.stringify({ name })), keys: [person], timestampMs };
};

/** The names of the items in a request's body. */
export const namesIn = (request: HttpRequest): string[] =>
  (JSON.parse(request.body.toString()) as { batch: { name: string }[] }).batch.map(({ name }) => name);

export const response = (
  status: number,
  body: unknown = {},
  headers: Record<string, string> = {},
): HttpAnswer => ({
  kind: 'response',
  status,
  headers,
  body: JSON.stringify(body),
});

export const contextOf = (
  send: (request: HttpRequest, timeoutMs: number) => Promise<HttpAnswer>,
  changes: Partial<DeliveryContext> = {},
): DeliveryContext => ({
  remainingMs: () => 60_000,
  pacer: new Pacer(1_000),
  send,
  random: () => 0,
  ...changes,
});

/** Delivers fresh items of one source. */
export const deliver = async (
  items: readonly Item[],
  destination: Destination,
  context: DeliveryContext,
): Promise<LaneResult> => {
  const [result] = await deliverLanes([{ items, destination, standing: 'fresh' }], context);
  if (result === undefined) throw new Error('One lane has one result.');
  return result;
};
