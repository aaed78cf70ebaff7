// What a source may set: the schema, with every default and every limit. Its messages name the rule and never
// the value, because values are secrets.

// The mini edition, imported as a whole: only so does a bundler leave out what is not used, nine tenths of zod.
import * as z from 'zod/mini';
import { MAX_REQUESTS_PER_SECOND } from '../customerio/limits';
import { isRegion, REGION_NAMES, REGIONS, type Region } from '../customerio/regions';
import { MAX_SEGMENT_REQUESTS_PER_SECOND } from '../event/segment-limits';
import { isObject } from '../json/json-object';
import { mappingFields } from './mapping-settings';
import { checkTogether, rulesFields } from './rules-settings';
import { choice, flag, oneOf, requiredText, wholeNumber } from './setting-types';

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

/** Requests a second, whole deployment. */
const atLeastOne = wholeNumber.check(z.minimum(1, 'must be at least 1'));
const DEFAULT_RATE = 100;

const most = (limit: number, owner: string): string => `must be at most ${limit}, ${owner}'s own limit`;

/**
 * Whether the rate is within the limit. Customer.io may have raised that of a workspace. Checked whatever else is
 * wrong with the source.
 */
const isWithinLimit = z.refine<unknown>((source) => !(rateOf(source) > rateLimitOf(source)), {
  path: ['requestsPerSecond'],
  error: ({ input }) => most(rateLimitOf(input), 'Customer.io'),
  when: () => true,
});

const rateOf = (source: unknown): number => Number(isObject(source) && source['requestsPerSecond']);

const rateLimitOf = (source: unknown): number => {
  const limits = isObject(source) ? source['limits'] : undefined;
  return isObject(limits) ? Number(limits['requestsPerSecond']) : MAX_REQUESTS_PER_SECOND;
};

export const sourceName = requiredText.check(
  z.regex(/^[\w.-]{1,100}$/, 'may hold letters, digits, `_`, `-` and `.`, 100 at most'),
);
export const writeKey = requiredText;

/** The settings that each workspace has of its own. */
const workspaceFields = {
  siteId: requiredText,
  apiKey: requiredText,
  region: z._default(
    z.custom<Region>(isRegion, { error: `must be ${oneOf(REGION_NAMES)}`, abort: false }),
    'us',
  ),
  trackUrl: z.optional(baseUrl(/\/api\/v\d+(\/batch)?\/*$/, '/api/v2/batch')),
  requestsPerSecond: z._default(atLeastOne, DEFAULT_RATE),
  /** What browsers load in device mode; a stand-in, or a copy of one's own. */
  trackerScriptUrl: z.optional(httpUrl),
  ...mappingFields,
} as const;

const activityFields = {
  /** Any of them may have signed a reporting webhook. None: no webhook of this source is accepted. */
  webhookSigningKeys: z._default(z.array(requiredText, 'must be an array of keys'), []),
  /** How old a signed webhook may be. 0: of any age, because Customer.io retries for seven days. */
  webhookReplayWindowSeconds: z._default(wholeNumber.check(z.minimum(0, 'must not be negative')), 0),
  /** Where activity goes, and as which Segment source. */
  segmentWriteKey: z.optional(requiredText),
  segmentUrl: z._default(baseUrl(/\/v1(\/\w+)?\/*$/, '/v1/batch'), SEGMENT_URL),
  segmentRequestsPerSecond: z._default(
    atLeastOne.check(
      z.maximum(MAX_SEGMENT_REQUESTS_PER_SECOND, most(MAX_SEGMENT_REQUESTS_PER_SECOND, 'Segment')),
    ),
    DEFAULT_RATE,
  ),
  activityPropertyCase: choice('snake', 'camel'),
} as const;

const archiveFields = {
  /** What the archive is told of each event that ended: nothing, what became of it, or the event itself as well. */
  archive: choice('none', 'outcomes', 'events'),
  /** Whether an event whose line the archive does not take is tried again. */
  archiveRequired: flag(false),
} as const;

/** What is required of an archive that is told nothing would be lost without a word. */
const isArchivedIfRequired = z.refine<{ archive: string; archiveRequired: boolean }>(
  ({ archive, archiveRequired }) => !archiveRequired || archive !== 'none',
  { path: ['archiveRequired'], error: 'needs `archive` to be `outcomes` or `events`' },
);

/** A source in the flat form, which delivers to one workspace. */
export const sourceSchema = z
  .strictObject({
    name: sourceName,
    writeKey,
    ...workspaceFields,
    ...activityFields,
    ...archiveFields,
    ...rulesFields,
  })
  .check(isWithinLimit)
  .check(isArchivedIfRequired)
  .check(checkTogether);

/** What stands beside `destinations`. Under its `privacy` the rules of each are checked. */
export const sharedSchema = z
  .strictObject({
    name: sourceName,
    writeKey,
    ...activityFields,
    ...archiveFields,
    privacy: rulesFields.privacy,
  })
  .check(isArchivedIfRequired);

export const destinationSchema = z
  .strictObject({ name: sourceName, ...workspaceFields, ...rulesFields })
  .check(isWithinLimit)
  .check(checkTogether);

/** An event is translated once for each, and all of that is in memory at once. */
export const MAX_DESTINATIONS = 10;

/** One Segment source and a Customer.io workspace it delivers to. */
export type Source = Readonly<
  z.infer<typeof sourceSchema> & {
    trackUrl: string;
    trackerScriptUrl: string;
    /** The destination's name, in a source that has several. */
    workspace?: string;
  }
>;

/** What logs call it: a name has no slash. */
export const labelOf = ({ name, workspace }: Pick<Source, 'name' | 'workspace'>): string =>
  workspace === undefined ? name : `${name}/${workspace}`;

/** All that the workspaces of a source call themselves, as the HTTP door knows it. */
export const namesOf = (workspaces: readonly Source[]): readonly string[] =>
  workspaces.flatMap(({ integrationNames }) => integrationNames ?? []);

export const withTrackUrl = (source: z.infer<typeof sourceSchema>): Source => ({
  ...source,
  trackUrl: source.trackUrl ?? REGIONS[source.region].trackUrl,
  trackerScriptUrl: source.trackerScriptUrl ?? REGIONS[source.region].trackerScriptUrl,
});
