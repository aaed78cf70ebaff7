import { eventName, METRIC_WORDS, OBJECT_TYPE_WORDS } from '../../../../lib/mapping/to-segment/event-name';

describe('the name of activity', () => {
  it.each([
    ['email', 'delivered', 'Email Delivered'],
    ['email', 'clicked', 'Email Link Clicked'],
    ['email', 'spammed', 'Email Marked as Spam'],
    ['in_app', 'opened', 'In-App Message Opened'],
    ['sms', 'clicked', 'SMS Link Clicked'],
    ['customer', 'cio_subscription_preferences_changed', 'Customer Subscription Preferences Changed'],
  ])('%s %s is %s', (objectType, metric, expected) => {
    expect(eventName(objectType, metric)).toBe(expected);
  });

  it.each([
    ['whatsapp', 'read', 'WhatsApp Message Read'],
    ['live_activity', 'sent', 'Live Activity Sent'],
    ['rcs', 'linkPreviewed', 'Rcs Link Previewed'],
    ['voice-call', 'picked up', 'Voice Call Picked Up'],
    ['mensaje', 'abierto_año', 'Mensaje Abierto Año'],
    ['push', '???', 'Push ???'],
  ])('a code not known yet, %s %s, is named in its own words: %s', (objectType, metric, expected) => {
    expect(eventName(objectType, metric)).toBe(expected);
  });

  it('no two known activities share a name', () => {
    const names = Object.keys(OBJECT_TYPE_WORDS).flatMap((objectType) =>
      Object.keys(METRIC_WORDS).map((metric) => eventName(objectType, metric)),
    );

    expect(new Set(names).size).toBe(names.length);
  });
});
