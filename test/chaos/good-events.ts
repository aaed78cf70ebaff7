// Events that Customer.io takes, or that are not meant for it. The last state they lead to does not depend
// on the order in which they arrive, as far as Customer.io can be relied on for it: what has a timestamp is
// ordered by it; objects, merges and device deletions have none, so those that matter to each other are a unit.

import type { JsonObject } from '../../lib/json/json-object';
import type { Dice } from './dice';
import {
  behaviour,
  delivered,
  envelope,
  type Maker,
  OTHER_SOURCE,
  type PlannedEvent,
  type Stage,
  viaSdk,
} from './planned-event';
import { RESERVED_EVENTS } from './reserved-events';
import { trace } from './trace';

const identifyOf = (stage: Stage, userId: string, traits: JsonObject, holder = userId): PlannedEvent => {
  const mark = trace.attributeName(stage.number);
  const event = { ...envelope(stage), type: 'identify', userId, traits: { ...traits, [mark]: true } };
  return delivered(stage, event, trace.personAttribute(holder, stage.number));
};

/** Each sets some attributes and leaves others, so that the newest value of each comes from another event. */
const identify: Maker = (next, dice) => {
  const stage = next();
  const traits = {
    plan: dice.pick(['free', 'team', 'business']),
    ...(dice.chance(0.5) && { score: dice.between(0, 1_000) }),
    ...(dice.chance(0.3) && { coupon: dice.chance(0.5) ? `C${stage.number}` : null }),
    ...(dice.chance(0.3) && { last_visit: stage.timestamp }),
    ...(dice.chance(0.1) && { address: { city: dice.pick(['Oslo', 'Lima', '札幌']) } }),
  };
  return viaSdk(identifyOf(stage, stage.person, traits));
};

const purchase = (dice: Dice): JsonObject => ({
  total: dice.between(100, 99_999) / 100,
  currency: dice.pick(['EUR', 'USD', 'JPY']),
  ordered_at: '2025-05-31T23:59:59.123Z',
  products: [{ sku: `sku-${dice.between(1, 500)}`, name: dice.pick(['Café crème', 'Čaj', 'お茶']) }],
});

const track: Maker = (next, dice) => {
  const stage = next();
  const event = dice.pick(['Order Completed', 'Product Viewed', 'Signed Up', 'Invite Sent']);
  return viaSdk(behaviour(stage, { type: 'track', userId: stage.person, event }, purchase(dice)));
};

const page: Maker = (next, dice) => {
  const stage = next();
  const name = dice.pick(['Home', 'Pricing', 'Docs']);
  return viaSdk(behaviour(stage, { type: 'page', userId: stage.person, name }));
};

const screen: Maker = (next, dice) => {
  const stage = next();
  const name = dice.pick(['Cart', 'Profile', 'Search']);
  return viaSdk(behaviour(stage, { type: 'screen', userId: stage.person, name }));
};

const anonymousTrack: Maker = (next) => {
  const stage = next();
  const call = { type: 'track', anonymousId: `visitor-${stage.number}`, event: 'Landed' };
  return viaSdk(behaviour(stage, call));
};

/** As an operator or another program puts it on the queue: no messageId, no timestamp. */
const bareTrack: Maker = (next) => {
  const stage = next();
  const { number, person } = stage;
  const event = { type: 'track', userId: person, event: 'Imported', properties: { n: number } };
  return { via: 'hand', events: [delivered(stage, event, trace.event(number))] };
};

const group: Maker = (next) => {
  const stage = next();
  const { number, person, group: groupId } = stage;
  const traits = { name: `The ${groupId}`, [trace.attributeName(number)]: true };
  const event = { ...envelope(stage), type: 'group', userId: person, groupId, traits };
  return viaSdk(delivered(stage, event, trace.objectAttribute(groupId, number)));
};

