// Which path does what. Nothing here may ever answer with a redirect: several SDKs follow one as a GET, see
// 200 and drop the events they believe delivered.

import type { EventType } from '../event/event';

export type Route =
  /** One event; `type` is what the path says it is. */
  | { readonly kind: 'event'; readonly type: EventType }
  | { readonly kind: 'batch' }
  /** The SDKs' own metrics: answered and discarded. */
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'settings'; readonly writeKey: string }
  | { readonly kind: 'analytics_js'; readonly writeKey: string }
  /** A part that analytics.js loads when it needs it. */
  | { readonly kind: 'analytics_js_chunk'; readonly file: string }
  | { readonly kind: 'health' }
  | { readonly kind: 'preflight' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'method_not_allowed'; readonly allow: string };

/** A route whose body holds events. */
export type BodyRoute = Extract<Route, { readonly kind: 'event' | 'batch' }>;

const BATCH: Route = { kind: 'batch' };

const event = (type: EventType): Route => ({ kind: 'event', type });

/** One letter is what browser SDKs send, the word is the documented API; `import` is Ruby, Java and Android. */
const POST_ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/v1/identify', event('identify')],
  ['/v1/i', event('identify')],
  ['/v1/track', event('track')],
  ['/v1/t', event('track')],
  ['/v1/page', event('page')],
  ['/v1/p', event('page')],
  ['/v1/screen', event('screen')],
  ['/v1/s', event('screen')],
  ['/v1/group', event('group')],
  ['/v1/g', event('group')],
  ['/v1/alias', event('alias')],
  ['/v1/a', event('alias')],
  ['/v1/batch', BATCH],
  ['/v1/b', BATCH],
  ['/v1/import', BATCH],
  ['/beacon/v1/batch', BATCH],
  ['/v1/m', { kind: 'telemetry' }],
]);

const SETTINGS_PATH = /^\/v1\/projects\/([^/]+)\/settings$/;
const ANALYTICS_JS_PATH = /^\/analytics\.js\/v1\/([^/]+)\/(?:platform\/)?analytics(?:\.min)?\.js$/;
const CHUNK_PATH = /^\/analytics-next\/bundles\/([\w-]+\.bundle\.[0-9a-f]+\.js)$/;

/** `path` is without the stage; one slash at its end changes nothing. */
export const findRoute = (method: string, path: string): Route => {
  if (method === 'OPTIONS') return { kind: 'preflight' };
  const plainPath = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const postRoute = POST_ROUTES.get(plainPath);
  if (postRoute !== undefined) return onlyFor(['POST'], method, postRoute);
  const getRoute = findGetRoute(plainPath);
  return getRoute === undefined ? { kind: 'not_found' } : onlyFor(['GET', 'HEAD'], method, getRoute);
};

const onlyFor = (methods: readonly string[], method: string, route: Route): Route =>
  methods.includes(method)
    ? route
    : { kind: 'method_not_allowed', allow: [...methods, 'OPTIONS'].join(', ') };

const findGetRoute = (path: string): Route | undefined => {
  if (path === '/health') return { kind: 'health' };
  const settingsKey = SETTINGS_PATH.exec(path)?.[1];
  if (settingsKey !== undefined) return { kind: 'settings', writeKey: decode(settingsKey) };
  const scriptKey = ANALYTICS_JS_PATH.exec(path)?.[1];
  if (scriptKey !== undefined) return { kind: 'analytics_js', writeKey: decode(scriptKey) };
  const file = CHUNK_PATH.exec(path)?.[1];
  return file === undefined ? undefined : { kind: 'analytics_js_chunk', file };
};

/** A key that is not well-formed percent-encoding is taken literally, and then belongs to no source. */
const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** An HTTP API puts a named stage in front of the path; `$default` does not. Answers `''` or `/{stage}`. */
export const stagePrefix = (path: string, stage: string | undefined): string =>
  stage !== undefined && stage !== DEFAULT_STAGE && path.startsWith(`/${stage}/`) ? `/${stage}` : '';

const DEFAULT_STAGE = '$default';
