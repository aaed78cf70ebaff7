// The only reader of process.env. Settings are validated whole: every mistake of every source is
// reported in one error that names source and field, and never a value, because values are secrets.

// Not loaded lazily: a bundler shakes only static imports, and the whole SSM client is more to parse than to load.
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
// The mini edition, imported as a whole: only so does a bundler leave out what is not used, nine tenths of zod.
import * as z from 'zod/mini';
import { MAX_REQUESTS_PER_SECOND as CUSTOMER_IO_MAX_REQUESTS_PER_SECOND } from '../customerio/limits';
import { MAX_REQUESTS_PER_SECOND as SEGMENT_MAX_REQUESTS_PER_SECOND } from '../destinations/segment/limits';
import { SettingsError } from '../errors';
import { describeError, logger } from '../observability';

/** Base URLs of the Track API by the region a workspace lives in. */
export const TRACK_URLS = {
  us: 'https://track.customer.io',
  eu: 'https://track-eu.customer.io',
} as const;

/** How long a warm function keeps settings from the parameter store before it reads them again. */
export const SETTINGS_MAX_AGE_SECONDS = 300;
/** After a read that failed, how long the old settings are used before the next: each may take its time. */
const READ_AGAIN_AFTER_MS = 30_000;
/** Of each of two attempts. The SDKs that call ingest give up after 8 s at the earliest. */
const PARAMETER_STORE_TIMEOUT_MS = 1_000;

/** Where Segment takes events, unless a source names another region or a compatible endpoint. */
const SEGMENT_URL = 'https://api.segment.io';

const requiredText = z
  .string('is required and must be a string')
  .check(z.trim(), z.minLength(1, 'must not be empty'));
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const wholeNumber = z.number('must be a number').check(z.int('must be a whole number'));

/** Requests a second, whole deployment; `owner` is whose limit it is. */
const rate = (limit: number, owner: string) => {
  const most = z.maximum(limit, `must be at most ${limit}, ${owner}'s own limit`);
  return z._default(wholeNumber.check(z.minimum(1, 'must be at least 1'), most), 100);
};

const sourceSchema = z.strictObject({
  name: requiredText.check(
    z.regex(/^[\w.-]{1,100}$/, 'may hold letters, digits, `_`, `-` and `.`, 100 at most'),
  ),
  writeKey: requiredText,
  siteId: requiredText,
  apiKey: requiredText,
  region: z._default(z.enum(['us', 'eu'], 'must be `us` or `eu`'), 'us'),
  trackUrl: z.optional(httpUrl),
  workspaceIdentifiers: z._default(
    z.enum(['email_or_id', 'id'], 'must be `email_or_id` or `id`'),
    'email_or_id',
  ),
  requestsPerSecond: rate(CUSTOMER_IO_MAX_REQUESTS_PER_SECOND, 'Customer.io'),
  convertTimestamps: z._default(z.boolean('must be true or false'), true),
  /** Any of them may have signed a reporting webhook. None: no webhook of this source is accepted. */
  webhookSigningKeys: z._default(z.array(requiredText, 'must be an array of keys'), []),
  /** How old a signed webhook may be. 0: of any age, because Customer.io retries for seven days. */
  webhookReplayWindowSeconds: z._default(wholeNumber.check(z.minimum(0, 'must not be negative')), 0),
  /** Where activity goes, and as which Segment source. */
  segmentWriteKey: z.optional(requiredText),
  segmentUrl: z._default(httpUrl, SEGMENT_URL),
  segmentRequestsPerSecond: rate(SEGMENT_MAX_REQUESTS_PER_SECOND, 'Segment'),
  activityPropertyCase: z._default(z.enum(['snake', 'camel'], 'must be `snake` or `camel`'), 'snake'),
});

/** One Segment source and the Customer.io workspace it delivers to. */
export type Source = Readonly<z.infer<typeof sourceSchema> & { trackUrl: string }>;

const withTrackUrl = (source: z.infer<typeof sourceSchema>): Source => ({
  ...source,
  trackUrl: source.trackUrl ?? TRACK_URLS[source.region],
});

type Environment = Readonly<Record<string, string | undefined>>;

const SOURCES_HELP =
  'Set SOURCES to a JSON array of sources, or SOURCES_PARAMETER to the parameter that holds it.';

/** Parses the JSON of `SOURCES`. @throws SettingsError naming every mistake at once. */
export const parseSources = (json: string): readonly Source[] => {
  const parsed = parseJson(json);
  if (!Array.isArray(parsed) || parsed.length === 0) {
    throw new SettingsError(`SOURCES is not a JSON array with at least one source. ${SOURCES_HELP}`);
  }
  const results = parsed.map((candidate) => sourceSchema.safeParse(candidate));
  const mistakes = results.flatMap((result, index) =>
    result.success ? [] : describeMistakes(result.error, sourceLabel(parsed[index], index)),
  );
  const sources = results.flatMap((result) => (result.success ? [withTrackUrl(result.data)] : []));
  mistakes.push(...duplicates(sources, 'name'), ...duplicates(sources, 'writeKey'));
  if (mistakes.length > 0) {
    throw new SettingsError(`SOURCES has ${mistakes.length} mistake(s):\n- ${mistakes.join('\n- ')}`);
  }
  return sources;
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw new SettingsError(`SOURCES is not valid JSON. ${SOURCES_HELP}`);
  }
};

const sourceLabel = (candidate: unknown, index: number): string => {
  const name = (candidate as { name?: unknown } | null)?.name;
  return typeof name === 'string' && name !== ''
    ? `source ${index} ("${name.slice(0, 100)}")`
    : `source ${index}`;
};

