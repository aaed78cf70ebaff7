// What the archive will need of an event, noted while the event is at hand: what becomes of it is known only later, and
// to parse it again would cost more than all the rest. For a source that archives nothing, nothing is done.

import type { LeftOut } from '../archive/line';
import type { Source } from '../config/source';
import { writeJson } from '../json/write-json';
import { type Message, type QueuedEvent, readTexts } from '../queue/message';
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
      texts ??= readTexts(message, events);
      return texts[index];
    };
    const jsonOf = (
      index: number,
      { event, raw, fault }: QueuedEvent,
      source: Source,
    ): string | undefined => {
      if (fault !== undefined) return undefined;
      const kept = asArchived === undefined ? event : asArchived(event, source);
      // Byte for byte where nothing was filled in and nothing must go.
      return kept === raw ? textOf(index) : writeJson(kept);
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

const noteWithEvent = (queued: QueuedEvent, json: string | undefined): ArchiveNote =>
  note(queued, json, json === undefined ? 'not_json' : undefined);

const note = ({ messageId, event }: QueuedEvent, json?: string, leftOut?: LeftOut): ArchiveNote => {
  const type = typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
  return { messageId, type, event: json, leftOut, failed: false };
};
