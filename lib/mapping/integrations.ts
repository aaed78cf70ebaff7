// Whether an event is meant for Customer.io at all, as its sender says in `integrations`.

import { isObject } from '../json/json-object';

/** Names are case sensitive, but for `all`, which the Go SDK writes small. */
const OUR_NAME = 'Customer.io';

/** Our own name decides; else `All`; else yes. An object counts as a yes with options. */
export const isForCustomerIo = (integrations: unknown): boolean => {
  if (!isObject(integrations)) return true;
  const ours = integrations[OUR_NAME];
  if (ours === false) return false;
  const isNamed = ours === true || (typeof ours === 'object' && ours !== null);
  return isNamed || (integrations['All'] ?? integrations['all']) !== false;
};
