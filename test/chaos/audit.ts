// Holds what a run left behind against what its workload promised: every event in exactly one place, none
// counted twice, every dead letter there for its true reason, every profile as an orderly run leaves it.

import type { StoredDeadLetter } from './dead-letters';
import type { Evidence } from './evidence';
import type { Profiles } from './orderly-run';
import type { Fate, PlannedEvent } from './planned-event';
import { trace as traceOf } from './trace';
import type { Parcel, Workload } from './workload';

export interface Remains {
  readonly evidence: Evidence;
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly profiles: Profiles;
  readonly orderlyProfiles: Profiles;
}

export interface Audit {
  /** Events that are where they belong; together they are all that were accepted, or there are differences. */
  readonly delivered: number;
  readonly skipped: number;
  readonly deadLettered: number;
  /** The dead-lettered, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Dead letters beyond one for each copy sent: a consumer died after storing and before acknowledging. */
  readonly deadLettersAgain: number;
  /** People, visitors and objects at Customer.io. */
  readonly profiles: number;
  /** One sentence for each thing that is not as it should be; empty when all is. */
  readonly differences: readonly string[];
}

export const audit = (workload: Workload, remains: Remains): Audit => {
  const stored = Map.groupBy(remains.deadLetters, keyOfDeadLetter);
  const cases = workload.parcels.flatMap((parcel) =>
    parcel.events.map((planned) => examine(planned, parcel, stored, remains.evidence)),
  );
  const settled = cases.filter(({ differences }) => differences.length === 0);
  const { people, anonymous, objects } = remains.profiles;
  return {
    delivered: settled.filter(({ fate }) => fate.kind === 'delivered').length,
    skipped: settled.filter(({ fate }) => fate.kind === 'skipped').length,
    deadLettered: settled.filter(({ fate }) => fate.kind === 'dead_lettered').length,
    reasons: countReasons(settled),
    deadLettersAgain: cases.reduce((sum, { deadLettersAgain }) => sum + deadLettersAgain, 0),
    profiles: people.length + anonymous.length + objects.length,
    differences: [
      ...cases.flatMap(({ differences }) => differences),
      ...findStrangers(stored, workload),
      ...compareProfiles(remains),
    ],
  };
};

/** One event, and whether it is where it belongs. */
interface Case {
  readonly fate: Fate;
  readonly deadLettersAgain: number;
  readonly differences: readonly string[];
}

const examine = (
  planned: PlannedEvent,
  { copies }: Parcel,
  allStored: ReadonlyMap<string, readonly StoredDeadLetter[]>,
  evidence: Evidence,
): Case => {
  const { fate, number } = planned;
  const stored = allStored.get(keyOfEvent(planned)) ?? [];
  const isDead = fate.kind === 'dead_lettered';
  const found = [
    ...(isDead ? examineDeadLetters(planned, fate, stored, copies) : stored.map(describeUnexpected)),
    ...(fate.kind === 'delivered'
      ? examineDelivered(planned, fate.trace, evidence)
      : examineAbsent(planned, evidence)),
  ];
  return {
    fate,
    deadLettersAgain: isDead ? Math.max(0, stored.length - copies) : 0,
    differences: found.map((what) => `Event ${number} ${what}.`),
  };
};

const describeUnexpected = ({ reason, detail }: StoredDeadLetter): string =>
  `should have no dead letter, but was given up: ${reason} ${detail}`;

/** Only behaviour is counted at Customer.io, and has a ULID for it; a second identify changes nothing. */
const examineDelivered = ({ number }: PlannedEvent, trace: string, evidence: Evidence): string[] => {
  const count = evidence.count(trace);
  if (count === 0) return [`is lost: Customer.io does not have "${trace}"`];
  return trace === traceOf.event(number) && count > 1 ? [`was counted ${count} times`] : [];
};

const examineAbsent = ({ number, fate }: PlannedEvent, evidence: Evidence): string[] =>
  evidence.count(traceOf.event(number)) > 0 ? [`should be ${fate.kind}, but was delivered`] : [];

const examineDeadLetters = (
  planned: PlannedEvent,
  { reason, names }: Extract<Fate, { kind: 'dead_lettered' }>,
  stored: readonly StoredDeadLetter[],
  copies: number,
): string[] => {
  const tooFew = stored.length < copies ? [`has ${stored.length} of ${copies} dead letters`] : [];
  const wrongReasons = stored
    .filter((letter) => letter.reason !== reason || !letter.detail.includes(names))
    .map((letter) => `should be ${reason} for its ${names}, but is ${letter.reason}: ${letter.detail}`);
  const isChanged = stored.some(({ body }) => !isSameEvent(planned, body));
  return [...tooFew, ...wrongReasons, ...(isChanged ? ['has a dead letter that is not the event'] : [])];
};

/** Its messageId, or where it has none the whole body. */
const keyOfEvent = ({ event }: PlannedEvent): string => {
  if (typeof event === 'string') return event;
  const { messageId } = event;
  return typeof messageId === 'string' ? messageId : JSON.stringify(event);
};

const keyOfDeadLetter = ({ messageId, body }: StoredDeadLetter): string =>
  messageId.startsWith('chaos-') ? messageId : body;

/** Ingest adds to an event and corrects its time; whatever else was sent must still be there. */
const isSameEvent = ({ event }: PlannedEvent, body: string): boolean => {
  if (typeof event === 'string') return body === event;
  const stored: Record<string, unknown> = JSON.parse(body);
  return Object.keys(event).every(
    (key) => key === 'timestamp' || JSON.stringify(stored[key]) === JSON.stringify(event[key]),
  );
};

const countReasons = (cases: readonly Case[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { fate } of cases) {
    if (fate.kind === 'dead_lettered') counts[fate.reason] = (counts[fate.reason] ?? 0) + 1;
  }
  return counts;
};

/** Dead letters of nothing that was sent, or that SQS moved there itself. */
const findStrangers = (
  stored: ReadonlyMap<string, readonly StoredDeadLetter[]>,
  { events }: Workload,
): string[] => {
  const known = new Set(events.map(keyOfEvent));
  return [...stored]
    .filter(([key]) => !known.has(key))
    .map(([key]) => `A dead letter is of no event that was sent: ${key.slice(0, 200)}`);
};

const compareProfiles = ({ profiles, orderlyProfiles }: Remains): string[] =>
  (['people', 'anonymous', 'objects'] as const).flatMap((kind) => {
    const actual = new Set(profiles[kind].map((profile) => JSON.stringify(profile)));
    const expected = new Set(orderlyProfiles[kind].map((profile) => JSON.stringify(profile)));
    return [
      ...[...actual].filter((one) => !expected.has(one)).map((one) => `Only this run has ${kind}: ${one}`),
      ...[...expected]
        .filter((one) => !actual.has(one))
        .map((one) => `Only the orderly run has ${kind}: ${one}`),
    ];
  });
