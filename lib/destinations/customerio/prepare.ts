// From an event of the queue to the bytes that Customer.io gets.

import type { Source } from '../../config/source';
import { MAX_OPERATION_BYTES } from '../../customerio/limits';
import type { DeliveryMetric, Operation } from '../../customerio/operation';
import { type Item, type Prepared, REJECTED_AS_TOO_DEEP, rejected, skipped } from '../../delivery/connector';
import { toJsonBytes } from '../../delivery/json-bytes';
import { writeJson } from '../../json/write-json';
import type { Adjustment } from '../../mapping/fit-attributes';
import { identityKeys } from '../../mapping/identity';
import { type RuledPart, type RuledTranslation, translateByRules } from '../../mapping/translate-by-rules';
import { isLongerThan } from '../../text';

/** The name of the endpoint that takes the metrics a batch does not. */
export const METRICS_ENDPOINT = 'metrics';

/** Translated, serialised once, measured once. */
export const prepareForCustomerIo = (event: unknown, source: Source): Prepared => {
  const translation = translateByRules(event, source);
  if (translation.outcome === 'skipped') return skipped(translation.reason, translation.rule);
  if (translation.outcome === 'rejected') {
    return rejected(translation.reason, translation.detail);
  }
  const { parts } = translation;
  const [only] = parts;
  // An array that is made at its length has no room to grow: the items live until the invocation ends.
  const made = only !== undefined && parts.length === 1 ? toItems(only) : parts.flatMap(toItems);
  const refused = made.find(isRefused);
  if (refused !== undefined) return refused;
  const items = made as readonly Item[];
  return parts.some(isAdjusted)
    ? { kind: 'items', items, adjustedAttributes: parts.filter(isAdjusted).flatMap(adjustedIn) }
    : { kind: 'items', items };
};

interface Adjusted {
  readonly adjustments: readonly Adjustment[];
}

const isAdjusted = (part: RuledPart): part is RuledPart & Adjusted => 'adjustments' in part;

const adjustedIn = ({ adjustments }: Adjusted): readonly string[] =>
  adjustments.map(({ attribute }) => attribute);

/** The JSON of an operation or a metric, or why it can never be sent. */
export const toSendable = (body: Operation | DeliveryMetric): string | Prepared => {
  const json = writeJson(body);
  if (json === undefined) return REJECTED_AS_TOO_DEEP;
  return isLongerThan(json, MAX_OPERATION_BYTES) ? rejected('operation_too_large', tooLarge(json)) : json;
};

/** The same outcome, or a rejection where something of it is too large, or nests too deeply, to travel. */
export const unlessUnsendable = (outcome: RuledTranslation): RuledTranslation => {
  const parts = outcome.outcome === 'operations' ? outcome.parts : [];
  const bodies = parts.flatMap((part): readonly (Operation | DeliveryMetric)[] =>
    part.outcome === 'metric' ? [part.metric] : part.operations,
  );
  for (const body of bodies) {
    const sendable = toSendable(body);
    if (typeof sendable === 'string' || sendable.kind !== 'rejected') continue;
    return { outcome: 'rejected', reason: sendable.reason, detail: sendable.detail };
  }
  return outcome;
};

/** One for each operation: an item, or why it can never be sent. */
const toItems = (part: RuledPart): (Item | Prepared)[] => {
  const keys = identityKeys(part.event);
  const { timestampMs } = part;
  return part.outcome === 'metric'
    ? [toItem(part.metric, keys, timestampMs, METRICS_ENDPOINT)]
    : part.operations.map((operation) => toItem(operation, keys, timestampMs, undefined));
};

const toItem = (
  body: Operation | DeliveryMetric,
  keys: readonly string[],
  timestampMs: number,
  endpoint: string | undefined,
): Item | Prepared => {
  const json = toSendable(body);
  if (typeof json !== 'string') return json;
  // Customer.io does not order what carries no time of its own.
  const isUnordered = !('timestamp' in body);
  const isBarrier = isUnordered && 'action' in body && BARRIERS.has(body.action);
  const repeatKey = repeatKeyOf(body);
  return { json: toJsonBytes(json), keys, timestampMs, isUnordered, isBarrier, endpoint, repeatKey };
};

/**
 * What deletes or suppresses, or ends a suppression: an identify that should come after one of these and arrived before
 * it would be deleted with the person, or ignored as one of a suppressed person.
 */
const BARRIERS: ReadonlySet<string> = new Set<Operation['action']>([
  'delete',
  'delete_relationships',
  'suppress',
  'unsuppress',
]);

const isRefused = (made: Item | Prepared): made is Prepared => 'kind' in made;

/** A device may be registered with every event, and needs to be only once: the last use alone differs. */
const repeatKeyOf = (body: Operation | DeliveryMetric): string | undefined => {
  if (!('action' in body) || body.action !== 'add_device') return undefined;
  const { identifiers, device } = body;
  const { token, platform, attributes } = device;
  return JSON.stringify([identifiers, token, platform, attributes]);
};

const tooLarge = (json: string): string =>
  `the operation has ${Buffer.byteLength(json)} bytes; Customer.io takes ${MAX_OPERATION_BYTES}`;
