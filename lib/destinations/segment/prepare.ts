// From an event of the activity queue to the bytes that Segment gets. Segment answers 200 to events it then
// drops, so whatever it would drop is turned away here, where it leaves a trace.

import type { Source } from '../../config/source';
import { type Prepared, REJECTED_AS_TOO_DEEP, rejected } from '../../delivery/connector';
import { toJsonBytes } from '../../delivery/json-bytes';
import { EVENT_TYPES } from '../../event/event';
import { eventTimeMs } from '../../event/event-time';
import type { Fault } from '../../event/fault';
import { findFault, typeOf, UNKNOWN_TYPE } from '../../event/find-fault';
import { readId } from '../../event/ids';
import { withOptOut } from '../../event/integrations';
import { MAX_EVENT_BYTES } from '../../event/segment-limits';
import { isObject, type JsonObject } from '../../json/json-object';
import { unlessTooDeep, writeJson } from '../../json/write-json';
import { identityKeys } from '../../mapping/identity';
import { translateReported } from '../../mapping/to-segment/translate-reported';
import { UNKNOWN_TIME_MS } from '../../mapping/translation';
import { withoutPrivate } from '../../rules/without-private';
import { isLongerThan } from '../../text';

/**
 * @param event with a `messageId` and a time; a message put by hand may have lacked them.
 * @param raw the event as it came. A dead letter that was moved back to the queue is the reporting webhook
 *   itself; what was filled in for an event must not become one of its properties.
 */
export const prepareForSegment = (event: unknown, source: Source, raw: unknown): Prepared =>
  isWebhook(raw) ? prepareWebhook(raw, source) : prepareEvent(event, source);

/** All that Customer.io sends has an `object_type`; without it what is no call of Segment's may still be a webhook. */
const isWebhook = (raw: unknown): raw is JsonObject =>
  isObject(raw) &&
  ('metric' in raw || 'event_id' in raw) &&
  ('object_type' in raw || typeOf(raw, undefined) === undefined);

const prepareWebhook = (webhook: JsonObject, source: Source): Prepared => {
  const translation = unlessTooDeep(() => translateReported(webhook, source));
  if (translation === undefined) return REJECTED_AS_TOO_DEEP;
  if (translation.outcome === 'rejected') return rejected(translation.reason, translation.detail);
  return prepareEvent(translation.event, source);
};

const prepareEvent = (given: unknown, source: Source): Prepared => {
  const event = withoutPrivate(given, source);
  if (!isObject(event)) return rejected('invalid_event', 'the event: expected an object');
  const fault = findSegmentFault(event, source);
  if (fault !== undefined) return rejected(fault.reason, fault.detail);
  const json = writeJson(withLoopGuard(event, source));
  if (json === undefined) return REJECTED_AS_TOO_DEEP;
  if (isLongerThan(json, MAX_EVENT_BYTES)) return rejected('event_too_large', tooLarge(json));
  // Segment takes an event without a readable time for one of now.
  const timestampMs = eventTimeMs(event) ?? UNKNOWN_TIME_MS;
  return { kind: 'items', items: [{ json: toJsonBytes(json), keys: identityKeys(event), timestampMs }] };
};

/** Stricter than at the door: an email alone identifies a person to Customer.io, not to Segment. */
const findSegmentFault = (event: JsonObject, source: Source): Fault | undefined => {
  const type = EVENT_TYPES.find((known) => known === event['type']);
  if (type === undefined) return UNKNOWN_TYPE;
  const fault = findFault(event, type, source);
  if (fault !== undefined) return fault;
  const id = readId(event['userId']) ?? readId(event['anonymousId']);
  return id === undefined ? { reason: 'missing_identifier', detail: NO_IDENTIFIER } : undefined;
};

const NO_IDENTIFIER = 'userId: the event has none, and no anonymousId';

/** Everything here comes from Customer.io; the guard keeps it from going back, whoever put it on the queue. */
const withLoopGuard = (event: JsonObject, { integrationNames }: Source): JsonObject => {
  const { integrations } = event;
  return { ...event, integrations: withOptOut(isObject(integrations) ? integrations : {}, integrationNames) };
};

const tooLarge = (json: string): string =>
  `the event has ${Buffer.byteLength(json)} bytes; Segment takes ${MAX_EVENT_BYTES}`;
