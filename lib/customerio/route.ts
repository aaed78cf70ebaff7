// Customer.io as the delivery engine sees it: what is sent to it, and how it is reached.

import type { Source } from '../config';
import type { Destination, Item, Prepared } from '../delivery/destination';
import type { Route } from '../delivery/relay';
import { identityKeys } from '../mapping/identity';
import { translate } from '../mapping/translate';
import { MAX_BATCH_BYTES, MAX_OPERATION_BYTES } from './limits';
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
  const items = translation.operations.map((operation): Item => {
    const json = Buffer.from(JSON.stringify(operation));
    return { json, keys, timestampMs: translation.timestampMs };
  });
  const tooLarge = items.find((item) => item.json.length > MAX_OPERATION_BYTES);
  return tooLarge === undefined ? { kind: 'items', items } : rejectTooLarge(tooLarge);
};

const rejectTooLarge = ({ json }: Item): Prepared => ({
  kind: 'rejected',
  reason: 'operation_too_large',
  detail: `the operation has ${json.length} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`,
});
