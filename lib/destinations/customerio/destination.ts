// Customer.io as the delivery engine sees it: what is sent to it, and how it is reached.

import { labelOf, type Source } from '../../config/source';
import { MAX_BATCH_BYTES } from '../../customerio/limits';
import type { Connector, Destination } from '../../delivery/connector';
import { asDeadLetter } from '../../rules/as-dead-letter';
import { withoutPrivate } from '../../rules/without-private';
import { classifyCustomerIo, classifyMetricsAnswer } from './outcome';
import { METRICS_ENDPOINT, prepareForCustomerIo } from './prepare';

const BATCH_PATH = '/api/v2/batch';
const METRICS_PATH = '/api/v1/metrics';

/** The rate is shared statically: each consumer that may run at once takes the same part of the source's. */
export const customerIoConnector = (maxConsumers: number): Connector => ({
  prepare: prepareForCustomerIo,
  destination: (source) => destination(source, maxConsumers),
  asDeadLetter,
  asArchived: withoutPrivate,
});

const destination = (source: Source, maxConsumers: number): Destination => {
  const batch: Destination = {
    name: labelOf(source),
    requestsPerSecond: source.requestsPerSecond / maxConsumers,
    maxBatchBytes: MAX_BATCH_BYTES,
    envelope: ['{"batch":[', ']}'],
    request: requestTo(source, BATCH_PATH),
    rejectedReason: 'rejected_by_customerio',
    classify: classifyCustomerIo,
  };
  return { ...batch, endpoints: { [METRICS_ENDPOINT]: metricsEndpoint(batch, source) } };
};

/** One metric a request, as it is. */
const metricsEndpoint = (batch: Destination, source: Source): Destination => ({
  ...batch,
  maxItems: 1,
  envelope: ['', ''],
  request: requestTo(source, METRICS_PATH),
  classify: classifyMetricsAnswer,
});

const requestTo = ({ trackUrl, siteId, apiKey }: Source, path: string): Destination['request'] => ({
  url: trackUrl.replace(/\/+$/, '') + path,
  username: siteId,
  password: apiKey,
});
