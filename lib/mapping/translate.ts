// Segment event -> Customer.io operations. Pure: the same event gives the same operations, the event is never
// changed, and no JSON value makes it throw, because one bad event must not cost its neighbours anything.

import { EVENT_TYPES, type EventType } from '../event/event';
import { eventTimeMs } from '../event/event-time';
import { typeName } from '../event/fault';
import { isForCustomerIo } from '../event/integrations';
import { isObject } from '../json/json-object';
import { translateAlias } from './alias';
import { isDeliveredByBrowser } from './device-mode';
import { withDevice } from './device-registration';
import { fitOperations } from './fit-operations';
import { translateGroup } from './group';
import { translateIdentify } from './identify';
import { translatePage } from './page';
import { translateScreen } from './screen';
import { translateTrack } from './track';
import { type Mapper, type MappingSettings, rejected, skipped, type Translation } from './translation';

const MAPPERS: Readonly<Record<EventType, Mapper>> = {
  identify: translateIdentify,
  track: translateTrack,
  page: translatePage,
  screen: translateScreen,
  group: translateGroup,
  alias: translateAlias,
};

const MAPPER_BY_TYPE: ReadonlyMap<unknown, Mapper> = new Map(Object.entries(MAPPERS));

/**
 * @param event any JSON value; `messageId` and `timestamp` as they came, or filled in by whoever took it from
 * the queue.
 * @returns the operations with the event's time; or why there are none. What `integrations` keeps from
 * Customer.io is skipped before anything else is looked at: it is none of our business whether it is valid.
 */
export const translate = (event: unknown, settings: MappingSettings): Translation => {
  if (!isObject(event)) return rejected('invalid_event', `event: expected an object, got ${typeName(event)}`);
  if (!isForCustomerIo(event['integrations'], settings.integrationNames))
    return skipped('integrations_disabled');
  if (settings.connectionMode === 'device' && isDeliveredByBrowser(event)) {
    return skipped('delivered_by_browser');
  }
  const mapper = MAPPER_BY_TYPE.get(event['type']);
  if (mapper === undefined) {
    const got = typeof event['type'] === 'string' ? 'another string' : typeName(event['type']);
    return rejected('invalid_event', `type: expected one of ${EVENT_TYPES.join(', ')}; got ${got}`);
  }
  const input = { event, settings, timestampMs: eventTimeMs(event) };
  return fitOperations(withDevice(mapper(input), input), settings);
};
