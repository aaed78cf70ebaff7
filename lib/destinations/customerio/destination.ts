// Customer.io as the delivery engine sees it: what is sent to it, and how it is reached.

import type { Source } from '../../config/source';
import { MAX_BATCH_BYTES } from '../../customerio/limits';
import type { Connector, Destination } from '../../delivery/connector';
import { asDeadLetter } from '../../rules/dead-letter';
import { classifyCustomerIo } from './outcome';
import { prepareForCustomerIo } from './prepare';

const BATCH_PATH = '/api/v2/batch';

/** The rate is shared statically: each consumer that may run at once takes the same part of the source's. */
export const customerIoConnector = (maxConsumers: number): Connector => ({
  prepare: prepareForCustomerIo,
  destination: (source) => destination(source, maxConsumers),
  asDeadLetter,
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
