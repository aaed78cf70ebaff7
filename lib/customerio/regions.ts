// Where Customer.io lives. A further region is a further line; settings and their messages follow.

/** By the region a workspace lives in: the base URL of the Track API, and the tracker that web pages load. */
export const REGIONS = {
  us: {
    trackUrl: 'https://track.customer.io',
    trackerScriptUrl: 'https://assets.customer.io/assets/track.js',
  },
  eu: {
    trackUrl: 'https://track-eu.customer.io',
    trackerScriptUrl: 'https://assets.customer.io/assets/track-eu.js',
  },
} as const;

export type Region = keyof typeof REGIONS;

export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

export const isRegion = (value: unknown): value is Region =>
  typeof value === 'string' && Object.hasOwn(REGIONS, value);
