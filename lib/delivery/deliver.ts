// Delivers the lanes of one workspace inside its rate and the time that is left, and says what became of each
// item. It never throws for anything a destination does, and when it returns nothing of it is running any more.

import { Circuit } from './circuit';
import type { DeliveryContext, Lane, LaneResult } from './delivery';
import { LaneDelivery } from './lane-delivery';
import { REQUEST_TIMEOUT_MS, SETTLE_RESERVE_MS } from './retry-policy';

/** @returns one result for each lane, in the order given. */
export const deliver = async (lanes: readonly Lane[], context: DeliveryContext): Promise<LaneResult[]> => {
  const circuit = new Circuit();
  const deliveries = lanes.map((lane) => new LaneDelivery(lane, circuit, context));
  const stopAll = (): void => {
    for (const delivery of deliveries) delivery.stop();
  };
  const lastStartMs = context.remainingMs() - REQUEST_TIMEOUT_MS - SETTLE_RESERVE_MS;
  const deadline = setTimeout(stopAll, Math.max(0, lastStartMs));
  try {
    const results = await Promise.all(deliveries.map((delivery) => delivery.run()));
    for (const delivery of deliveries) delivery.convictLate();
    return results;
  } finally {
    clearTimeout(deadline);
    stopAll();
  }
};
