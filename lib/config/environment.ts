// The only reader of process.env: what a function is told by the stack it is deployed with.

import { SettingsError } from '../errors';
import { emitMetrics, logger } from '../observability';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts a plain copy in the place of `process.env`, which asks the system for each variable and copies its text: three
 * reads were a tenth of ingest's own work for a request. What is set from then on is set in the copy.
 */
export const keepEnvironmentAtHand = (): void => {
  process.env = { ...process.env };
};

/** The sources as JSON, where they stand in the environment itself. */
export const inlineSources = (env: Environment = process.env): string | undefined => env['SOURCES'];

/** The name of the parameter that holds the same. */
export const sourcesParameter = (env: Environment = process.env): string | undefined =>
  parameterName(env['SOURCES_PARAMETER']);

/** A name or an ARN. It is named in messages, so it must not be the settings themselves. */
const parameterName = (value: string | undefined): string | undefined => {
  if (!value || /^[\w./:-]{1,2048}$/.test(value)) return value;
  throw new SettingsError(
    'SOURCES_PARAMETER must be the name of a parameter, like `/cio-relay/prod/sources`. The sources themselves go into that parameter, or into SOURCES.',
  );
};

/** Where the parameter is looked for. */
export const awsRegion = (env: Environment = process.env): string =>
  env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'no region';

const urlSetting = (env: Environment, name: string): string => {
  const value = env[name];
  if (value && validUrls.get(name) === value) return value;
  if (!value || !URL.canParse(value)) throw new SettingsError(`${name} must be the URL of an SQS queue.`);
  validUrls.set(name, value);
  return value;
};

/** The URLs that were found valid: they are asked for with every request, and checked once. */
const validUrls = new Map<string, string>();

/** The event queue. */
export const queueUrl = (env: Environment = process.env): string => urlSetting(env, 'QUEUE_URL');

/** Where what cannot be delivered goes. */
export const deadLetterQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'DEAD_LETTER_QUEUE_URL');

/** Customer.io's message activity on its way to Segment. */
export const activityQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'ACTIVITY_QUEUE_URL');

/** The dead letters of activity, apart from the others: moving them back must not send them to Customer.io. */
export const activityDeadLetterQueueUrl = (env: Environment = process.env): string =>
  urlSetting(env, 'ACTIVITY_DEAD_LETTER_QUEUE_URL');

/** How many consumers may run at once; each takes `requestsPerSecond / maxConsumers`. */
export const maxConsumers = (env: Environment = process.env): number => {
  const text = env['MAX_CONSUMERS'] ?? '2';
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MOST_CONSUMERS) return value;
  throw new SettingsError(
    `MAX_CONSUMERS must be a whole number from 1 to ${MOST_CONSUMERS}; a stage sets it by maxConsumers or maxForwarders.`,
  );
};

/** What Lambda takes as an event source's maximumConcurrency. */
const MOST_CONSUMERS = 1_000;

/** `DRY_RUN=1`: print the operations that would be sent, and send nothing. */
export const isDryRun = (env: Environment = process.env): boolean => switchedOn(env, 'DRY_RUN', false);

/** What is neither on nor off is refused: a dry run that was none would send. */
const switchedOn = (env: Environment, name: string, unset: boolean): boolean => {
  const value = env[name];
  if (!value) return unset;
  const isOn = value === '1' || value === 'true';
  if (isOn || value === '0' || value === 'false') return isOn;
  throw new SettingsError(`${name} must be \`1\`, \`true\`, \`0\` or \`false\`.`);
};

/** Browser origins that may call ingest: `*`, the default, or a comma-separated list of origins. */
export const allowedOrigins = (env: Environment = process.env): readonly string[] => {
  const value = env['ALLOWED_ORIGINS'];
  if (!value || value === '*') return ANY_ORIGIN;
  if (lastOrigins?.value !== value) lastOrigins = { value, origins: parseOrigins(value) };
  return lastOrigins.origins;
};

const ANY_ORIGIN: readonly string[] = ['*'];

