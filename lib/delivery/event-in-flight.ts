// One event of a message on its way to one workspace, and what has become of it so far: an event for two workspaces is
// two of these, and what becomes of one says nothing of the other. It does not
// hold the parsed event: an invocation's 6 MB of JSON would be five times that as objects, all of it alive
// until the end. The message's text is there anyway, and only a dead letter needs the event again.

import { labelOf, namesOf, type Source } from '../config/source';
import type { Reason } from '../errors';
import { describeError, logger } from '../observability';
import { type Message, type QueuedEvent, readEvents } from '../queue/message';
import type { ArchiveNote, Archiving, NoteFor } from './archive-notes';
import type { Item, Prepare, Prepared, Skipped } from './connector';
import type { RetryDelay } from './retry-policy';

export type EventOutcome =
  | { readonly kind: 'delivered' }
  | Skipped
  | { readonly kind: 'dead_lettered'; readonly reason: Reason; readonly detail: string }
  /** `cause`: what went wrong last, in the words a dead letter may carry. */
  | { readonly kind: 'retried'; readonly delay: RetryDelay; readonly cause: string };

export interface EventInFlight {
  readonly message: Message;
  /** Position in its message. */
  readonly index: number;
  /** The source with the settings for this workspace; undefined when the message names one that is not configured. */
  readonly source: Source | undefined;
  /** What all workspaces of the source call themselves, whichever this is for: the names that its message is read by. */
  readonly ownNames: readonly string[];
  /** What is to be delivered of it; empty when its outcome is known without a delivery. */
  readonly items: readonly Item[];
  /** Its own time could not be read: that of its arrival stands for it. */
  readonly isTimestampReplaced: boolean;
  /** Names of what its items lack because the destination would refuse it. */
  readonly adjustedAttributes?: readonly string[] | undefined;
  /** Undefined until it is decided. An event that still has none at the end is retried. */
  outcome: EventOutcome | undefined;
  /** What the archive will need of it, where its source archives. */
  readonly note?: ArchiveNote | undefined;
}

export type Retried = Extract<EventOutcome, { kind: 'retried' }>;
export type RetriedEvent = EventInFlight & { readonly outcome: Retried };

export const retried = (delay: RetryDelay, cause: string): Retried => ({ kind: 'retried', delay, cause });

export const isRetried = (event: EventInFlight): event is RetriedEvent => event.outcome?.kind === 'retried';

/**
 * The events of a message, prepared for delivery to each workspace it is for. One that cannot be read is a single
 * event, dead-lettered once for all of them.
 *
 * @param sources once for each of their workspaces. @param archiving undefined where nothing is archived.
 */
export const takeApart = (
  message: Message,
  sources: readonly Source[],
  prepare: Prepare,
  archiving?: Archiving,
): EventInFlight[] => {
  const ofName = findSource(message, sources);
  const ownNames = namesOf(ofName);
  const source = wholeSource(ofName);
  const workspaces = ofWorkspace(message, ofName);
  const queuedEvents = readEvents(message, ownNames);
  const origin = { message, ownNames, noteFor: archiving?.(message, queuedEvents) };
  const events: EventInFlight[] = [];
  queuedEvents.forEach((queued, index) => {
    const { fault } = queued;
    if (fault !== undefined) events.push(withOutcome(origin, index, source, deadLettered(fault)));
    else if (workspaces.length === 0) events.push(withOutcome(origin, index, source, unknown(ofName)));
    else for (const one of workspaces) events.push(prepareSafely(queued, origin, index, one, prepare));
  });
  return events;
};

const deadLettered = (why: { readonly reason: Reason; readonly detail: string }): EventOutcome => ({
  ...why,
  kind: 'dead_lettered',
});

const unknown = (ofName: readonly Source[]): EventOutcome => ({
  kind: 'dead_lettered',
  reason: 'unknown_source',
  detail:
    ofName.length === 0
      ? 'the message attribute `source` names no source of the settings'
      : 'the message attribute `workspace` names no destination of its source',
});

const findSource = ({ sourceName }: Message, sources: readonly Source[]): readonly Source[] => {
  const wanted = sourceName ?? sources[0]?.name;
  return sources.filter(({ name }) => name === wanted);
};

/** The source without a workspace, for an outcome that holds for all of its workspaces. */
const wholeSource = ([first]: readonly Source[]): Source | undefined => {
  if (first?.workspace === undefined) return first;
  const { workspace: _, ...source } = first;
  return source;
};

const ofWorkspace = ({ workspaceName }: Message, sources: readonly Source[]): readonly Source[] =>
  workspaceName === undefined ? sources : sources.filter(({ workspace }) => workspace === workspaceName);

/** What the events of one message have in common. */
type Origin = Pick<EventInFlight, 'message' | 'ownNames'> & { readonly noteFor: NoteFor | undefined };

const withOutcome = (
  { message, ownNames, noteFor }: Origin,
  index: number,
  source: Source | undefined,
  outcome: EventOutcome,
): EventInFlight => {
  const note = noteFor?.(index, source, outcome.kind === 'skipped' ? outcome.reason : undefined);
  return { message, index, source, ownNames, items: [], isTimestampReplaced: false, outcome, note };
};

/** An event that crashes its preparation is retried alone; its neighbours do not pay for it. */
const prepareSafely = (
  { event, raw, isTimestampReplaced }: QueuedEvent,
  origin: Origin,
  index: number,
  source: Source,
  prepare: Prepare,
): EventInFlight => {
  const { message, ownNames, noteFor } = origin;
  try {
    const prepared = prepare(event, source, raw);
    if (prepared.kind !== 'items')
      return { ...withOutcome(origin, index, source, outcomeWithoutDelivery(prepared)), isTimestampReplaced };
    const { items, adjustedAttributes } = prepared;
    const note = noteFor?.(index, source, undefined);
    // Field by field: copied from objects with what is left out of them, they took a sixteenth of the time of an event.
    return {
      message,
      index,
      source,
      ownNames,
      items,
      isTimestampReplaced,
      adjustedAttributes,
      outcome: undefined,
      note,
    };
  } catch (error) {
    const { sqsMessageId } = message;
    logger.error('An event could not be prepared', {
      source: labelOf(source),
      sqsMessageId,
      ...describeError(error),
    });
    return withOutcome(origin, index, source, NOT_PREPARED);
  }
};

const NOT_PREPARED = retried({ kind: 'backoff' }, 'the event could not be prepared; the log says why');

const outcomeWithoutDelivery = (prepared: Exclude<Prepared, { kind: 'items' }>): EventOutcome =>
  prepared.kind === 'skipped' ? prepared : deadLettered(prepared);
