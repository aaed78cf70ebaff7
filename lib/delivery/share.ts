// A workspace's share of an invocation: the events of every source that delivers to it, in lanes. One share knows
// nothing of another, so that one workspace's outage, or its silence, leaves the others' events alone.

import { labelOf, type Source } from '../config/source';
import { type Connector, type Destination, type Item, type NotSetUp, workspaceOf } from './connector';
import { deliver } from './deliver';
import type { DeliveryReport, ItemOutcome, Lane, LaneResult, Standing } from './delivery';
import { type EventInFlight, type EventOutcome, retried } from './event-in-flight';
import { pacerFor } from './limiter';
import type { RelayContext } from './relay-context';
import { isBlamed } from './retry-policy';
import { gather, type OutcomePlace, spread } from './spread';

export interface Share {
  readonly events: readonly EventInFlight[];
  /** Empty for events whose message names no known source: their outcomes are set already. */
  readonly parts: readonly SourcePart[];
}

/** One source's events for one workspace; `name` is the label of both. */
interface SourcePart {
  readonly name: string;
  readonly destination: Destination | NotSetUp;
  readonly events: readonly EventInFlight[];
}

/** The events of a message are in one share, or in one for each of its workspaces. */
export const toShares = (events: readonly EventInFlight[], { destination }: Connector): Share[] => {
  const bySource = [...Map.groupBy(events, ({ source }) => source)];
  const parts = bySource.map(([source, ofSource]) => toPart(source, ofSource, destination));
  const byWorkspace = Map.groupBy(parts, ({ workspace }) => workspace);
  return [...byWorkspace.values()].map((together) => ({
    events: together.flatMap((part) => part.events),
    parts: together.flatMap(({ part }) => part ?? []),
  }));
};

const toPart = (
  source: Source | undefined,
  events: readonly EventInFlight[],
  destinationOf: Connector['destination'],
) => {
  // Stryker disable next-line StringLiteral: no workspace is called so, nor as the mutant is
  if (source === undefined) return { workspace: '', events, part: undefined };
  const destination = destinationOf(source);
  const name = labelOf(source);
  const workspace = 'advice' in destination ? name : workspaceOf(destination);
  return { workspace, events, part: { name, destination, events } };
};

/** Sets the outcomes of its events. @returns what happened on the wire, by the label of source and workspace. */
export const deliverShare = async (
  { parts }: Share,
  context: RelayContext,
): Promise<ReadonlyMap<string, DeliveryReport>> => {
  const reports = new Map<string, DeliveryReport>();
  const loads = parts.flatMap((part) => toLoads(part, reports));
  const [first] = loads;
  if (first === undefined) return reports;
  const lanes = loads.flatMap((load) => load.lanes);
  const results = await deliver(lanes, { ...context, pacer: pacerFor(first.destination) });
  let from = 0;
  for (const load of loads) {
    const ofLoad = results.slice(from, from + load.lanes.length);
    from += load.lanes.length;
    setOutcomes(load, ofLoad);
    reports.set(load.name, ofLoad.map(reportOf).reduce(merge, reports.get(load.name) ?? NOTHING_SENT));
  }
  return reports;
};

/**
 * The report of a lane, in which only the destination's own endpoint says how full its requests were: another
 * endpoint may take one item each.
 */
const reportOf = ({ report }: LaneResult, lane: number): DeliveryReport =>
  lane === 0 ? report : { ...report, fillPercents: [] };

/** Events of one source and one standing, and the lanes their items travel in: one lane an endpoint. */
interface StandingLoad {
  readonly name: string;
  readonly destination: Destination;
  readonly events: readonly EventInFlight[];
  readonly lanes: readonly Lane[];
  readonly places: readonly OutcomePlace[];
}

/** What was received before travels apart from what is fresh. */
const toLoads = (
  { name, destination, events }: SourcePart,
  reports: Map<string, DeliveryReport>,
): StandingLoad[] => {
  const waiting = events.filter(({ outcome }) => outcome === undefined);
  if ('advice' in destination) {
    reports.set(name, waitForOperator(waiting, destination));
    return [];
  }
  const byStanding = Map.groupBy(waiting, standingOf);
  reports.set(name, NOTHING_SENT);
  return [...byStanding].map(([standing, ofStanding]) => {
    const { loads, places } = spread(itemsOf(ofStanding), destination);
    const failedAlone = new Set(itemsOf(ofStanding.filter(hasFailedAlone)));
    const lanes = loads.map((load) => ({ ...load, standing, failedAlone }));
    return { name, destination, events: ofStanding, lanes, places };
  });
};

/** By hand: `flatMap` took a fortieth of an event's time. */
const itemsOf = (events: readonly EventInFlight[]): Item[] => {
  const all: Item[] = [];
  for (const { items } of events) for (const item of items) all.push(item);
  return all;
};

const standingOf = ({ message: { history } }: EventInFlight): Standing => {
  if (history.isCulprit) return 'culprit';
  return history.receives > 1 ? 'suspect' : 'fresh';
};

const hasFailedAlone = ({ message: { history }, index }: EventInFlight): boolean =>
  history.failedAlone.includes(index);

const setOutcomes = ({ destination, events, places }: StandingLoad, results: readonly LaneResult[]): void => {
  const byLane = results.map(({ outcomes }) => outcomes);
  const outcomes = gather(places, byLane);
  let from = 0;
  for (const event of events) {
    const end = from + event.items.length;
    event.outcome = areDelivered(outcomes, from, end)
      ? DELIVERED
      : combine(outcomes.slice(from, end), destination);
    from = end;
  }
};

// Stryker disable all: a no costs no more than the closer look of `combine`, and a wrong yes is seen wherever one fails

/** What nearly all are. */
const areDelivered = (outcomes: readonly ItemOutcome[], from: number, end: number): boolean => {
  for (let place = from; place < end; place += 1) if (outcomes[place]?.kind !== 'delivered') return false;
  return true;
};

// Stryker restore all

/** An event is delivered when all its operations are; one that must be tried again takes the others along. */
const combine = (outcomes: readonly ItemOutcome[], { rejectedReason }: Destination): EventOutcome => {
  const retries = outcomes.filter((outcome) => outcome.kind === 'retry');
  // Of two operations of one event, one may only have waited for the other.
  const retry = retries.find(({ delay }) => isBlamed(delay)) ?? retries[0];
  if (retry !== undefined) return retried(retry.delay, retry.cause);
  const rejected = outcomes.find((outcome) => outcome.kind === 'rejected');
  // Stryker disable next-line ConditionalExpression,OptionalChaining: it is there, which the compiler cannot know
  if (rejected?.kind !== 'rejected') return DELIVERED;
  return { kind: 'dead_lettered', reason: rejectedReason, detail: rejected.detail };
};

const DELIVERED: EventOutcome = { kind: 'delivered' };

const NOTHING_SENT: DeliveryReport = { requests: 0, throttled: 0, failed: 0, fillPercents: [] };

const waitForOperator = (events: readonly EventInFlight[], { advice }: NotSetUp): DeliveryReport => {
  for (const event of events) event.outcome = retried({ kind: 'operator' }, advice);
  return events.length === 0 ? NOTHING_SENT : { ...NOTHING_SENT, operatorAdvice: advice };
};

const merge = (one: DeliveryReport, other: DeliveryReport): DeliveryReport => ({
  ...one,
  ...other,
  requests: one.requests + other.requests,
  throttled: one.throttled + other.throttled,
  failed: one.failed + other.failed,
  fillPercents: [...one.fillPercents, ...other.fillPercents],
});
