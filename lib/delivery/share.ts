// A workspace's share of an invocation: the events of every source that delivers to it, in lanes. One share knows
// nothing of another, so that one workspace's outage, or its silence, leaves the others' events alone.

import type { Source } from '../config/source';
import { type Connector, type Destination, type NotSetUp, workspaceOf } from './connector';
import { deliver } from './deliver';
import type { DeliveryReport, ItemOutcome, Lane, LaneResult, Standing } from './delivery';
import { type EventInFlight, type EventOutcome, retried } from './event-in-flight';
import { pacerFor } from './limiter';
import type { RelayContext } from './relay-context';

export interface Share {
  readonly events: readonly EventInFlight[];
  /** Empty for events whose message names no known source: their outcomes are set already. */
  readonly parts: readonly Part[];
}

/** One source's events. */
interface Part {
  readonly name: string;
  readonly destination: Destination | NotSetUp;
  readonly events: readonly EventInFlight[];
}

/** The events of a message are all in one share. */
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
  if (source === undefined) return { workspace: '', events, part: undefined };
  const destination = destinationOf(source);
  const workspace = 'advice' in destination ? source.name : workspaceOf(destination);
  return { workspace, events, part: { name: source.name, destination, events } };
};

/** Sets the outcomes of its events. @returns what happened on the wire, by source name. */
export const deliverShare = async (
  { parts }: Share,
  context: RelayContext,
): Promise<ReadonlyMap<string, DeliveryReport>> => {
  const reports = new Map<string, DeliveryReport>();
  const loads = parts.flatMap((part) => toLoads(part, reports));
  const [first] = loads;
  if (first === undefined) return reports;
  const lanes = loads.map(({ lane }) => lane);
  const results = await deliver(lanes, { ...context, pacer: pacerFor(first.lane.destination) });
  results.forEach((result, index) => {
    const load = loads[index];
    if (load === undefined) return;
    setOutcomes(load, result);
    reports.set(load.name, merge(reports.get(load.name), result.report));
  });
  return reports;
};

/** A lane, and the events its items are of. */
interface Load {
  readonly name: string;
  readonly lane: Lane;
  readonly events: readonly EventInFlight[];
}

/** What was received before travels apart from what is fresh. */
const toLoads = ({ name, destination, events }: Part, reports: Map<string, DeliveryReport>): Load[] => {
  const waiting = events.filter(({ outcome }) => outcome === undefined);
  if ('advice' in destination) {
    reports.set(name, waitForOperator(waiting, destination));
    return [];
  }
  const byStanding = Map.groupBy(waiting, standingOf);
  reports.set(name, NOTHING_SENT);
  return [...byStanding].map(([standing, ofStanding]) => ({
    name,
    events: ofStanding,
    lane: { destination, standing, items: ofStanding.flatMap(({ items }) => items) },
  }));
};

const standingOf = ({ message: { history } }: EventInFlight): Standing => {
  if (history.isCulprit) return 'culprit';
  return history.receives > 1 ? 'suspect' : 'fresh';
};

const setOutcomes = ({ lane, events }: Load, { outcomes }: LaneResult): void => {
  let from = 0;
  for (const event of events) {
    event.outcome = combine(outcomes.slice(from, from + event.items.length), lane.destination);
    from += event.items.length;
  }
};

/** An event is delivered when all its operations are; one that must be tried again takes the others along. */
const combine = (outcomes: readonly ItemOutcome[], { rejectedReason }: Destination): EventOutcome => {
  const retry = outcomes.find((outcome) => outcome.kind === 'retry');
  if (retry?.kind === 'retry') return retried(retry.delay, retry.cause);
  const rejected = outcomes.find((outcome) => outcome.kind === 'rejected');
  if (rejected?.kind !== 'rejected') return { kind: 'delivered' };
  return { kind: 'dead_lettered', reason: rejectedReason, detail: rejected.detail };
};

const NOTHING_SENT: DeliveryReport = { requests: 0, throttled: 0, failed: 0, fillPercents: [] };

const waitForOperator = (events: readonly EventInFlight[], { advice }: NotSetUp): DeliveryReport => {
  for (const event of events) event.outcome = retried({ kind: 'operator' }, advice);
  return events.length === 0 ? NOTHING_SENT : { ...NOTHING_SENT, operatorAdvice: advice };
};

const merge = (one: DeliveryReport = NOTHING_SENT, other: DeliveryReport): DeliveryReport => ({
  ...one,
  ...other,
  requests: one.requests + other.requests,
  throttled: one.throttled + other.throttled,
  failed: one.failed + other.failed,
  fillPercents: [...one.fillPercents, ...other.fillPercents],
});