const describeMistakes = (error: z.core.$ZodError, label: string): string[] =>
  error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `${label}: unknown field(s) ${issue.keys.join(', ')}`;
    const field = issue.path.join('.');
    return field === '' ? `${label}: must be an object` : `${label}: ${field} ${issue.message}`;
  });

const duplicates = (sources: readonly Source[], field: 'name' | 'writeKey'): string[] => {
  const seen = new Set<string>();
  return sources.flatMap((source, index) => {
    const isRepeated = seen.has(source[field]);
    seen.add(source[field]);
    return isRepeated
      ? [`source ${index} ("${source.name}"): ${field} is used by an earlier source too`]
      : [];
  });
};

/** The sources of this deployment, from `SOURCES` or, kept for a few minutes, the parameter store. */
export const loadSources = async (env: Environment = process.env): Promise<readonly Source[]> => {
  const inline = env['SOURCES'];
  if (inline) return cachedSources(inline);
  const parameter = env['SOURCES_PARAMETER'];
  if (!parameter) throw new SettingsError(`Neither SOURCES nor SOURCES_PARAMETER is set. ${SOURCES_HELP}`);
  const json = await readParameter(parameter);
  if (!json) throw new SettingsError(`The parameter "${parameter}" is empty. ${SOURCES_HELP}`);
  return cachedSources(json);
};

/** A parameter store that does not answer stops nothing that has read it once. */
const readParameter = async (name: string): Promise<string | undefined> => {
  if (lastParsed !== undefined && Date.now() < readAgainAtMs) return lastParsed.json;
  try {
    return await parameterStore().get(name, { decrypt: true, maxAge: SETTINGS_MAX_AGE_SECONDS });
  } catch (error) {
    if (lastParsed === undefined) throw error;
    readAgainAtMs = Date.now() + READ_AGAIN_AFTER_MS;
    logger.warn('The settings could not be read again; the last ones stay in use', describeError(error));
    return lastParsed.json;
  }
};

let readAgainAtMs = 0;

let provider: SSMProvider | undefined;

/** Without limits of its own the SDK waits for as long as the connection stays open. */
const parameterStore = (): SSMProvider => {
  provider ??= new SSMProvider({
    clientConfig: {
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: PARAMETER_STORE_TIMEOUT_MS,
        requestTimeout: PARAMETER_STORE_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    },
  });
  return provider;
};

let lastParsed: { readonly json: string; readonly sources: readonly Source[] } | undefined;

/** Parses anew only when the text has changed: a warm invocation pays one string comparison. */
const cachedSources = (json: string): readonly Source[] => {
  if (lastParsed?.json !== json) lastParsed = { json, sources: parseSources(json) };
  return lastParsed.sources;
};

const urlSetting = (env: Environment, name: string): string => {
  const value = env[name];
  if (value && validUrls.get(name) === value) return value;
  if (!value || !URL.canParse(value)) throw new SettingsError(`${name} must be the URL of an SQS queue.`);
  validUrls.set(name, value);
  return value;
};

/** Asked for with every request, looked at once. */
const validUrls = new Map<string, string>();

/** The event queue. */
export const queueUrl = (env: Environment = process.env): string => urlSetting(env, 'QUEUE_URL');

/** Where what cannot be delivered goes. */
export const deadLetterQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'DEAD_LETTER_QUEUE_URL');

/** Customer.io's message activity on its way to Segment. */
export const activityQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'ACTIVITY_QUEUE_URL');

/** Apart from the other dead letters: moving these back must not send them to Customer.io. */
export const activityDeadLetterQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'ACTIVITY_DEAD_LETTER_QUEUE_URL');

/** How many consumers may run at once; each takes `requestsPerSecond / maxConsumers`. */
export const maxConsumers = (env: Environment = process.env): number => {
  const value = Number(env['MAX_CONSUMERS'] ?? '2');
  if (!Number.isInteger(value) || value < 1) {
    throw new SettingsError('MAX_CONSUMERS must be a whole number of at least 1.');
  }
  return value;
};

/** `DRY_RUN=1`: print the operations that would be sent, and send nothing. */
export const isDryRun = (env: Environment = process.env): boolean =>
  env['DRY_RUN'] === '1' || env['DRY_RUN'] === 'true';

/** Browser origins that may call ingest: `*`, the default, or a comma-separated list of origins. */
export const allowedOrigins = (env: Environment = process.env): readonly string[] => {
  const value = env['ALLOWED_ORIGINS'];
  if (!value || value === '*') return ANY_ORIGIN;
  return value.split(',').map((origin) => origin.trim().replace(/\/$/, ''));
};

const ANY_ORIGIN: readonly string[] = ['*'];

/**
 * `host[:port][/base]`, no scheme: where SDKs that read the settings document send events. Needed behind a
 * proxy, or a custom domain with a base path; else the host of the request itself is right.
 */
export const publicApiHost = (env: Environment = process.env): string | undefined => {
  const value = env['PUBLIC_API_HOST'];
  if (!value) return undefined;
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(value)) {
    throw new SettingsError('PUBLIC_API_HOST must be a host, like `events.example.com`, without a scheme.');
  }
  return value.replace(/\/+$/, '');
};

/** Whether ingest serves analytics.js for the classic snippet; `SERVE_ANALYTICS_JS=false` turns it off. */
export const servesAnalyticsJs = (env: Environment = process.env): boolean =>
  env['SERVE_ANALYTICS_JS'] !== 'false' && env['SERVE_ANALYTICS_JS'] !== '0';
