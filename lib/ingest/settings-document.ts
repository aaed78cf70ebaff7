// The document that browser and mobile SDKs fetch before they send anything. It names where events go: SDKs
// that find no `apiHost` in it send to Segment instead, so it is never left out.

import type { Source } from '../config/source';
import { PLUGIN_NAME } from '../mapping/device-mode';
import type { PluginSettings } from './customerio-plugin/analytics';
import { CUSTOMERIO_PLUGIN_VERSION } from './customerio-plugin/script';

/** What pages are told of a source in device mode. Its site id is public, as in Customer.io's own snippet. */
export type DeviceSource = Pick<
  Source,
  'siteId' | 'trackerScriptUrl' | 'convertTimestamps' | 'integrationNames' | 'consent'
>;

export interface SettingsDocumentOptions {
  readonly writeKey: string;
  /** Absent in cloud mode. */
  readonly device?: DeviceSource | undefined;
  /** `host[:port][/base]` of this endpoint, without scheme and without `/v1`. */
  readonly host: string;
  readonly protocol: 'http' | 'https';
}

/**
 * Kept for five minutes, and for longer where there is no answer: without this document SDKs keep events to
 * themselves.
 */
export const SETTINGS_CACHE_CONTROL =
  'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400';

export const settingsDocument = ({ writeKey, host, protocol, device }: SettingsDocumentOptions) => ({
  integrations: {
    'Segment.io': {
      apiKey: writeKey,
      apiHost: `${host}/v1`,
      protocol,
      unbundledIntegrations: [],
      // In device mode the plugin says of each event what became of it; this would write over it.
      addBundledMetadata: device === undefined,
      maybeBundledConfigIds: {},
      retryQueue: true,
      // Present, though empty, it gives Swift and Kotlin their newer retries, which honour Retry-After.
      httpConfig: { rateLimitConfig: {}, backoffConfig: {} },
    },
    // Customer.io's own browser SDK reads only this one.
    'Customer.io Data Pipelines': {
      apiKey: writeKey,
      apiHost: `${host}/v1`,
      protocol,
      addBundledMetadata: device === undefined,
    },
    ...(device && { [PLUGIN_NAME]: consentOf(device) }),
  },
  plan: { track: { __default: { enabled: true, integrations: {} } } },
  edgeFunction: {},
  middlewareSettings: {},
  enabledMiddleware: {},
  // Without it, browsers report their telemetry to Segment.
  metrics: { sampleRate: 0 },
  legacyVideoPluginsEnabled: false,
  remotePlugins: device === undefined ? [] : [devicePlugin(device, `${protocol}://${host}`)],
});

/** The path of the plugin, behind the address of this endpoint; `routes.ts` serves it, whatever its version. */
const PLUGIN_PATH = `/analytics-next/plugins/customerio.js?v=${CUSTOMERIO_PLUGIN_VERSION}`;

/**
 * What Segment's consent wrappers look up before they let the plugin be loaded: without an entry of its name they keep
 * back none, whatever the page has mapped.
 */
const consentOf = ({ consent }: DeviceSource) =>
  consent === undefined ? {} : { consentSettings: { categories: consent.require } };

/** By its name a page turns it off: `integrations: {"Customer.io": false}`, at load or with an event. */
const devicePlugin = (
  { siteId, trackerScriptUrl, convertTimestamps, integrationNames, consent }: DeviceSource,
  endpoint: string,
) => ({
  name: PLUGIN_NAME,
  creationName: PLUGIN_NAME,
  /** What the script sets on `window`. */
  libraryName: 'cioRelayDeviceMode',
  url: endpoint + PLUGIN_PATH,
  settings: {
    siteId,
    scriptUrl: trackerScriptUrl,
    convertTimestamps,
    integrationNames,
    consent,
  } satisfies PluginSettings,
});

export interface RequestAddress {
  /** The header `x-forwarded-proto`, which API Gateway always sets. */
  readonly forwardedProtocol: string | undefined;
  /** The header `host`, or the domain name of the API. */
  readonly host: string;
  /** What stands before the path: stage and base path, or nothing. */
  readonly prefix: string;
}

/** Where the SDK that asks can reach this endpoint: the way it came, unless a setting says otherwise. */
export const ownAddress = (
  { forwardedProtocol, host, prefix }: RequestAddress,
  publicApiHost: string | undefined,
): Pick<SettingsDocumentOptions, 'host' | 'protocol'> => {
  const ownHost = publicApiHost ?? `${host}${prefix}`;
  const isPlain = forwardedProtocol === undefined ? isLocal(ownHost) : forwardedProtocol !== 'https';
  return { host: ownHost, protocol: isPlain ? 'http' : 'https' };
};

/** `localhost` or a bare address, which no certificate is for: the local stack. */
const isLocal = (host: string): boolean => /^(localhost|[\d.]+|\[[\da-f:]+\])(:\d+)?$/i.test(host);
