// From an event of the queue to the bytes that Customer.io gets.

import type { Source } from '../../config/source';
import { MAX_OPERATION_BYTES } from '../../customerio/limits';
import {
  type Item,
  type Prepared,
  REJECTED_AS_TOO_DEEP,
  rejected,
  skipped,
  toItemJson,
} from '../../delivery/connector';
import { identityKeys } from '../../mapping/identity';
import { type Part, translateByRules } from '../../mapping/translate-by-rules';

/** Translated, serialised once, measured once. */
export const prepareForCustomerIo = (event: unknown, source: Source): Prepared => {
  const translation = translateByRules(event, source);
  if (translation.outcome === 'skipped') return skipped(translation.reason, translation.rule);
  if (translation.outcome === 'rejected') {
    return rejected(translation.reason, translation.detail);
  }
  const items: Item[] = [];
  for (const part of translation.parts) {
    const fault = addItems(items, part);
    if (fault !== undefined) return fault;
  }
  return { kind: 'items', items };
};

/** What cannot be sent, or undefined. */
const addItems = (items: Item[], { event, operations, timestampMs }: Part): Prepared | undefined => {
  const keys = identityKeys(event);
  for (const operation of operations) {
    const json = toItemJson(operation);
    if (json === undefined) return REJECTED_AS_TOO_DEEP;
    if (json.length > MAX_OPERATION_BYTES) return rejected('operation_too_large', tooLarge(json.length));
    items.push({ json, keys, timestampMs });
  }
  return undefined;
};

const tooLarge = (bytes: number): string =>
  `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`;
