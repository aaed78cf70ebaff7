// Packs items into as few requests as their sizes allow, in linear time and without serialising anything.
// Items that share a key keep their order: they stand in one request in that order, or in several of
// which each later one names the earlier in `after`.

import type { Item } from './destination';
import { groupByKey } from './group';

export interface PackedRequest {
  /** Positions in the array given to `pack`. */
  readonly positions: readonly number[];
  /** Requests, by position in the result, that must have ended before this one starts. */
  readonly after: readonly number[];
  /** UTF-8 bytes of the whole body. */
  readonly bytes: number;
}

/** Bytes of a whole request at most, and how many of them the envelope around the items takes. */
export interface PackLimits {
  readonly maxBatchBytes: number;
  readonly envelopeBytes: number;
}

/** Groups up to this share of a request fill the gaps that larger ones leave. */
const SMALL_GROUP_SHARE = 0.01;
/** More than this above the fewest requests possible, and groups are split to fill every request. */
const MAX_EXCESS_SHARE = 0.02;
/** How many of the last requests still take items: a gap too small for one is filled by another. */
const MAX_OPEN_BINS = 4;
const SEPARATOR_BYTES = 1;

/** Every item must fit a request by itself: the caller has turned away those that do not. */
export const pack = (items: readonly Item[], limits: PackLimits): PackedRequest[] => {
  const sizes = items.map(({ json }) => json.length + SEPARATOR_BYTES);
  const capacity = limits.maxBatchBytes - limits.envelopeBytes + SEPARATOR_BYTES;
  const groups = groupByKey(items).map((positions) => ({ positions, size: sum(positions, sizes) }));
  const fewest = Math.ceil(groups.reduce((total, group) => total + group.size, 0) / capacity);

  const whole = packWhole(groups, sizes, capacity);
  const bins = whole.length <= fewest * (1 + MAX_EXCESS_SHARE) ? whole : packTight(groups, sizes, capacity);
  return bins.map(({ positions, after, used }) => ({
    positions,
    after: [...after],
    bytes: used - SEPARATOR_BYTES + limits.envelopeBytes,
  }));
};

interface Group {
  readonly positions: readonly number[];
  readonly size: number;
}

interface Bin {
  readonly positions: number[];
  readonly after: Set<number>;
  used: number;
}

const sum = (positions: readonly number[], sizes: readonly number[]): number =>
  positions.reduce((total, position) => total + (sizes[position] ?? 0), 0);

/** Keeps each group in one request where it fits one, so that all requests may be in flight at once. */
const packWhole = (groups: readonly Group[], sizes: readonly number[], capacity: number): Bin[] => {
  const bins: Bin[] = [];
  const isSmall = (group: Group): boolean => group.size <= capacity * SMALL_GROUP_SHARE;
  for (const group of groups) {
    if (isSmall(group)) continue;
    const from = firstWithRoom(bins, firstOpen(bins), group.size, capacity);
    spread(bins, group.positions, sizes, capacity, from);
  }
  fillGaps(bins, groups.filter(isSmall), capacity);
  return bins;
};

const fillGaps = (bins: Bin[], groups: readonly Group[], capacity: number): void => {
  let index = 0;
  for (const group of groups) {
    index = firstWithRoom(bins, index, group.size, capacity);
    const bin = binAt(bins, index);
    bin.positions.push(...group.positions);
    bin.used += group.size;
  }
};

/** Fills every request to the last item that fits: the fewest requests, at the price of waiting in line. */
const packTight = (groups: readonly Group[], sizes: readonly number[], capacity: number): Bin[] => {
  const bins: Bin[] = [];
  for (const group of groups) spread(bins, group.positions, sizes, capacity, firstOpen(bins));
  return bins;
};

/**
 * Puts one group's items, in order, each into the first bin with room at or after `from` and its
 * predecessor's. A bin that a group goes on into waits for the one it comes from.
 */
const spread = (
  bins: Bin[],
  positions: readonly number[],
  sizes: readonly number[],
  capacity: number,
  from: number,
): void => {
  let previous = from;
  positions.forEach((position, nth) => {
    const size = sizes[position] ?? 0;
    const index = firstWithRoom(bins, previous, size, capacity);
    const bin = binAt(bins, index);
    if (nth > 0 && index !== previous) bin.after.add(previous);
    bin.positions.push(position);
    bin.used += size;
    previous = index;
  });
};

const firstOpen = (bins: readonly Bin[]): number => Math.max(0, bins.length - MAX_OPEN_BINS);

/** The number of the bin, which may be one that does not exist yet. */
const firstWithRoom = (bins: readonly Bin[], from: number, size: number, capacity: number): number => {
  let index = from;
  while (index < bins.length && (bins[index]?.used ?? 0) + size > capacity) index += 1;
  return index;
};

const binAt = (bins: Bin[], index: number): Bin => {
  const bin = bins[index] ?? { positions: [], after: new Set<number>(), used: 0 };
  bins[index] = bin;
  return bin;
};
