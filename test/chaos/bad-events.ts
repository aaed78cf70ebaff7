// Events that can never be delivered, each with the reason it must be dead-lettered for.

import type { Reason } from '../../lib/errors';
import type { JsonObject } from '../../lib/json/json-object';
import { envelope, type Maker, type PlannedEvent, type Stage, viaSdk } from './planned-event';

const dead = (
  { number }: Stage,
  event: JsonObject | string,
  reason: Reason,
  names: string,
): PlannedEvent => ({ number, event, fate: { kind: 'dead_lettered', reason, names } });

const trackOf = (stage: Stage, changes: JsonObject): JsonObject => ({
  ...envelope(stage),
  type: 'track',
  userId: stage.person,
  event: 'Signed Up',
  properties: { n: stage.number },
  ...changes,
});

/** One bad event, made of an ordinary track. */
const spoilt =
  (via: 'sdk' | 'hand', changes: JsonObject, reason: Reason, names: string): Maker =>
  (next) => {
    const stage = next();
    return { via, events: [dead(stage, trackOf(stage, changes), reason, names)] };
  };

/** Nothing is wrong with it, but an anonymousId names nobody who could be identified. */
const anonymousIdentify: Maker = (next) => {
  const stage = next();
  const call = { type: 'identify', anonymousId: `visitor-${stage.number}`, traits: { plan: 'free' } };
  return viaSdk(dead(stage, { ...envelope(stage), ...call }, 'missing_identifier', 'userId'));
};

const nobodyWithoutMessageId: Maker = (next) => {
  const stage = next();
  const event = { type: 'track', event: 'Signed Up', properties: { n: stage.number } };
  return { via: 'hand', events: [dead(stage, event, 'missing_identifier', 'userId')] };
};

const noJson: Maker = (next) => {
  const stage = next();
  return { via: 'hand', events: [dead(stage, `{"type":"track",${stage.number}`, 'invalid_json', 'JSON')] };
};

const unknownSource: Maker = (next) => {
  const stage = next();
  return {
    via: 'hand',
    source: 'nobody',
    events: [dead(stage, trackOf(stage, {}), 'unknown_source', 'source')],
  };
};

const nobody = { userId: undefined };

export const BAD_EVENTS: readonly [Maker, ...Maker[]] = [
  spoilt('sdk', { event: '  ' }, 'missing_event_name', 'event'),
  spoilt('sdk', nobody, 'missing_identifier', 'userId'),
  spoilt('sdk', { type: 'purchase' }, 'invalid_event', 'type'),
  spoilt('sdk', { properties: { text: 'x'.repeat(33_000) } }, 'event_too_large', 'bytes'),
  // Customer.io takes 150 bytes.
  spoilt('sdk', { userId: 'u'.repeat(151) }, 'rejected_by_customerio', 'id'),
  anonymousIdentify,
  spoilt('hand', nobody, 'missing_identifier', 'userId'),
  spoilt('hand', { event: undefined }, 'missing_event_name', 'event'),
  spoilt('hand', { type: undefined }, 'invalid_event', 'type'),
  spoilt('hand', { properties: { text: 'x'.repeat(40_000) } }, 'operation_too_large', 'bytes'),
  nobodyWithoutMessageId,
  noJson,
  unknownSource,
];
