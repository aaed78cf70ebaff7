// An event of the workload and what must become of it. Its fate is known by how it was made, not by asking
// the code under test.

import type { Reason } from '../../lib/errors';
import type { JsonObject } from '../../lib/json/json-object';
import type { Dice } from './dice';
import { trace } from './trace';

/** The source of the other workspace, which is added to the settings during a run. */
export const OTHER_SOURCE = 'blog';

export type Fate =
  /** `trace` is what it leaves behind at Customer.io and nothing else does; see evidence.ts. */
  | { readonly kind: 'delivered'; readonly trace: string }
  | { readonly kind: 'skipped' }
  /** `names` stands somewhere in the dead letter's detail. */
  | { readonly kind: 'dead_lettered'; readonly reason: Reason; readonly names: string };

export interface PlannedEvent {
  readonly number: number;
  readonly fate: Fate;
  /** A string is a message body that is no JSON. */
  readonly event: JsonObject | string;
}

/** Events that travel together, in this order, because the last state depends on it. */
export interface Unit {
  /** Through the HTTP endpoint, or put on the queue by hand. */
  readonly via: 'sdk' | 'hand';
  readonly events: readonly PlannedEvent[];
  /** What a message put by hand names as its source. */
  readonly source?: string;
  /** Other attributes of a message put by hand. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Where the next event happens, and to whom. */
export interface Stage {
  readonly number: number;
  /** A userId: most are plain ids, some are email addresses. */
  readonly person: string;
  readonly group: string;
  readonly timestamp: string;
}

/** Gives each event its number, which is also its place in time: two seconds after the one before. */
export type NextStage = () => Stage;

export type Maker = (next: NextStage, dice: Dice) => Unit;

/** What every SDK puts on an event. */
export const envelope = ({ number, timestamp }: Stage): JsonObject => ({
  messageId: `chaos-${number}`,
  timestamp,
  context: { library: { name: '@segment/analytics-node', version: '3.1.0' } },
});

export const viaSdk = (...events: PlannedEvent[]): Unit => ({ via: 'sdk', events });

export const delivered = ({ number }: Stage, event: JsonObject, left: string): PlannedEvent => ({
  number,
  event,
  fate: { kind: 'delivered', trace: left },
});

/** What Customer.io counts, and knows by its ULID when it comes again. */
export const behaviour = (stage: Stage, call: JsonObject, properties: JsonObject = {}): PlannedEvent =>
  delivered(
    stage,
    { ...envelope(stage), ...call, properties: { ...properties, n: stage.number } },
    trace.event(stage.number),
  );
