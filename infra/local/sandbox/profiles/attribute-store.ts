// Attributes with the time each was last set. The newer time wins whatever the order of arrival, so that
// shuffled updates end in one profile; of equal times the later arrival wins.

import { MAX_ATTRIBUTES } from '../../../../lib/customerio/limits';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';

interface Attribute {
  /** Undefined once removed: the time of the removal must outlive the value, or an older update would bring it back. */
  readonly value: unknown;
  /** Unix seconds. */
  readonly timestamp: number;
}

export type AttributeStore = Map<string, Attribute>;

const PREFERENCES = 'cio_subscription_preferences';
const TOPIC_PREFIX = `${PREFERENCES}.topics.`;

/** Null and the empty string remove an attribute. */
export const isRemoval = (value: unknown): boolean => value === null || value === '';

export const isOutdated = (store: AttributeStore, name: string, timestamp: number): boolean =>
  (store.get(name)?.timestamp ?? -Infinity) > timestamp;

export const setAttribute = (
  store: AttributeStore,
  name: string,
  value: unknown,
  timestamp: number,
): void => {
  store.set(name, { value: isRemoval(value) ? undefined : value, timestamp });
};

/** Sets those that are not outdated. */
export const setAttributes = (store: AttributeStore, attributes: JsonObject, timestamp: number): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (!isOutdated(store, name, timestamp)) setAttribute(store, name, value, timestamp);
  }
};

export const isSet = (store: AttributeStore, name: string): boolean => store.get(name)?.value !== undefined;

/** Whether one more of this name stays within the limit of a person or an object. */
export const hasRoomFor = (store: AttributeStore, name: string, value: unknown): boolean => {
  if (store.size < MAX_ATTRIBUTES || isRemoval(value) || isSet(store, name)) return true;
  return liveNames(store).length < MAX_ATTRIBUTES;
};

const liveNames = (store: AttributeStore): string[] => [...store.keys()].filter((name) => isSet(store, name));

/** What is set, without what was removed. */
export const currentAttributes = (store: AttributeStore): JsonObject => {
  const entries = liveNames(store)
    .filter((name) => !name.startsWith(TOPIC_PREFIX))
    .map((name): [string, unknown] => [name, store.get(name)?.value]);
  const topics = [...store].filter(([name]) => name.startsWith(TOPIC_PREFIX));
  // fromEntries, because assigning an attribute named `__proto__` would lose it.
  return Object.fromEntries([...entries, ...composePreferences(store, topics)]);
};

/** `cio_subscription_preferences.topics.topic_<id>` changes one topic and leaves the others. */
const composePreferences = (store: AttributeStore, topics: [string, Attribute][]): [string, unknown][] => {
  const whole = store.get(PREFERENCES);
  const newer = topics.filter(([, { timestamp }]) => timestamp >= (whole?.timestamp ?? -Infinity));
  if (newer.length === 0) return [];
  const preferences = isObject(whole?.value) ? whole.value : {};
  const changes = newer.map(([name, { value }]) => [name.slice(TOPIC_PREFIX.length), value]);
  const base = isObject(preferences['topics']) ? preferences['topics'] : {};
  return [[PREFERENCES, { ...preferences, topics: { ...base, ...Object.fromEntries(changes) } }]];
};
