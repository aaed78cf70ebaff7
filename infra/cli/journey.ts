// The story the demo tells: one customer from the first visit to the farewell, each kind of call once or more.
// Days apart in event time, so that the order at Customer.io is the story's, however the queue shuffles it.

import { Analytics } from '@segment/analytics-node';
import { ACTIVITY_TYPES } from '../local/sandbox/activity-log';
import type { Customer } from './sandbox-client';

const DAY_MS = 86_400_000;
const DEVICE_TOKEN = 'ff15bc0c20c4aa6cd50854ff165fd265c838e5405bfeb9571066395b8c9da449';

/** Resolves once the SDK has sent everything. @throws Error when the endpoint refused a call. */
export const playJourney = async (host: string, userId: string): Promise<void> => {
  const errors: unknown[] = [];
  const analytics = new Analytics({ writeKey: 'local', host });
  analytics.on('error', (error) => errors.push(error));
  tell(analytics, userId);
  await analytics.closeAndFlush({ timeout: 10_000 });
  if (errors.length > 0)
    throw new Error(`The endpoint did not take the events: ${JSON.stringify(errors[0])}`);
};

const tell = (analytics: Analytics, userId: string): void => {
  const anonymousId = `visitor-${userId}`;
  const start = Date.now() - 9 * DAY_MS;
  const on = (day: number): { timestamp: Date } => ({ timestamp: new Date(start + day * DAY_MS) });
  const context = {
    device: { token: DEVICE_TOKEN, type: 'ios', model: 'iPhone17,1' },
    app: { version: '1.2.3' },
  };

  analytics.page({
    anonymousId,
    name: 'Pricing',
    properties: { url: 'https://example.com/pricing' },
    ...on(0),
  });
  analytics.identify({
    userId,
    anonymousId,
    traits: { email: `${userId}@example.com`, first_name: 'Ada', created_at: on(1).timestamp.toISOString() },
    ...on(1),
  });
  analytics.track({ userId, event: 'Signed Up', properties: { plan: 'free' }, ...on(1) });
  analytics.track({
    userId,
    event: 'Application Installed',
    properties: { version: '1.2.3' },
    context,
    ...on(2),
  });
  analytics.screen({ userId, name: 'Home', properties: { feed: 'private' }, ...on(2) });
  analytics.track({
    userId,
    event: 'Application Opened',
    properties: { from_background: false },
    context,
    ...on(3),
  });
  analytics.track({
    userId,
    event: 'Order Completed',
    properties: { order_id: '1001', total: 27.5 },
    ...on(4),
  });
  analytics.identify({ userId, traits: { plan: 'premium' }, ...on(5) });
  analytics.group({ userId, groupId: `acme-${userId}`, traits: { name: 'Acme', employees: 329 }, ...on(6) });
  analytics.track({
    userId,
    event: 'Order Completed',
    properties: { order_id: '1002', total: 12 },
    ...on(7),
  });
  analytics.identify({ userId, traits: { unsubscribed: true }, ...on(8) });
};

/** What of the story Customer.io does not show; nothing once all has arrived. */
export const missingFrom = ({ activities, people }: Customer): string[] => {
  const [person] = people;
  const has = (type: string, name: string): number =>
    activities.filter((one) => one.activity_type === type && one.activity_name === name).length;
  const checks: readonly (readonly [what: string, isThere: boolean | undefined])[] = [
    ['the page view', has(ACTIVITY_TYPES.page, 'Pricing') === 1],
    ['the sign-up', has(ACTIVITY_TYPES.event, 'Signed Up') === 1],
    ['the screen', has(ACTIVITY_TYPES.event, 'Viewed Home Screen') === 1],
    ['both purchases', has(ACTIVITY_TYPES.event, 'Order Completed') === 2],
    ['the device', person?.devices.some(({ token }) => token === DEVICE_TOKEN)],
    ['the group', activities.some((one) => one.activity_type === ACTIVITY_TYPES.relationshipAdded)],
    ['the plan', person?.attributes['plan'] === 'premium'],
    ['the unsubscription', person?.attributes['unsubscribed'] === true],
  ];
  return checks.flatMap(([what, isThere]) => (isThere ? [] : [what]));
};
