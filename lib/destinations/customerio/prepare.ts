// From an event of the queue to the bytes that Customer.io gets.

import type { Source } from '../../config/source';
import { MAX_OPERATION_BYTES } from '../../customerio/limits';
import type { DeliveryMetric, Operation } from '../../customerio/operation';
import {
  type Item,
  type Prepared,
  REJECTED_AS_TOO_DEEP,
  rejected,
  skipped,
  toItemJson,
} from '../../delivery/connector';
import { identityKeys } from '../../mapping/identity';
import { type RuledPart, translateByRules } from '../../mapping/translate-by-rules';

/** The name of the endpoint that takes the metrics a batch does not. */
export const METRICS_ENDPOINT = 'metrics';

/** Translated, serialised once, measured once. */
export const prepareForCustomerIo = (event: unknown, source: Source): Prepared => {
  const translation = translateByRules(event, source);
  if (translation.outcome === 'skipped') return skipped(translation.reason, translation.rule);
  if (translation.outcome === 'rejected') {
    return rejected(translation.reason, translation.detail);
  }
  const items: Item[] = [];
  const adjustedAttributes: string[] = [];
  for (const part of translation.parts) {
    const fault = addItems(items, part);
    if (fault !== undefined) return fault;
    adjustedAttributes.push(...adjustedIn(part));
  }
  return adjustedAttributes.length === 0
    ? { kind: 'items', items }
    : { kind: 'items', items, adjustedAttributes };
};

const adjustedIn = (part: RuledPart): readonly string[] =>
  part.outcome === 'operations' ? (part.adjustments ?? []).map(({ attribute }) => attribute) : [];

/** The bytes of an operation or a metric, or why it can never be sent. */
export const toSendable = (body: Operation | DeliveryMetric): Buffer | Prepared => {
  const json = toItemJson(body);
  if (json === undefined) return REJECTED_AS_TOO_DEEP;
  return json.length > MAX_OPERATION_BYTES ? rejected('operation_too_large', tooLarge(json.length)) : json;
};

/** What cannot be sent, or undefined. */
const addItems = (items: Item[], part: RuledPart): Prepared | undefined => {
  const keys = identityKeys(part.event);
  const where = part.outcome === 'metric' ? { endpoint: METRICS_ENDPOINT } : {};
  for (const body of part.outcome === 'metric' ? [part.metric] : part.operations) {
    const json = toSendable(body);
    if ('kind' in json) return json;
    items.push({
      json,
      keys,
      timestampMs: part.timestampMs,
      ...orderOf(body),
      ...where,
      ...repeatKeyOf(body),
    });
  }
  return undefined;
};

/** Marks what Customer.io does not order, because it carries no time of its own. */
const orderOf = (body: Operation | DeliveryMetric): { readonly isUnordered?: true } =>
  'timestamp' in body ? {} : { isUnordered: true };

/** A device may be registered with every event, and needs to be only once: the last use alone differs. */
const repeatKeyOf = (body: Operation | DeliveryMetric): { readonly repeatKey?: string } => {
  if (!('action' in body) || body.action !== 'add_device') return {};
  const { identifiers, device } = body;
  const { token, platform, attributes } = device;
  return { repeatKey: JSON.stringify([identifiers, token, platform, attributes]) };
};

const tooLarge = (bytes: number): string =>
  `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`;
