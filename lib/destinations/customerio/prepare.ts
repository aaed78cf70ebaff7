// From an event of the queue to the bytes that Customer.io gets.

import type { Source } from '../../config/source';
import { MAX_OPERATION_BYTES } from '../../customerio/limits';
import type { DeliveryMetric, Operation } from '../../customerio/operation';
import {
  type Item,
  type Prepared,
  REJECTED_AS_TOO_DEEP,
  rejected,
  toItemJson,
} from '../../delivery/connector';
import { identityKeys } from '../../mapping/identity';
import { translate } from '../../mapping/translate';

/** What takes what a batch does not, beside the batch. */
export const METRICS_ENDPOINT = 'metrics';

/** Translated, serialised once, measured once. */
export const prepareForCustomerIo = (event: unknown, source: Source): Prepared => {
  const translation = translate(event, source);
  if (translation.outcome === 'skipped') return { kind: 'skipped', reason: translation.reason };
  if (translation.outcome === 'rejected') {
    return rejected(translation.reason, translation.detail);
  }
  const { timestampMs } = translation;
  const common = { keys: identityKeys(event), timestampMs };
  if (translation.outcome === 'metric') {
    return toItems([translation.metric], { ...common, endpoint: METRICS_ENDPOINT });
  }
  const prepared = toItems(translation.operations, common);
  const { adjustments } = translation;
  return prepared.kind === 'items' && adjustments !== undefined
    ? { ...prepared, adjustedAttributes: adjustments.length }
    : prepared;
};

const toItems = (bodies: readonly (Operation | DeliveryMetric)[], common: Omit<Item, 'json'>): Prepared => {
  const items: Item[] = [];
  for (const body of bodies) {
    const json = toItemJson(body);
    if (json === undefined) return REJECTED_AS_TOO_DEEP;
    if (json.length > MAX_OPERATION_BYTES) return rejected('operation_too_large', tooLarge(json.length));
    items.push({ json, ...common, ...repeatKeyOf(body) });
  }
  return { kind: 'items', items };
};

/** A device that is registered with every event needs to be only once: its last use is what moves. */
const repeatKeyOf = (body: Operation | DeliveryMetric): { readonly repeatKey?: string } => {
  if (!('action' in body) || body.action !== 'add_device') return {};
  const { identifiers, device } = body;
  const { token, platform, attributes } = device;
  return { repeatKey: JSON.stringify([identifiers, token, platform, attributes]) };
};

const tooLarge = (bytes: number): string =>
  `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`;
