// What a source may set: the schema, with every default and every limit. Its messages name the rule and never
// the value, because values are secrets.

// The mini edition, imported as a whole: only so does a bundler leave out what is not used, nine tenths of zod.
import * as z from 'zod/mini';
import { MAX_REQUESTS_PER_SECOND } from '../customerio/limits';
import { isRegion, REGION_NAMES, REGIONS, type Region } from '../customerio/regions';
import { MAX_SEGMENT_REQUESTS_PER_SECOND } from '../event/limits';
import { mappingFields } from './mapping-settings';
import { choice, oneOf, requiredText, wholeNumber } from './setting-types';

/** Where Segment takes events, unless a source names another region or a compatible endpoint. */
const SEGMENT_URL = 'https://api.segment.io';

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL', abort: true });

/** A URL in front of an API's own paths, which are added to it; in one spelling, for sources are compared by it. */
const baseUrl = (apiPath: RegExp, added: string) =>
  httpUrl.check(
    z.refine(isBare, 'must not have a query, a fragment, a user or a password'),
    z.refine(
      (url) => !apiPath.test(new URL(url).pathname),
      `must be the URL in front of \`${added}\`, which is added to it`,
    ),
    z.overwrite((url) => new URL(url).href.replace(/\/+$/, '')),
  );

const isBare = (url: string): boolean => {
  const { username, password } = new URL(url);
  return !/[?#]/.test(url) && username === '' && password === '';
};

/** Requests a second, whole deployment; `owner` is whose limit it is. */
const rate = (limit: number, owner: string) => {
  const most = z.maximum(limit, `must be at most ${limit}, ${owner}'s own limit`);
  return z._default(wholeNumber.check(z.minimum(1, 'must be at least 1'), most), 100);
};

export const sourceName = requiredText.check(
  z.regex(/^[\w.-]{1,100}$/, 'may hold letters, digits, `_`, `-` and `.`, 100 at most'),
);
export const writeKey = requiredText;

export const sourceSchema = z.strictObject({
  name: sourceName,
  writeKey,
  siteId: requiredText,
  apiKey: requiredText,
  region: z._default(z.custom<Region>(isRegion, `must be ${oneOf(REGION_NAMES)}`), 'us'),
  trackUrl: z.optional(baseUrl(/\/api\/v\d+(\/batch)?\/*$/, '/api/v2/batch')),
  requestsPerSecond: rate(MAX_REQUESTS_PER_SECOND, 'Customer.io'),
  /** What browsers load in device mode; a stand-in, or a copy of one's own. */
  trackerScriptUrl: z.optional(httpUrl),
  ...mappingFields,
  /** Any of them may have signed a reporting webhook. None: no webhook of this source is accepted. */
  webhookSigningKeys: z._default(z.array(requiredText, 'must be an array of keys'), []),
  /** How old a signed webhook may be. 0: of any age, because Customer.io retries for seven days. */
  webhookReplayWindowSeconds: z._default(wholeNumber.check(z.minimum(0, 'must not be negative')), 0),
  /** Where activity goes, and as which Segment source. */
  segmentWriteKey: z.optional(requiredText),
  segmentUrl: z._default(baseUrl(/\/v1(\/\w+)?\/*$/, '/v1/batch'), SEGMENT_URL),
  segmentRequestsPerSecond: rate(MAX_SEGMENT_REQUESTS_PER_SECOND, 'Segment'),
  activityPropertyCase: choice('snake', 'camel'),
});

/** One Segment source and the Customer.io workspace it delivers to. */
export type Source = Readonly<z.infer<typeof sourceSchema> & { trackUrl: string; trackerScriptUrl: string }>;

export const withTrackUrl = (source: z.infer<typeof sourceSchema>): Source => ({
  ...source,
  trackUrl: source.trackUrl ?? REGIONS[source.region].trackUrl,
  trackerScriptUrl: source.trackerScriptUrl ?? REGIONS[source.region].trackerScriptUrl,
});
