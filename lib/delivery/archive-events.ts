// Archives what became of events that have ended. Delivery comes first: an event whose line is not taken has ended all
// the same, and is counted; only a source that says so has it tried again.

import type { Archive, PutResult } from '../archive/archive';
import { headOf, tailOf } from '../archive/line';
import { labelOf } from '../config/source';
import { describeError, logger } from '../observability';
import type { ArchiveNote } from './archive-notes';
import { Deadline } from './deadline';
import { type EventInFlight, type EventOutcome, retried } from './event-in-flight';

/** So long an invocation waits for the archive at most, and with so little left it does not ask it at all. */
const MAX_WAIT_MS = 2_000;
/** For what must be stored after it, in rounds that need three seconds each. */
const RESERVE_MS = 3_500;

const NOT_ARCHIVED = retried({ kind: 'backoff' }, 'the archive did not take the line of the event');

type EndedOutcome = Exclude<EventOutcome, { kind: 'retried' }>;

interface EndedEvent {
  readonly event: EventInFlight;
  readonly outcome: EndedOutcome;
  readonly note: ArchiveNote;
}

/** Sets the outcome of an event that must be archived and is not. */
export const archiveEvents = async (
  events: readonly EventInFlight[],
  archive: Archive,
  remainingMs: () => number,
  now: Date,
): Promise<void> => {
  const ended = endedOf(events);
  if (ended.length === 0) return;
  const lines = linesOf(ended, now);
  const { notTaken, failure } = await putInTime(archive, lines, remainingMs);
  if (notTaken.length === 0) return;
  const failed = notTaken.flatMap((index) => ended[index] ?? []);
  for (const { event, note } of failed) {
    note.failed = true;
    if (event.source?.archiveRequired) event.outcome = NOT_ARCHIVED;
  }
  logger.warn('Events were not archived', {
    sources: [...new Set(failed.map(({ event }) => event.source && labelOf(event.source)))],
    events: failed.length,
    failure,
  });
};

const endedOf = (events: readonly EventInFlight[]): EndedEvent[] => {
  const ended: EndedEvent[] = [];
  for (const event of events) {
    const { outcome, note } = event;
    if (note !== undefined && outcome !== undefined && outcome.kind !== 'retried')
      ended.push({ event, outcome, note });
  }
  return ended;
};

/** The head of a delivered event is that of all that were delivered of its message to the same place. */
const linesOf = (ended: readonly EndedEvent[], now: Date): string[] => {
  let last: EndedEvent | undefined;
  let head = '';
  return ended.map((one) => {
    if (last === undefined || !isAlike(last, one)) head = headFor(one, now);
    last = one;
    return head + tailOf(one.note);
  });
};

const isAlike = (one: EndedEvent, other: EndedEvent): boolean =>
  one.event.message === other.event.message &&
  one.event.source === other.event.source &&
  one.outcome.kind === 'delivered' &&
  other.outcome.kind === 'delivered';

const headFor = ({ event: { message, source }, outcome }: EndedEvent, now: Date): string =>
  headOf({
    receivedAtMs: message.history.firstSentAtMs,
    endedAtMs: now.getTime(),
    source: source?.name ?? '',
    workspace: source?.workspace,
    outcome: outcome.kind,
    reason: outcome.kind === 'delivered' ? undefined : outcome.reason,
    detail: detailOf(outcome),
    attempts: message.history.receives,
  });

/** Of a skipped event, the rule that skipped it. */
const detailOf = (outcome: EndedOutcome): string | undefined => {
  if (outcome.kind === 'dead_lettered') return outcome.detail;
  return outcome.kind === 'skipped' && outcome.rule !== undefined ? `rule ${outcome.rule}` : undefined;
};

/** Whatever goes wrong with the archive, and be it a bug, is a line that was not taken. */
const putInTime = async (
  archive: Archive,
  lines: readonly string[],
  remainingMs: () => number,
): Promise<PutResult> => {
  const notTaken = [...lines.keys()];
  if (remainingMs() <= RESERVE_MS) return { notTaken, failure: 'NoTimeLeft' };
  const deadline = new Deadline(remainingMs, Math.max(RESERVE_MS, remainingMs() - MAX_WAIT_MS));
  try {
    return await archive.put(lines, deadline.signal);
  } catch (error) {
    logger.error('The archive failed unexpectedly', describeError(error));
    return { notTaken, failure: 'Unexpected' };
  } finally {
    deadline.clear();
  }
};
