// Takes messages a few at a time. A parsed message takes five times the memory of its text, and an invocation holds
// up to six megabytes of text.

import type { Message } from '../queue/message';
import type { EventInFlight } from './event-in-flight';

export type MessageEvents = readonly [message: Message, events: readonly EventInFlight[]];

const MAX_ROUND_CHARACTERS = 262_144;
/** No round starts with less time left: it might be cut off by the end of the invocation, and the answer with it. */
const LAST_ROUND_MS = 3_000;

/**
 * Hands over the messages in rounds, one after the other, while there is time.
 * @returns the messages for which there was no time.
 */
export const inRounds = async (
  messages: readonly MessageEvents[],
  remainingMs: () => number,
  work: (round: readonly MessageEvents[]) => Promise<void>,
): Promise<MessageEvents[]> => {
  const late: MessageEvents[] = [];
  for (const round of toRounds(messages)) {
    if (remainingMs() >= LAST_ROUND_MS) await work(round);
    else late.push(...round);
  }
  return late;
};

const toRounds = (messages: readonly MessageEvents[]): MessageEvents[][] => {
  const rounds: MessageEvents[][] = [];
  let characters = Infinity;
  for (const entry of messages) {
    const { length } = entry[0].body;
    if (characters + length > MAX_ROUND_CHARACTERS) {
      rounds.push([]);
      characters = 0;
    }
    rounds.at(-1)?.push(entry);
    characters += length;
  }
  return rounds;
};
