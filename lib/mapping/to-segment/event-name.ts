// What message activity is called: the words of the object type, then the words of the metric. A code not
// listed here is named in its own words, so that nothing new from Customer.io ends up nameless.

/** Customer.io's `object_type`. `docs/activity.md` shows this table; a test compares the two. */
export const OBJECT_TYPE_WORDS: Readonly<Record<string, string>> = {
  customer: 'Customer',
  email: 'Email',
  in_app: 'In-App Message',
  push: 'Push',
  slack: 'Slack Message',
  sms: 'SMS',
  webhook: 'Webhook Message',
  whatsapp: 'WhatsApp Message',
};

/**
 * Customer.io's `metric`. `Link Clicked` and `Marked as Spam` come from Segment's email spec and are used
 * for every channel. `docs/activity.md` shows this table; a test compares the two.
 */
export const METRIC_WORDS: Readonly<Record<string, string>> = {
  attempted: 'Attempted',
  bounced: 'Bounced',
  cio_subscription_preferences_changed: 'Subscription Preferences Changed',
  clicked: 'Link Clicked',
  converted: 'Converted',
  deferred: 'Deferred',
  delivered: 'Delivered',
  drafted: 'Drafted',
  dropped: 'Dropped',
  failed: 'Failed',
  opened: 'Opened',
  replied: 'Replied',
  sent: 'Sent',
  spammed: 'Marked as Spam',
  subscribed: 'Subscribed',
  undeliverable: 'Undeliverable',
  unsubscribed: 'Unsubscribed',
};

/** `email`, `clicked` -> `Email Link Clicked`; `carrier_pigeon`, `released` -> `Carrier Pigeon Released`. */
export const eventName = (objectType: string, metric: string): string =>
  `${words(OBJECT_TYPE_WORDS, objectType)} ${words(METRIC_WORDS, metric)}`;

const words = (table: Readonly<Record<string, string>>, code: string): string =>
  (Object.hasOwn(table, code) && table[code]) || titleCase(code);

/** A code without a letter or digit stays as it is. */
const titleCase = (code: string): string => {
  const parts = code.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [code];
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(' ');
};
