// `Report Delivery Event`: what became of a message of Customer.io's. A batch takes three metrics of a device and
// nothing else; all that says more goes to the older metrics endpoint, which takes the time it happened as well.

import { DELIVERY_METRICS, type DeliveryEvent, type DeliveryMetric } from '../customerio/operation';
import { toUnixSeconds } from '../event/format-time';
import { readId } from '../event/ids';
import type { JsonObject } from '../json/json-object';
import { objectOrEmpty, readScalar } from './attributes';
import { findDevice } from './device';
import { type MappingInput, measured, type Translation, translated } from './translation';

type Metric = DeliveryMetric['metric'];
type Details = Omit<DeliveryMetric, 'delivery_id' | 'metric' | 'timestamp'>;

const METRICS: ReadonlyMap<unknown, Metric> = new Map(DELIVERY_METRICS.map((metric) => [metric, metric]));
const BATCH_METRICS: ReadonlyMap<Metric, DeliveryEvent['name']> = new Map([
  ['opened', 'opened'],
  ['converted', 'converted'],
  ['delivered', 'delivered'],
]);

/** What the event reports of a delivery; undefined without a delivery, a metric or a time. */
export const reportDelivery = (input: MappingInput): Translation | undefined => {
  const { event, timestampMs } = input;
  const properties = objectOrEmpty(event['properties']);
  const id = readId(properties['deliveryId']) ?? readId(properties['delivery_id']);
  const metric = METRICS.get(properties['metric']);
  if (id === undefined || metric === undefined || timestampMs === undefined) return undefined;
  const details = readDetails(properties);
  const operation = toBatchOperation(id, metric, details, findDevice(event)?.token);
  if (operation !== undefined) return translated(operation, timestampMs);
  return measured(
    { delivery_id: id, metric, timestamp: toUnixSeconds(timestampMs), ...details },
    timestampMs,
  );
};

/** The operation of a batch for it; undefined where a batch takes none, or only a part of what it says. */
const toBatchOperation = (
  id: string,
  metric: Metric,
  { recipient, ...others }: Details,
  token: string | undefined,
): DeliveryEvent | undefined => {
  const name = BATCH_METRICS.get(metric);
  if (name === undefined || token === undefined || Object.keys(others).length > 0) return undefined;
  if (recipient !== undefined && recipient !== token) return undefined;
  return {
    type: 'delivery',
    action: 'event',
    identifiers: { id },
    name,
    attributes: { device_token: token },
  };
};

const readDetails = (properties: JsonObject): Details => {
  const recipient = readScalar(properties['recipient']);
  const reason = readScalar(properties['reason']);
  const href = readScalar(properties['href']);
  const action = readAction(properties);
  return {
    ...(recipient !== undefined && { recipient }),
    ...(reason !== undefined && { reason }),
    ...(href !== undefined && { href }),
    ...(Object.keys(action).length > 0 && { metadata: action }),
  };
};

/** What was clicked in an in-app message. */
const readAction = (properties: JsonObject): NonNullable<DeliveryMetric['metadata']> => {
  const name = readScalar(properties['actionName']) ?? readScalar(properties['action_name']);
  const value = readScalar(properties['actionValue']) ?? readScalar(properties['action_value']);
  return {
    ...(name !== undefined && { action_name: name }),
    ...(value !== undefined && { action_value: value }),
  };
};
