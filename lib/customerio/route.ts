// Customer.io as the delivery engine sees it: what is sent to it, and how it is reached.

import type { Source } from '../config';
import type { Destination, Item, Prepared } from '../delivery/destination';
import type { Route } from '../delivery/relay';
import { identityKeys } from '../mapping/identity';
import { translate } from '../mapping/translate';
import { MAX_BATCH_BYTES, MAX_OPERATION_BYTES } from './limits';
import type { Operation } from './operation';
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

/** `JSON.parse` reads deeper nesting than `JSON.stringify` can write; undefined is such a value. */
const serialize = (operation: Operation): Buffer | undefined => {
  try {
    return Buffer.from(JSON.stringify(operation));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const NESTED_TOO_DEEPLY: Prepared = {
  kind: 'rejected',
  reason: 'invalid_event',
  detail: 'the event is nested too deeply to be written as JSON again',
};

const rejectTooLarge = (bytes: number): Prepared => ({
  kind: 'rejected',
  reason: 'operation_too_large',
  detail: `the operation has ${bytes} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`,
});
