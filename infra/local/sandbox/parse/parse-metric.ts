// The body of `POST /api/v1/metrics`, field by field as Customer.io's page on it has them
// (docs.customer.io/integrations/api/track/tag/track-events/metrics). `metadata` is not on that page; Segment's own
// destination sends it for what was clicked in an in-app message.

import { MAX_ID_BYTES } from '../../../../lib/customerio/limits';
import { DELIVERY_METRICS } from '../../../../lib/customerio/operation';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';
import { readObject, readText, readTimestamp } from './parse-fields';
import type { ParseResult } from './parse-operation';
import type { ParsedMetric } from './parsed-operation';
import { Problems } from './problems';

/** Which of them a channel has is not checked: a delivery id does not tell the sandbox its channel. */
const METRICS: readonly unknown[] = DELIVERY_METRICS;

export const parseMetric = (body: unknown): ParseResult => {
  const problems = new Problems();
  const operation = isObject(body)
    ? readMetric(body, problems)
    : problems.add('invalid', '', 'the body must be an object');
  if (operation === undefined || problems.list.length > 0) return { ok: false, problems: problems.list };
  return { ok: true, operation };
};

const readMetric = (body: JsonObject, problems: Problems): ParsedMetric | undefined => {
  const { delivery_id, metric, timestamp: time, ...attributes } = body;
  const deliveryId = readText(delivery_id, 'delivery_id', MAX_ID_BYTES, problems);
  if (!METRICS.includes(metric)) {
    problems.add('invalid', 'metric', `metric must be ${DELIVERY_METRICS.join(', ')}`);
  }
  const timestamp = readTimestamp(time, 'timestamp', problems);
  checkDetails(attributes, problems);
  if (deliveryId === undefined || typeof metric !== 'string') return undefined;
  return { kind: 'delivery_metric', name: metric, deliveryId, timestamp, attributes };
};

const checkDetails = ({ recipient, reason, href, metadata }: JsonObject, problems: Problems): void => {
  // The description has the number of an SMS as an integer.
  if (typeof recipient !== 'number') checkText(recipient, 'recipient', problems);
  checkText(reason, 'reason', problems);
  checkText(href, 'href', problems);
  const { action_name: name, action_value: value } = readObject(metadata, 'metadata', problems);
  checkText(name, 'metadata.action_name', problems);
  checkText(value, 'metadata.action_value', problems);
};

const checkText = (value: unknown, field: string, problems: Problems): void => {
  if (value === undefined || typeof value === 'string') return;
  problems.add('invalid', field, `${field} must be a string`);
};
