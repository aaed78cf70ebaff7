// Device mode: what of a browser's events Customer.io's own tracker has taken. The plugin in the browser decides
// by the same functions as the relay, so that every event is taken by exactly one of the two.

import { isIllegalId, readId } from '../event/ids';
import { isObject, type JsonObject } from '../json/json-object';

/** The plugin's name, in `integrations` and in `_metadata`. */
export const PLUGIN_NAME = 'Customer.io';

/**
 * Whether the tracker can take this call at all. An identify or group of nobody known it would ignore, alias and
 * screen it does not have, and from ids that are none of its kind it would make people: those are the relay's.
 */
export const trackerTakes = (event: JsonObject): boolean => {
  const isKnown = isPlainId(event['userId']);
  if (!isKnown && !isAbsent(event['userId'])) return false;
  switch (event['type']) {
    case 'identify':
      return isKnown;
    case 'group':
      return isKnown && isPlainId(event['groupId']);
    case 'track':
      return typeof event['event'] === 'string' && event['event'].trim() !== '';
    default:
      return event['type'] === 'page';
  }
};

/**
 * Whether the tracker has taken the event, as analytics.js tells by the plugin's name. A plugin that could not
 * start has delivered nothing, whatever else is said.
 */
export const isDeliveredByBrowser = (event: JsonObject): boolean => {
  const metadata = event['_metadata'];
  if (!isObject(metadata) || !holdsPlugin(metadata['bundled'])) return false;
  return !holdsPlugin(metadata['failedInitializations']) && trackerTakes(event);
};

const holdsPlugin = (names: unknown): boolean => Array.isArray(names) && names.includes(PLUGIN_NAME);

const isAbsent = (id: unknown): boolean => id === undefined || id === null || id === '';

/** Neither a `cio_id` nor one that looks like a bug: whether that one is real here, the relay's settings say. */
const isPlainId = (value: unknown): boolean => {
  const id = readId(value);
  return id !== undefined && !id.startsWith('cio_') && !isIllegalId(id, {});
};
