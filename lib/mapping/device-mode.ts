// Device mode: what of a browser's events Customer.io's own tracker has taken. The plugin in the browser decides
// by the same functions as the relay, so that every event is taken by exactly one of the two.

import { isObject, type JsonObject } from '../json/json-object';

/** The plugin's name, in `integrations` and in `_metadata`. */
export const PLUGIN_NAME = 'Customer.io';

/**
 * Whether the tracker can take this call at all. An identify or group of nobody known it would ignore, alias and
 * screen it does not have, and `cio_` ids it would take for ids of new people: those are the relay's.
 */
export const trackerTakes = (event: JsonObject): boolean => {
  const { type, userId } = event;
  if (isCioId(userId)) return false;
  if (type === 'identify') return isId(userId);
  if (type === 'group') return isId(userId) && isId(event['groupId']);
  if (type === 'track') return typeof event['event'] === 'string' && event['event'].trim() !== '';
  return type === 'page';
};

/** As analytics.js tells it, by name; a plugin that could not start has delivered nothing, whatever else is said. */
export const isDeliveredByBrowser = (event: JsonObject): boolean => {
  const metadata = event['_metadata'];
  if (!isObject(metadata) || !holdsPlugin(metadata['bundled'])) return false;
  return !holdsPlugin(metadata['failedInitializations']) && trackerTakes(event);
};

const holdsPlugin = (names: unknown): boolean => Array.isArray(names) && names.includes(PLUGIN_NAME);

const isId = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');

const isCioId = (value: unknown): boolean => typeof value === 'string' && value.startsWith('cio_');
