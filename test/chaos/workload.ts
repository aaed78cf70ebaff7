// Everything that is sent in a run, from a seed: requests as SDKs make them and messages put on the queue by
// hand, in an order that has nothing to do with when their events happened.

import { BAD_EVENTS } from './bad-events';
import { Dice } from './dice';
import { GOOD_EVENTS, otherTrack } from './good-events';
import { type Maker, type NextStage, OTHER_SOURCE, type PlannedEvent, type Unit } from './planned-event';
import { isPoison, poisonEvent, wornPoison } from './poison-events';
import { trace } from './trace';

export interface WorkloadOptions {
  readonly seed: number;
  readonly events: number;
  readonly people: number;
  /** Most events an SDK puts in one request, alone or in a batch. */
  readonly maxRequestEvents: number;
}

/** One request of an SDK, or one message put on the queue by hand. */
export interface Parcel {
  readonly via: 'sdk' | 'hand';
  readonly events: readonly PlannedEvent[];
  readonly source?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** 2: the same is sent again, as an SDK does that got no answer. */
  readonly copies: 1 | 2;
}

export interface Workload {
  readonly parcels: readonly Parcel[];
  readonly events: readonly PlannedEvent[];
  /** `parcels` as often as each is sent, in a random order, but for those of the other workspace. */
  readonly sendings: readonly Parcel[];
  /** Those, which are sent once the settings know their source. */
  readonly ofOther: readonly Parcel[];
  /** Requests that may be sent any number of times more: Customer.io knows each of their events by its ULID. */
  readonly harmless: readonly Parcel[];
}

const FIRST_EVENT_MS = Date.parse('2025-06-01T00:00:00.200Z');
/** Two events of a person are further apart than the whole seconds Customer.io orders by. */
const EVENT_SPACING_MS = 2_000;

const BAD_SHARE = 0.03;
/** Content that Customer.io does not bear, until it is mended. */
const POISON_SHARE = 0.01;
/** The same, a day and a half old: given up during the run. They are sent first, while others are taken beside them. */
const WORN_EVENTS = 5;
/** Of the other workspace. */
const OTHER_SHARE = 0.01;
const DUPLICATED_SHARE = 0.05;
const BY_HAND_SHARE = 0.02;
/** Running SDKs, each of which collects its own events. */
const SDK_COUNT = 40;
const PEOPLE_PER_GROUP = 10;
const EMAIL_EVERY = 10;

export const makeWorkload = (options: WorkloadOptions): Workload => {
  const dice = new Dice(options.seed);
  const units = makeUnits(options, dice);
  const parcels = toParcels(units, options.maxRequestEvents, dice);
  const twice = parcels.filter(({ copies }) => copies === 2);
  const events = parcels.flatMap((parcel) => parcel.events);
  const all = dice.shuffle([...parcels, ...twice]);
  const [ofOther, sendings] = [all.filter(isOfOther), all.filter((parcel) => !isOfOther(parcel))];
  const worn = sendings.filter(({ attributes }) => attributes !== undefined);
  const rest = sendings.filter((parcel) => !worn.includes(parcel));
  const harmless = parcels.filter(({ via, events: own }) => via === 'sdk' && own.every(isHarmless));
  return { parcels, events, sendings: [...worn, ...rest], ofOther, harmless };
};

/** Behaviour alone, which leaves nothing but itself. */
export const isHarmless = ({ event, fate, number }: PlannedEvent): boolean =>
  fate.kind === 'delivered' && fate.trace === trace.event(number) && !isPoison(event);

export const isOfOther = ({ source }: Parcel): boolean => source === OTHER_SOURCE;

const makeUnits = ({ events, people }: WorkloadOptions, dice: Dice): Unit[] => {
  let number = 0;
  const next: NextStage = () => {
    number += 1;
    return {
      number,
      person: personId(dice.between(1, people)),
      group: `group-${dice.between(1, Math.ceil(people / PEOPLE_PER_GROUP))}`,
      timestamp: new Date(FIRST_EVENT_MS + number * EVENT_SPACING_MS).toISOString(),
    };
  };
  const units: Unit[] = Array.from({ length: WORN_EVENTS }, () => wornPoison(next, dice));
  while (number < events) {
    const unit = makerOf(dice)(next, dice);
    units.push(dice.chance(BY_HAND_SHARE) ? byHand(unit) : unit);
  }
  return units;
};

const makerOf = (dice: Dice): Maker => {
  if (dice.chance(BAD_SHARE)) return dice.pick(BAD_EVENTS);
  if (dice.chance(OTHER_SHARE)) return otherTrack;
  return dice.chance(POISON_SHARE) ? poisonEvent : dice.weighted(GOOD_EVENTS);
};

const personId = (number: number): string =>
  number % EMAIL_EVERY === 0 ? `person-${number}@example.com` : `person-${number}`;

/** What ingest would turn away itself, the consumer must. */
const byHand = (unit: Unit): Unit =>
  unit.events.every(({ fate }) => fate.kind !== 'dead_lettered') ? { ...unit, via: 'hand' } : unit;

const toParcels = (units: readonly Unit[], maxRequestEvents: number, dice: Dice): Parcel[] => {
  const parcels: Parcel[] = units.filter(({ via }) => via === 'hand').map((unit) => ({ ...unit, copies: 1 }));
  const sdks = Array.from({ length: SDK_COUNT }, () => newBuffer(maxRequestEvents, dice));
  for (const unit of units) {
    if (unit.via === 'hand') continue;
    const index = dice.between(0, SDK_COUNT - 1);
    const buffer = sdks[index] ?? newBuffer(maxRequestEvents, dice);
    buffer.events.push(...unit.events);
    if (buffer.events.length < buffer.flushAt) continue;
    parcels.push(requestOf(buffer, dice));
    sdks[index] = newBuffer(maxRequestEvents, dice);
  }
  const rest = sdks.filter(({ events }) => events.length > 0).map((buffer) => requestOf(buffer, dice));
  return [...parcels, ...rest];
};

interface Buffer {
  readonly flushAt: number;
  readonly events: PlannedEvent[];
}

const newBuffer = (maxRequestEvents: number, dice: Dice): Buffer => ({
  flushAt: dice.between(1, maxRequestEvents),
  events: [],
});

const requestOf = ({ events }: Buffer, dice: Dice): Parcel => ({
  via: 'sdk',
  events,
  copies: dice.chance(DUPLICATED_SHARE) ? 2 : 1,
});
