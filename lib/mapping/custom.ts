// The one place for code of your own: what no rule can say. It is given each event after the rules and before the
// mapping, and answers the event, another one, several, or none. Keep it pure: no I/O, clock or random, and never
// change what you are given; the same event must give the same answer, because it may come again.

import type { JsonObject } from '../json/json-object';

/** What is known beside the event. */
export interface CustomContext {
  /** The name of the source. */
  readonly source: string;
}

/**
 * An event, a list of events, or nothing to skip it. Of a list, each event needs a `messageId` of its own; one that
 * repeats an earlier one's gets its place in the list behind it. What is thrown is a bug: the event waits on the queue
 * until it is mended.
 */
export type Custom = (
  event: JsonObject,
  context: CustomContext,
) => JsonObject | readonly JsonObject[] | undefined;

/** test/golden-custom shows what it does, a folder a case. */
export const custom: Custom = (event) => event;
