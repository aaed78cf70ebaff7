// A reporting webhook as Customer.io writes it, for activity that never happened. Field names and shapes are
// those of the official description; the values are made up.

import type { JsonObject } from '../../../../lib/json/json-object';
import type { Emission } from './emission';

export interface ReportingWebhook {
  readonly event_id: string;
  readonly object_type: string;
  readonly metric: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly data: JsonObject;
}

export interface Occasion {
  /** Whom it is about when the emission does not say. */
  readonly identifiers: JsonObject;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The number of this webhook among all that were made; no two have the same. */
  readonly number: number;
}

export const toWebhook = (emission: Emission, { identifiers, nowMs, number }: Occasion): ReportingWebhook => {
  const person = { id: null, ...(emission.identifiers ?? identifiers) };
  const { object_type, metric } = emission;
  return {
    event_id: emission.event_id ?? eventId(nowMs, number),
    object_type,
    metric,
    timestamp: emission.timestamp ?? Math.floor(nowMs / 1_000),
    data: {
      ...messageFields(object_type, person),
      ...METRIC_FIELDS[metric],
      customer_id: person.id ?? '',
      identifiers: person,
      ...emission.data,
    },
  };
};

/** A change of subscription that no message has caused is the customer's, and has no message's fields. */
const messageFields = (objectType: string, person: JsonObject): JsonObject => {
  if (objectType === 'customer') return { email_address: person['email'] ?? '' };
  return {
    campaign_id: 1,
    action_id: 1,
    // The same for every metric of a channel, as if it were all one message.
    delivery_id: Buffer.from(`${objectType}:1`).toString('base64'),
    recipient: person['email'] ?? person['id'] ?? '',
    ...CHANNEL_FIELDS[objectType],
  };
};

const CHANNEL_FIELDS: Readonly<Record<string, JsonObject>> = {
  email: { subject: 'Thanks for signing up' },
  push: { recipient: undefined, recipients: [{ device_id: 'device-1', device_platform: 'ios' }] },
  sms: { recipient: '+15551234567' },
  slack: { recipient: '#general' },
  webhook: { recipient: 'https://example.com/hook' },
  whatsapp: { recipient: '+15551234567' },
};

const FAILURE: JsonObject = { failure_message: '550 5.1.1 mailbox unavailable' };

const METRIC_FIELDS: Readonly<Record<string, JsonObject>> = {
  opened: { proxied: false, prefetched: false },
  clicked: { href: 'https://example.com/welcome', link_id: 1, machine: false },
  attempted: FAILURE,
  bounced: FAILURE,
  deferred: FAILURE,
  dropped: FAILURE,
  failed: FAILURE,
  undeliverable: FAILURE,
};

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const NUMBER_CHARACTERS = 16;

/** A ULID with a number where others have chance. */
const eventId = (nowMs: number, number: number): string =>
  inBase32(nowMs, TIME_CHARACTERS) + inBase32(number, NUMBER_CHARACTERS);

const inBase32 = (value: number, length: number): string => {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = (CROCKFORD[rest % 32] ?? '') + text;
  }
  return text;
};
