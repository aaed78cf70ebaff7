// Customer.io as the delivery engine sees it: what is sent to it, and how it is reached.

import type { Source } from '../../config/source';
import { MAX_BATCH_BYTES, MAX_OPERATION_BYTES } from '../../customerio/limits';
import type { Destination, Item, Prepared } from '../../delivery/connector';
import type { Route } from '../../delivery/relay';
import { NESTED_TOO_DEEPLY, serialize } from '../../json/serialize';
import { identityKeys } from '../../mapping/identity';
import { translate } from '../../mapping/translate';
import { classifyCustomerIo } from './outcome';

const BATCH_PATH = '/api/v2/batch';

/** The rate is shared statically: each consumer that may run at once takes the same part of the source's. */
export const customerIoRoute = (maxConsumers: number): Route => ({
  prepare,
  destination: (source) => destination(source, maxConsumers),
});

const destination = (source: Source, maxConsumers: number): Destination => ({
  name: source.name,
  requestsPerSecond: source.requestsPerSecond / maxConsumers,
  maxBatchBytes: MAX_BATCH_BYTES,
  envelope: ['{"batch":[', ']}'],
  request: {
    url: source.trackUrl.replace(/\/+$/, '') + BATCH_PATH,
    username: source.siteId,
    password: source.apiKey,
  },
  rejectedReason: 'rejected_by_customerio',
  classify: classifyCustomerIo,
});

/** Translated, serialised once, measured once. */
const prepare = (event: unknown, source: Source): Prepared => {
  const translation = translate(event, source);
  if (translation.outcome === 'skipped') return { kind: 'skipped' };
  if (translation.outcome === 'rejected') {
    return { kind: 'rejected', reason: translation.reason, detail: translation.detail };
  }
  const keys = identityKeys(event);
  const items: Item[] = [];
  for (const operation of translation.operations) {
    const json = serialize(operation);
    if (json === undefined) return NESTED_TOO_DEEPLY;
    if (json.length > MAX_OPERATION_BYTES) return rejectTooLarge(json.length);
    items.push({ json, keys, timestampMs: translation.timestampMs });
  }
  return { kind: 'items', items };
};

const rejectTooLarge = (bytes: number): Prepared => ({
  kind: 'rejected',
  reason: 'operation_too_large',
  detail: `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`,
});