/** Asked for with every request, read once. */
let lastOrigins: { readonly value: string; readonly origins: readonly string[] } | undefined;

/** An origin as browsers send it: scheme and host in lower case, and no path. Sandboxed pages send `null`. */
const ORIGIN = /^([a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+|null|\*)$/;

/**
 * Leaves out what no browser sends as an origin, so that the others work, and logs it: pages of that origin cannot
 * send.
 */
const parseOrigins = (value: string): readonly string[] => {
  const written = value.split(',').map((origin) => origin.trim().replace(/\/$/, '').toLowerCase());
  const wrong = written.flatMap((origin, index) => (origin === '' || ORIGIN.test(origin) ? [] : [index + 1]));
  if (wrong.length > 0) {
    emitMetrics(undefined, { SettingsMistakes: wrong.length });
    const mistake = `ALLOWED_ORIGINS: origin ${wrong.join(', ')} of the list must be like \`https://shop.example.com\`, with scheme and without path`;
    logger.error('The settings have mistakes; what has them is left out', { mistake });
  }
  return written.filter((origin) => ORIGIN.test(origin));
};

/**
 * `host[:port][/base]`, no scheme: where SDKs that read the settings document send events. Needed behind a
 * proxy; else the host of the request itself is right.
 */
export const publicApiHost = (env: Environment = process.env): string | undefined => {
  const value = env['PUBLIC_API_HOST'];
  if (!value) return undefined;
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(value)) {
    throw new SettingsError('PUBLIC_API_HOST must be a host, like `events.example.com`, without a scheme.');
  }
  return value.replace(/\/+$/, '');
};

/** What stands before every path on a domain that leads to other APIs too: `''`, or like `/events`. */
export const basePath = (env: Environment = process.env): string => {
  const value = env['BASE_PATH']?.replace(/^\/|\/$/g, '');
  if (!value) return '';
  if (!/^[\w$.+!*'()-]+(\/[\w$.+!*'()-]+)*$/.test(value)) {
    throw new SettingsError('BASE_PATH must be a path without host, query and percent signs, like `events`.');
  }
  return `/${value}`;
};

/** Every path that may stand before those of the API, the longest first. */
export const basePaths = (env: Environment = process.env): readonly string[] => {
  const [, ...ofPublicHost] = publicApiHost(env)?.split('/') ?? [];
  const paths = [basePath(env), ofPublicHost.length === 0 ? '' : `/${ofPublicHost.join('/')}`];
  return paths.filter((path) => path !== '').sort((one, other) => other.length - one.length);
};

/** The name of the archive's delivery stream; undefined where nothing is archived. */
export const archiveStream = (env: Environment = process.env): string | undefined => {
  const value = env['ARCHIVE_STREAM'];
  if (!value || /^[\w.-]{1,64}$/.test(value)) return value || undefined;
  throw new SettingsError('ARCHIVE_STREAM must be the name of a delivery stream of Amazon Data Firehose.');
};

/** The header that says whose request a proxy hands on, in lower case; undefined where none stands before the API. */
export const clientIpHeader = (env: Environment = process.env): string | undefined => {
  const value = env['CLIENT_IP_HEADER'];
  if (!value || /^[a-z0-9-]+$/.test(value)) return value || undefined;
  throw new SettingsError('CLIENT_IP_HEADER must be the name of a header in lower case, like `x-client-ip`.');
};

/** What is deployed, `<version>+<commit>`; undefined where nobody said. */
export const release = (env: Environment = process.env): string | undefined => env['RELEASE'] || undefined;

/** Whether metrics are counted by source too; `SOURCE_METRICS=false` leaves those over all sources. */
export const countsBySource = (env: Environment = process.env): boolean =>
  switchedOn(env, 'SOURCE_METRICS', true);

/** Whether ingest serves analytics.js for the classic snippet; `SERVE_ANALYTICS_JS=false` turns it off. */
export const servesAnalyticsJs = (env: Environment = process.env): boolean =>
  switchedOn(env, 'SERVE_ANALYTICS_JS', true);
