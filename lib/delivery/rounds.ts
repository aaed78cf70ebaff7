// Takes messages a few at a time: parsed, a message takes five times what its text does, and an invocation's six
// megabytes of it would be all alive at once.

import type { Message } from '../queue/message';
import type { EventInFlight } from './event-in-flight';

export type MessageEvents = readonly [message: Message, events: readonly EventInFlight[]];

const MAX_ROUND_CHARACTERS = 262_144;
/** A round that starts later might be cut off by the end of the invocation, and the answer with it. */
const LAST_ROUND_MS = 3_000;

/** In turn, while there is time. @returns those there was none for. */
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
