// The only reader of process.env: what a function is told by the stack it is deployed with.

import { SettingsError } from '../errors';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The sources as JSON, or the name of the parameter that holds it. */
export const sourcesSetting = (env: Environment = process.env) => ({
  inline: env['SOURCES'],
  parameter: parameterName(env['SOURCES_PARAMETER']),
});

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

/** Whether ingest serves analytics.js for the classic snippet; `SERVE_ANALYTICS_JS=false` turns it off. */
export const servesAnalyticsJs = (env: Environment = process.env): boolean =>
  env['SERVE_ANALYTICS_JS'] !== 'false' && env['SERVE_ANALYTICS_JS'] !== '0';
