// What a source may set: the schema, with every default and every limit. Its messages name the rule and never
// the value, because values are secrets.

// The mini edition, imported as a whole: only so does a bundler leave out what is not used, nine tenths of zod.
import * as z from 'zod/mini';
import { MAX_REQUESTS_PER_SECOND } from '../customerio/limits';
import { MAX_SEGMENT_REQUESTS_PER_SECOND } from '../event/limits';
import { checkTogether, rulesFields } from './rules-settings';

/** Base URLs of the Track API by the region a workspace lives in. */
export const TRACK_URLS = {
  us: 'https://track.customer.io',
  eu: 'https://track-eu.customer.io',
} as const;

/** Customer.io's tracker for web pages, by region: what its snippet loads. */
const TRACKER_SCRIPT_URLS = {
  us: 'https://assets.customer.io/assets/track.js',
  eu: 'https://assets.customer.io/assets/track-eu.js',
} as const;

/** Where Segment takes events, unless a source names another region or a compatible endpoint. */
const SEGMENT_URL = 'https://api.segment.io';

const requiredText = z
  .string('is required and must be a string')
  .check(z.trim(), z.minLength(1, 'must not be empty'));
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

const wholeNumber = z.number('must be a number').check(z.int('must be a whole number'));

/** Requests a second, whole deployment; `owner` is whose limit it is. */
const rate = (limit: number, owner: string) => {
  const most = z.maximum(limit, `must be at most ${limit}, ${owner}'s own limit`);
  return z._default(wholeNumber.check(z.minimum(1, 'must be at least 1'), most), 100);
};

export const sourceName = requiredText.check(
  z.regex(/^[\w.-]{1,100}$/, 'may hold letters, digits, `_`, `-` and `.`, 100 at most'),
);
export const writeKey = requiredText;

const sourceFields = z.strictObject({
  name: sourceName,
  writeKey,
  siteId: requiredText,
  apiKey: requiredText,
  region: z._default(z.enum(['us', 'eu'], 'must be `us` or `eu`'), 'us'),
  trackUrl: z.optional(baseUrl(/\/api\/v\d+(\/batch)?\/*$/, '/api/v2/batch')),
  workspaceIdentifiers: z._default(
    z.enum(['email_or_id', 'id'], 'must be `email_or_id` or `id`'),
    'email_or_id',
  ),
  requestsPerSecond: rate(MAX_REQUESTS_PER_SECOND, 'Customer.io'),
  convertTimestamps: z._default(z.boolean('must be true or false'), true),
  /** More names of ours in `integrations`. */
  integrationNames: z._default(
    z.array(
      requiredText.check(z.regex(/[\p{L}\p{N}]/u, 'must have a letter or digit')),
      'must be an array of names',
    ),
    [],
  ),
  /** Ids that look like a sender's bug and are real here. */
  allowIdentifiers: z._default(z.array(requiredText, 'must be an array of ids'), []),
  /** What becomes of an event with a longer name than Customer.io takes. */
  longNames: z._default(z.enum(['cut', 'reject'], 'must be `cut` or `reject`'), 'cut'),
  connectionMode: z._default(z.enum(['cloud', 'device'], 'must be `cloud` or `device`'), 'cloud'),
  /** What browsers load in device mode; a stand-in, or a copy of one's own. */
  trackerScriptUrl: z.optional(httpUrl),
  /** Any of them may have signed a reporting webhook. None: no webhook of this source is accepted. */
  webhookSigningKeys: z._default(z.array(requiredText, 'must be an array of keys'), []),
  /** How old a signed webhook may be. 0: of any age, because Customer.io retries for seven days. */
  webhookReplayWindowSeconds: z._default(wholeNumber.check(z.minimum(0, 'must not be negative')), 0),
  /** Where activity goes, and as which Segment source. */
  segmentWriteKey: z.optional(requiredText),
  segmentUrl: z._default(baseUrl(/\/v1(\/\w+)?\/*$/, '/v1/batch'), SEGMENT_URL),
  segmentRequestsPerSecond: rate(MAX_SEGMENT_REQUESTS_PER_SECOND, 'Segment'),
  activityPropertyCase: z._default(z.enum(['snake', 'camel'], 'must be `snake` or `camel`'), 'snake'),
  ...rulesFields,
});

export const sourceSchema = sourceFields.check(checkTogether);

/** One Segment source and the Customer.io workspace it delivers to. */
export type Source = Readonly<z.infer<typeof sourceSchema> & { trackUrl: string; trackerScriptUrl: string }>;

export const withTrackUrl = (source: z.infer<typeof sourceSchema>): Source => ({
  ...source,
  trackUrl: source.trackUrl ?? TRACK_URLS[source.region],
  trackerScriptUrl: source.trackerScriptUrl ?? TRACKER_SCRIPT_URLS[source.region],
});
