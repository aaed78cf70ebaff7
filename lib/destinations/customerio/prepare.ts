// From an event of the queue to the bytes that Customer.io gets.

import type { Source } from '../../config/source';
import { MAX_OPERATION_BYTES } from '../../customerio/limits';
import {
  type Item,
  type Prepared,
  REJECTED_AS_TOO_DEEP,
  rejected,
  toItemJson,
} from '../../delivery/connector';
import { identityKeys } from '../../mapping/identity';
import { translate } from '../../mapping/translate';

/** Translated, serialised once, measured once. */
export const prepareForCustomerIo = (event: unknown, source: Source): Prepared => {
  const translation = translate(event, source);
  if (translation.outcome === 'skipped') return { kind: 'skipped', reason: translation.reason };
  if (translation.outcome === 'rejected') {
    return rejected(translation.reason, translation.detail);
  }
  const keys = identityKeys(event);
  const items: Item[] = [];
  for (const operation of translation.operations) {
    const json = toItemJson(operation);
    if (json === undefined) return REJECTED_AS_TOO_DEEP;
    if (json.length > MAX_OPERATION_BYTES) return rejected('operation_too_large', tooLarge(json.length));
    items.push({ json, keys, timestampMs: translation.timestampMs });
  }
  const { adjustments } = translation;
  return adjustments === undefined
    ? { kind: 'items', items }
    : { kind: 'items', items, adjustedAttributes: adjustments.length };
};

const tooLarge = (bytes: number): string =>
  `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`;
