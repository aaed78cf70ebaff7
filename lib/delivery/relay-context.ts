// What a relay needs around it: what delivering needs and what settling needs.

import type { DeliveryContext } from './delivery';
import type { SettleContext } from './settle-context';

export interface RelayContext extends SettleContext {
  readonly send: DeliveryContext['send'];
}
