// Device mode in the browser: two plugins for analytics.js. The first marks an event before it leaves, the second
// gives the marked ones to Customer.io's tracker, and no other. The mark travels with the event, because one that
// is sent again from the next page must say what became of it on this one.

import { isForCustomerIo } from '../../event/integrations';
import { isObject, type JsonObject } from '../../json/json-object';
import { isDeliveredByBrowser, PLUGIN_NAME, trackerTakes } from '../../mapping/device-mode';
import { hasConsent, isPreferenceEvent } from '../../rules/consent-answer';
import type { Analytics, Hook, PageWindow, Plugin, PluginSettings } from './analytics';
import { Tracker } from './tracker';
import { toTrackerCall } from './tracker-call';

const VERSION = '1.0.0';

/**
 * What analytics.js itself would say of a page with this plugin. It says so of every event, even while the
 * tracker is still loading; hence the settings document switches its own off.
 */
const MARK = { bundled: [PLUGIN_NAME, 'Segment.io'], unbundled: [], bundledIds: [] };

/** The factory that the settings document names. Neither plugin ever fails to load: the relay delivers then. */
export const createPlugins = (settings: PluginSettings, page: PageWindow): Plugin[] => {
  const tracker = new Tracker(page, settings);
  let isRunning = false;
  let analytics: Analytics | undefined;

  // analytics.js waits for an enrichment to load before it lets an event go; for a destination it does not.
  const load = async (_: unknown, loaded: Analytics): Promise<void> => {
    analytics = loaded;
    isRunning = await tracker.load();
    if (isRunning) loaded.on('reset', () => tracker.forget());
  };

  const mark: Hook = (context) => {
    const { event } = context;
    const isOurs =
      isRunning && isWanted(event, settings) && isAgreedTo(event, settings) && trackerTakes(event);
    if (isOurs && keepsMarks(analytics)) context.updateEvent('_metadata', MARK);
    return context;
  };

  const deliver: Hook = (context) => {
    const { event } = context;
    if (!isDeliveredByBrowser(event)) return context;
    tracker.send(toTrackerCall(event, settings.convertTimestamps), event['userId']);
    tracker.forgetUnless(isSignedIn(analytics));
    return context;
  };

  return [
    plugin('enrichment', load, () => true, mark),
    plugin(
      'destination',
      async () => {},
      () => isRunning,
      deliver,
    ),
  ];
};

const plugin = (type: Plugin['type'], load: Plugin['load'], isLoaded: () => boolean, hook: Hook): Plugin => ({
  name: PLUGIN_NAME,
  version: VERSION,
  type,
  isLoaded,
  load,
  identify: hook,
  track: hook,
  page: hook,
  group: hook,
});

/**
 * Whether the event is for Customer.io, as the relay decides (whatever the spelling of the name), and as
 * analytics.js does, which knows one spelling.
 */
const isWanted = ({ integrations }: JsonObject, { integrationNames }: PluginSettings): boolean => {
  const isTaken = !isObject(integrations) || (integrations[PLUGIN_NAME] ?? integrations['All']) !== false;
  return isTaken && isForCustomerIo(integrations, integrationNames);
};

/**
 * Whether its person has agreed, and the relay would change nothing of it: into some events it writes what they have
 * agreed to.
 */
const isAgreedTo = (event: JsonObject, { consent }: PluginSettings): boolean => {
  if (consent === undefined) return true;
  const isChanged =
    isPreferenceEvent(event) || (consent.attribute !== undefined && event['type'] === 'identify');
  return !isChanged && hasConsent(event, consent);
};

/**
 * Whether marks last. Once any plugin of the page has failed, analytics.js writes that over the mark of every
 * event.
 */
const keepsMarks = (analytics: Analytics | undefined): boolean =>
  (analytics?.queue?.failedInitializations ?? []).length === 0;

const isSignedIn = (analytics: Analytics | undefined): boolean => {
  const id = analytics?.user().id();
  return id !== undefined && id !== null && id !== '';
};
