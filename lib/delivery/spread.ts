// Spreads items over the endpoints of a destination, and gathers what became of them in the order they came. The
// destination's own endpoint is always the first, even with nothing to take.

import type { Destination, Item } from './connector';

/** The items that one endpoint takes. */
export interface EndpointLoad {
  readonly destination: Destination;
  readonly items: readonly Item[];
}

/** Where the outcome of an item stands. */
export interface OutcomePlace {
  readonly load: number;
  readonly position: number;
}

export interface Spread {
  readonly loads: readonly EndpointLoad[];
  /** One for each item, in the order given. An item that a later one repeats has the place of the later one. */
  readonly places: readonly OutcomePlace[];
}

export const spread = (items: readonly Item[], destination: Destination): Spread => {
  const loads = [{ destination, items: [] as Item[] }];
  const placeIn = (endpoint: Destination, item: Item): OutcomePlace => {
    let load = loads.findIndex((one) => one.destination === endpoint);
    if (load < 0) load = loads.push({ destination: endpoint, items: [] }) - 1;
    // Stryker disable next-line OptionalChaining: the load is there, which the compiler cannot know
    return { load, position: (loads[load]?.items.push(item) ?? 0) - 1 };
  };
  const latest = findLatest(items);
  const placeByKey = new Map<string, OutcomePlace>();
  const places = items.map((item) => {
    const { repeatKey } = item;
    if (repeatKey === undefined) return placeIn(endpointOf(item, destination), item);
    if (latest.get(repeatKey) === item)
      placeByKey.set(repeatKey, placeIn(endpointOf(item, destination), item));
    return repeatKey;
  });
  return {
    loads,
    places: places.map((place) => (typeof place === 'string' ? surely(placeByKey.get(place)) : place)),
  };
};

/** By repeat key, the item that is sent for all those with the key: the latest. */
const findLatest = (items: readonly Item[]): ReadonlyMap<string, Item> => {
  const latest = new Map<string, Item>();
  for (const item of items) {
    const { repeatKey, timestampMs } = item;
    // Stryker disable next-line ConditionalExpression: only spares most items the map, in which nobody asks for no key
    if (repeatKey === undefined) continue;
    const known = latest.get(repeatKey);
    if (known === undefined || known.timestampMs <= timestampMs) latest.set(repeatKey, item);
  }
  return latest;
};

const endpointOf = ({ endpoint }: Item, destination: Destination): Destination => {
  if (endpoint === undefined) return destination;
  const other = destination.endpoints?.[endpoint];
  if (other === undefined) throw new Error(`The destination has no endpoint ${endpoint}.`);
  return other;
};

/** @param outcomes of each load, one an item. */
export const gather = <Outcome>(
  places: readonly OutcomePlace[],
  outcomes: readonly (readonly Outcome[])[],
): Outcome[] => places.map(({ load, position }) => surely(outcomes[load]?.[position]));

const surely = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('An item has no outcome.');
  return value;
};
