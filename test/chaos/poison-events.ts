// Events that nothing is wrong with and that Customer.io answers with a 5xx or a 403 each time, until it is mended.
// They hold nobody up, and arrive when it is; what is older than a day and a half is given up before.

import { UNDELIVERABLE_AFTER_SECONDS } from '../../lib/delivery/retry-policy';
import type { JsonObject } from '../../lib/json/json-object';
import { envelope, type Maker, type Stage } from './planned-event';
import { trace } from './trace';

/** Stands in the events, and in every request that carries one. */
const TEXTS = ['poison-500', 'poison-403'] as const;

/** For the sandbox's faults. */
export const POISON = TEXTS.map((text) => ({ text, status: Number(text.slice('poison-'.length)) }));

export const isPoison = (event: JsonObject | string): boolean =>
  TEXTS.some((text) => JSON.stringify(event).includes(text));

const poisonous = (stage: Stage, cause: string): JsonObject => ({
  ...envelope(stage),
  type: 'track',
  userId: stage.person,
  event: 'Signed Up',
  properties: { n: stage.number, cause },
});

/** Among the events of an SDK as any other. */
export const poisonEvent: Maker = (next, dice) => {
  const stage = next();
  const fate = { kind: 'delivered', trace: trace.event(stage.number) } as const;
  return {
    via: 'sdk',
    events: [{ number: stage.number, fate, event: poisonous(stage, dice.pick(TEXTS)) }],
  };
};

/** Put back by a consumer of the day before yesterday. */
export const wornPoison: Maker = (next) => {
  const stage = next();
  // Its last answer may as well have been a fault of the run: a reset, another status.
  const fate = { kind: 'dead_lettered', reason: 'undeliverable', names: '' } as const;
  const now = Date.now();
  return {
    via: 'hand',
    attributes: {
      receives: '1',
      firstSentAt: String(now - 2 * UNDELIVERABLE_AFTER_SECONDS * 1_000),
      putBackAt: String(now),
    },
    events: [{ number: stage.number, fate, event: poisonous(stage, TEXTS[0]) }],
  };
};
