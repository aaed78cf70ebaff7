// Packs items into as few requests as their sizes allow, in linear time and without serialising anything.
// Items that share a key keep their order: they stand in one request in that order, or in several of
// which each later one names the earlier in `after`.

import type { Item } from './connector';
import { groupByKey } from './group-by-key';

export interface PackedRequest {
  /** Positions in the array given to `pack`. */
  readonly positions: readonly number[];
  /** Requests, by position in the result, that must have ended before this one starts. */
  readonly after: readonly number[];
  /** UTF-8 bytes of the whole body. */
  readonly bytes: number;
}

export interface PackLimits {
  /** The most bytes of a whole request. */
  readonly maxBatchBytes: number;
  /** The bytes of it that the envelope around the items takes. */
  readonly envelopeBytes: number;
  /** The most items of a request; `Infinity` where only bytes count. */
  readonly maxItems: number;
}

/** Groups up to this share of a request fill the gaps that larger ones leave. */
const SMALL_GROUP_SHARE = 0.01;
/** Groups kept whole may need this share more requests than the fewest possible; beyond it they are split. */
const MAX_EXCESS_SHARE = 0.02;
/** How many of the last requests still take items: a gap too small for one is filled by another. */
const MAX_OPEN_BINS = 4;
const SEPARATOR_BYTES = 1;

/** Every item must fit a request by itself: the caller has turned away those that do not. */
export const pack = (items: readonly Item[], limits: PackLimits): PackedRequest[] => {
  const sizes = items.map(({ json }) => json.length + SEPARATOR_BYTES);
  const room: Room = {
    bytes: limits.maxBatchBytes - limits.envelopeBytes + SEPARATOR_BYTES,
    items: limits.maxItems,
  };
  const groups = groupByKey(items).map((positions) => ({ positions, bytes: sum(positions, sizes) }));
  return fillBins(groups, sizes, room).map(({ positions, after, bytes }) => ({
    positions,
    after: [...after],
    bytes: bytes - SEPARATOR_BYTES + limits.envelopeBytes,
  }));
};

/** Bytes and items: the most a request holds, or what is to be put into one. */
interface Room {
  readonly bytes: number;
  readonly items: number;
}

interface ItemGroup {
  readonly positions: readonly number[];
  readonly bytes: number;
}

interface Bin {
  readonly positions: number[];
  readonly after: Set<number>;
  bytes: number;
}

const sum = (positions: readonly number[], sizes: readonly number[]): number =>
  positions.reduce((total, position) => total + (sizes[position] ?? 0), 0);

const fillBins = (groups: readonly ItemGroup[], sizes: readonly number[], room: Room): Bin[] => {
  const totalBytes = groups.reduce((total, { bytes }) => total + bytes, 0);
  const fewest = Math.max(Math.ceil(totalBytes / room.bytes), Math.ceil(sizes.length / room.items));
  const whole = packWhole(groups, sizes, room);
  if (whole.length <= fewest * (1 + MAX_EXCESS_SHARE)) return whole;
  const tight = packTight(groups, sizes, room);
  return tight.length < whole.length ? tight : whole;
};

/** Keeps each group in one request where it fits one, so that all requests may be in flight at once. */
const packWhole = (groups: readonly ItemGroup[], sizes: readonly number[], room: Room): Bin[] => {
  const bins: Bin[] = [];
  const small: ItemGroup[] = [];
  for (const group of groups) {
    if (isSmall(group, room)) small.push(group);
    else
      fillInOrder(
        bins,
        group.positions,
        sizes,
        room,
        firstWithRoom(bins, firstOpen(bins), sizeOf(group), room),
      );
  }
  fillGaps(bins, small, room);
  return bins;
};

const sizeOf = ({ positions, bytes }: ItemGroup): Room => ({ bytes, items: positions.length });

/**
 * Whether the group can fill a gap. A single item takes one place of any request: counted in items it always does.
 */
const isSmall = ({ positions, bytes }: ItemGroup, room: Room): boolean =>
  bytes <= room.bytes * SMALL_GROUP_SHARE && positions.length <= Math.max(1, room.items * SMALL_GROUP_SHARE);

const fillGaps = (bins: Bin[], groups: readonly ItemGroup[], room: Room): void => {
  let index = 0;
  for (const group of groups) {
    index = firstWithRoom(bins, index, sizeOf(group), room);
    const bin = binAt(bins, index);
    bin.positions.push(...group.positions);
    bin.bytes += group.bytes;
  }
};

/** Fills every request to the last item that fits: the fewest requests, at the price of waiting in line. */
const packTight = (groups: readonly ItemGroup[], sizes: readonly number[], room: Room): Bin[] => {
  const bins: Bin[] = [];
  for (const group of groups) fillInOrder(bins, group.positions, sizes, room, firstOpen(bins));
  return bins;
};

/**
 * Puts one group's items, in order, each into the first bin with room at or after `from` and its
 * predecessor's. A bin that a group goes on into waits for the one it comes from.
 */
const fillInOrder = (
  bins: Bin[],
  positions: readonly number[],
  sizes: readonly number[],
  room: Room,
  from: number,
): void => {
  let previous = from;
  positions.forEach((position, nth) => {
    const bytes = sizes[position] ?? 0;
    const index = firstWithRoom(bins, previous, { bytes, items: 1 }, room);
    const bin = binAt(bins, index);
    if (nth > 0 && index !== previous) bin.after.add(previous);
    bin.positions.push(position);
    bin.bytes += bytes;
    previous = index;
  });
};

const firstOpen = (bins: readonly Bin[]): number => Math.max(0, bins.length - MAX_OPEN_BINS);

/** The position of the bin, which may be one that does not exist yet. */
const firstWithRoom = (bins: readonly Bin[], from: number, needed: Room, room: Room): number => {
  let index = from;
  for (let bin = bins[index]; bin !== undefined && !fits(bin, needed, room); bin = bins[index]) index += 1;
  return index;
};

const fits = (bin: Bin, needed: Room, room: Room): boolean =>
  bin.bytes + needed.bytes <= room.bytes && bin.positions.length + needed.items <= room.items;

const binAt = (bins: Bin[], index: number): Bin => {
  const bin = bins[index] ?? { positions: [], after: new Set<number>(), bytes: 0 };
  bins[index] = bin;
  return bin;
};
