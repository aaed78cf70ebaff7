import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { translateActivity } from '../../../../lib/mapping/to-segment/translate-activity';

const GOLDEN = join(__dirname, '../../../golden-activity');
const SUBSCRIPTION = ['subscribed', 'unsubscribed', 'cio_subscription_preferences_changed'];

/** Every object type and metric that Customer.io's description of its reporting webhooks names. */
const DESCRIBED: Readonly<Record<string, readonly string[]>> = {
  customer: SUBSCRIPTION,
  email: [
    'drafted',
    'attempted',
    'sent',
    'delivered',
    'opened',
    'clicked',
    'converted',
    'bounced',
    'dropped',
    'deferred',
    'spammed',
    'failed',
    'undeliverable',
    ...SUBSCRIPTION,
  ],
  push: [
    'drafted',
    'attempted',
    'sent',
    'delivered',
    'opened',
    'clicked',
    'converted',
    'bounced',
    'dropped',
    'failed',
    'undeliverable',
    ...SUBSCRIPTION,
  ],
  in_app: [
    'drafted',
    'attempted',
    'sent',
    'opened',
    'clicked',
    'converted',
    'failed',
    'undeliverable',
    ...SUBSCRIPTION,
  ],
  sms: [
    'drafted',
    'attempted',
    'sent',
    'delivered',
    'clicked',
    'converted',
    'bounced',
    'failed',
    'undeliverable',
    'replied',
    ...SUBSCRIPTION,
  ],
  slack: ['drafted', 'attempted', 'sent', 'clicked', 'failed', 'undeliverable', ...SUBSCRIPTION],
  webhook: ['drafted', 'attempted', 'sent', 'clicked', 'failed', 'undeliverable', ...SUBSCRIPTION],
  whatsapp: [
    'drafted',
    'attempted',
    'sent',
    'delivered',
    'opened',
    'clicked',
    'converted',
    'bounced',
    'dropped',
    'failed',
    'undeliverable',
    'replied',
    ...SUBSCRIPTION,
  ],
};

const read = (folder: string, file: string): unknown =>
  JSON.parse(readFileSync(join(GOLDEN, folder, file), 'utf8'));

const settingsOf = (folder: string): { activityPropertyCase: 'snake' | 'camel' } =>
  readdirSync(join(GOLDEN, folder)).includes('settings.json')
    ? (read(folder, 'settings.json') as { activityPropertyCase: 'snake' | 'camel' })
    : { activityPropertyCase: 'snake' };

const folders = readdirSync(GOLDEN).sort();

describe('the golden cases of message activity', () => {
  it.each(folders)('%s', (folder) => {
    const webhook = read(folder, 'webhook.json');

    const translation = translateActivity(webhook, settingsOf(folder));

    // Compared as JSON: that is what goes on the queue, and a key that is undefined would not.
    expect(JSON.parse(JSON.stringify(translation))).toStrictEqual({
      outcome: 'event',
      event: read(folder, 'event.json'),
    });
    expect(webhook).toStrictEqual(read(folder, 'webhook.json'));
  });

  it('there is one for every object type and metric that Customer.io describes', () => {
    const described = Object.entries(DESCRIBED).flatMap(([objectType, metrics]) =>
      metrics.map((metric) => `${objectType}-${metric}`),
    );

    expect(folders).toEqual(expect.arrayContaining(described));
  });
});
