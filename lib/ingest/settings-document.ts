// The document that browser and mobile SDKs fetch before they send anything. It names where events go: SDKs
// that find no `apiHost` in it send to Segment instead, so it is never left out.

export interface SettingsDocumentOptions {
  readonly writeKey: string;
  /** `host[:port][/base]` of this endpoint, without scheme and without `/v1`. */
  readonly host: string;
  readonly protocol: 'http' | 'https';
}

/** Five minutes, and longer where there is no answer: without this document SDKs keep events to themselves. */
export const SETTINGS_CACHE_CONTROL =
  'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400';

export const settingsDocument = ({ writeKey, host, protocol }: SettingsDocumentOptions) => ({
  integrations: {
    'Segment.io': {
      apiKey: writeKey,
      apiHost: `${host}/v1`,
      protocol,
      unbundledIntegrations: [],
      addBundledMetadata: true,
      maybeBundledConfigIds: {},
      retryQueue: true,
      // Present, though empty, it gives Swift and Kotlin their newer retries, which honour Retry-After.
      httpConfig: { rateLimitConfig: {}, backoffConfig: {} },
    },
    // Customer.io's own browser SDK reads only this one.
    'Customer.io Data Pipelines': { apiKey: writeKey, apiHost: `${host}/v1`, protocol },
  },
  plan: { track: { __default: { enabled: true, integrations: {} } } },
  edgeFunction: {},
  middlewareSettings: {},
  enabledMiddleware: {},
  // Without it, browsers report their telemetry to Segment.
  metrics: { sampleRate: 0 },
  legacyVideoPluginsEnabled: false,
  remotePlugins: [],
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
): Omit<SettingsDocumentOptions, 'writeKey'> => {
  const ownHost = publicApiHost ?? `${host}${prefix}`;
  const isPlain = forwardedProtocol === undefined ? isLocal(ownHost) : forwardedProtocol !== 'https';
  return { host: ownHost, protocol: isPlain ? 'http' : 'https' };
};

/** `localhost` or a bare address, which no certificate is for: the local stack. */
const isLocal = (host: string): boolean => /^(localhost|[\d.]+|\[[\da-f:]+\])(:\d+)?$/i.test(host);
