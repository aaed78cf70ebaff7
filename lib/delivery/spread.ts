// Spreads items over the endpoints of a destination, and gathers what became of them in the order they came. The
// destination's own endpoint is always the first, even with nothing to take.

import type { Destination, Item } from './connector';

/** The items that one endpoint takes. */
export interface Load {
  readonly destination: Destination;
  readonly items: readonly Item[];
}

/** Where the outcome of an item stands. */
export interface Place {
  readonly load: number;
  readonly position: number;
}

export interface Spread {
  readonly loads: readonly Load[];
  /** One for each item, in the order given. */
  readonly places: readonly Place[];
}

export const spread = (items: readonly Item[], destination: Destination): Spread => {
  const loads = [{ destination, items: [] as Item[] }];
  const places = items.map((item): Place => {
    const endpoint = endpointOf(item, destination);
    let load = loads.findIndex((one) => one.destination === endpoint);
    if (load < 0) load = loads.push({ destination: endpoint, items: [] }) - 1;
    return { load, position: (loads[load]?.items.push(item) ?? 0) - 1 };
  });
  return { loads, places };
};

const endpointOf = ({ endpoint }: Item, destination: Destination): Destination => {
  if (endpoint === undefined) return destination;
  const other = destination.endpoints?.[endpoint];
  if (other === undefined) throw new Error(`The destination has no endpoint ${endpoint}.`);
  return other;
};

/** @param outcomes of each load, one an item. */
export const gather = <Outcome>(
  places: readonly Place[],
  outcomes: readonly (readonly Outcome[])[],
): Outcome[] =>
  places.map(({ load, position }) => {
    const outcome = outcomes[load]?.[position];
    if (outcome === undefined) throw new Error('An item has no outcome.');
    return outcome;
  });
