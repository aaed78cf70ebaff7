// What the archive will need of an event, noted while the event is at hand: what becomes of it is known only later, and
// to parse it again would cost more than all the rest. For a source that archives nothing, nothing is done.

import type { LeftOut } from '../archive/line';
import type { Source } from '../config/source';
import { receivedByServerMs } from '../event/event-time';
import { isObject } from '../json/json-object';
import { textOfChanged } from '../json/text-of-changed';
import { type Message, type QueuedEvent, readOwnTexts } from '../queue/message';
import type { AsArchived } from './connector';

export interface ArchiveNote {
  readonly messageId: string;
  readonly type: unknown;
  /** JSON of the event; undefined where it is not archived. */
  readonly event: string | undefined;
  /** Why, where its source archives events. */
  readonly leftOut: LeftOut | undefined;
  /** Set when the event has ended and the archive did not take its line. */
  failed: boolean;
}

/** @param skipped why, where it is known already that the event is. @returns undefined: nothing is archived. */
export type NoteFor = (
  index: number,
  source: Source | undefined,
  skipped: string | undefined,
) => ArchiveNote | undefined;

/** For the events of one message: their own texts are looked for once, and only where they are wanted. */
export type Archiving = (message: Message, events: readonly QueuedEvent[]) => NoteFor;

export const archivingBy =
  (asArchived: AsArchived | undefined): Archiving =>
  (message, events) => {
    let texts: readonly string[] | undefined;
    const textOf = (index: number): string | undefined => {
      texts ??= readOwnTexts(message, events);
      return texts[index];
    };
    const jsonOf = (index: number, queued: QueuedEvent, source: Source): string | undefined => {
      if (queued.fault !== undefined) return undefined;
      const event = withArrival(queued);
      const kept = asArchived === undefined ? event : asArchived(event, source);
      const text = textOf(index);
      return text === undefined ? undefined : textOfChanged(text, queued.raw, kept);
    };
    return (index, source, skipped) => {
      const queued = events[index];
      if (source === undefined || queued === undefined) return undefined;
      switch (source.archive) {
        case 'none':
          return undefined;
        case 'outcomes':
          return note(queued);
        case 'events':
          // Who refused is not kept; that somebody did, is.
          return skipped === 'consent_refused'
            ? note(queued, undefined, 'consent_refused')
            : noteWithEvent(queued, jsonOf(index, queued, source));
      }
    };
  };

/** Where its time depends on when it came, that is a part of it: read again later, it is the same event. */
const withArrival = ({ event, timestampStandIn: receivedAt }: QueuedEvent): unknown =>
  receivedAt === undefined || !isObject(event) || receivedByServerMs(event) !== undefined
    ? event
    : { ...event, receivedAt };

const noteWithEvent = (queued: QueuedEvent, json: string | undefined): ArchiveNote =>
  note(queued, json, json === undefined ? 'not_json' : undefined);

const note = ({ messageId, event }: QueuedEvent, json?: string, leftOut?: LeftOut): ArchiveNote => {
  const type = typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
  return { messageId, type, event: json, leftOut, failed: false };
};