const deviceCall = (stage: Stage, event: string, token: string): JsonObject => ({
  ...envelope(stage),
  type: 'track',
  userId: stage.person,
  event,
  context: { device: { token, type: 'ios', model: 'iPhone17,1' }, app: { version: '4.2.0' } },
  properties: { build: 1234 },
});

const install: Maker = (next) => {
  const stage = next();
  const token = `token-${stage.number}`;
  const left = trace.device(stage.person, token);
  return viaSdk(delivered(stage, deviceCall(stage, 'Application Installed', token), left));
};

const installAndUninstall: Maker = (next) => {
  const installed = next();
  const removed = { ...next(), person: installed.person };
  const token = `token-${installed.number}`;
  return viaSdk(
    delivered(installed, deviceCall(installed, 'Application Opened', token), trace.deviceAdded(token)),
    delivered(removed, deviceCall(removed, 'Application Uninstalled', token), trace.deviceDeleted(token)),
  );
};

/** Both people first, because a merge into nobody does nothing. */
const alias: Maker = (next) => {
  const first = next();
  // An id: a person known by email alone would take over the other's id, the first one to come.
  const userId = `member-${first.number}`;
  const second = next();
  const previousId = `trial-${second.number}`;
  const third = next();
  const merge = { ...envelope(third), type: 'alias', userId, previousId };
  return viaSdk(
    identifyOf(first, userId, { plan: 'team' }),
    identifyOf(second, previousId, { trial: true }, userId),
    delivered(third, merge, trace.merged(previousId)),
  );
};

const skipped = ({ number }: Stage, event: JsonObject): PlannedEvent => ({
  number,
  event,
  fate: { kind: 'skipped' },
});

const notForCustomerIo: Maker = (next, dice) => {
  const stage = next();
  const integrations = dice.pick([{ All: false }, { 'Customer.io': false }]);
  const call = { type: 'track', userId: stage.person, event: 'Internal', integrations };
  return viaSdk(skipped(stage, { ...envelope(stage), ...call, properties: { n: stage.number } }));
};

const aliasToItself: Maker = (next) => {
  const stage = next();
  const call = { type: 'alias', userId: stage.person, previousId: stage.person };
  return viaSdk(skipped(stage, { ...envelope(stage), ...call }));
};

/** Words of the formats that events travel in, as fields of an event: they are its data, whatever they hold. */
const formatWords: Maker = (next, dice) => {
  const stage = next();
  const { person: userId } = stage;
  const smuggled = { type: 'track', userId, event: 'Smuggled', properties: { n: -stage.number } };
  const value = dice.pick<unknown>([[], [smuggled], JSON.stringify(smuggled), smuggled]);
  const words = dice.pick<JsonObject>([
    { batch: value },
    { Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:000000000000:events', Message: value },
    { 'detail-type': 'event', source: 'shop', detail: value },
    { reason: 'invalid_json', failedAt: stage.timestamp, detail: value },
    { receives: '490', firstSentAt: '1', putBackAt: '2', culprit: 'yes' },
  ]);
  const call = { ...words, type: 'track', userId, event: 'Signed Up' };
  return viaSdk(behaviour(stage, call, { type: value, batch: value }));
};

/** Of the other workspace, whose source is added to the settings during the run. */
export const otherTrack: Maker = (next) => {
  const stage = next();
  const track = behaviour(stage, { type: 'track', userId: stage.person, event: 'Read' });
  return { via: 'hand', source: OTHER_SOURCE, events: [track] };
};

export const GOOD_EVENTS: readonly (readonly [weight: number, make: Maker])[] = [
  [25, identify],
  [38, track],
  [11, page],
  [8, screen],
  [3, anonymousTrack],
  [1, bareTrack],
  [1, formatWords],
  [5, group],
  [3, install],
  [1, installAndUninstall],
  [1, alias],
  [1, notForCustomerIo],
  [0.5, aliasToItself],
  ...RESERVED_EVENTS.map((make) => [0.5, make] as const),
];
