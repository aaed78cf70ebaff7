// Every path of the HTTP API, a line each. Nothing here may ever answer with a redirect: several SDKs follow
// one as a GET, see 200 and drop the events they believe delivered.

import type { EventType } from '../event/event';

export type Route =
  /** One event; `type` is what the path says it is. */
  | { readonly kind: 'event'; readonly type: EventType }
  /** Its event stands in the query, and nobody reads the answer: a path that names no type has one too. */
  | { readonly kind: 'event'; readonly type: EventType | undefined; readonly isPixel: true }
  | { readonly kind: 'batch' }
  /** The SDKs' own metrics: answered and discarded. */
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'settings' }
  /** What RudderStack's SDKs ask for in the place of settings. */
  | { readonly kind: 'source_config' }
  | { readonly kind: 'analytics_js' }
  /** A part that analytics.js loads when it needs it. */
  | { readonly kind: 'analytics_js_chunk' }
  /** What analytics.js loads in device mode. */
  | { readonly kind: 'customerio_plugin' }
  | { readonly kind: 'health' };

/** A route whose body holds events. */
export type BodyRoute = Extract<Route, { readonly kind: 'event' | 'batch' }>;

/**
 * Whether the route is a pixel's. Nobody reads its answer, so whatever is wrong with its event must be kept, not
 * told.
 */
export const isPixelRoute = (route: BodyRoute): boolean => route.kind === 'event' && 'isPixel' in route;

const event = (type: EventType): Route => ({ kind: 'event', type });
const pixel = (type?: EventType): Route => ({ kind: 'event', type, isPixel: true });
const BATCH: Route = { kind: 'batch' };
const ANALYTICS_JS: Route = { kind: 'analytics_js' };

/**
 * The word is the documented API, the letter what browser SDKs send. `import` is used by Ruby, Java and Android,
 * `beacon` by RudderStack's browser SDK when a page is left, `/pixel/v1` in its emails and AMP pages, and the paths
 * without `/v1/batch` by older versions of React Native. `{name}` is one segment of the path.
 */
export const ROUTES: Readonly<Record<string, Route>> = {
  'POST /v1/identify': event('identify'),
  'POST /v1/i': event('identify'),
  'POST /v1/track': event('track'),
  'POST /v1/t': event('track'),
  'POST /v1/page': event('page'),
  'POST /v1/p': event('page'),
  'POST /v1/screen': event('screen'),
  'POST /v1/s': event('screen'),
  'POST /v1/group': event('group'),
  'POST /v1/g': event('group'),
  'POST /v1/alias': event('alias'),
  'POST /v1/a': event('alias'),
  'POST /v1/batch': BATCH,
  'POST /v1/b': BATCH,
  'POST /v1/import': BATCH,
  'POST /beacon/v1/batch': BATCH,
  'POST /v1': BATCH,
  'POST /b': BATCH,
  'POST /batch': BATCH,
  'POST /': BATCH,
  'GET /v1/pixel/identify': pixel('identify'),
  'GET /v1/pixel/track': pixel('track'),
  'GET /v1/pixel/page': pixel('page'),
  'GET /v1/pixel/screen': pixel('screen'),
  'GET /v1/pixel/group': pixel('group'),
  'GET /v1/pixel/alias': pixel('alias'),
  'GET /v1/pixel/{type}': pixel(),
  'GET /pixel/v1/track': pixel('track'),
  'GET /pixel/v1/page': pixel('page'),
  'GET /pixel/v1/{type}': pixel(),
  'POST /v1/m': { kind: 'telemetry' },
  'GET /v1/projects/{writeKey}/settings': { kind: 'settings' },
  'GET /sourceConfig': { kind: 'source_config' },
  'GET /analytics.js/v1/{writeKey}/analytics.js': ANALYTICS_JS,
  'GET /analytics.js/v1/{writeKey}/analytics.min.js': ANALYTICS_JS,
  'GET /analytics.js/v1/{writeKey}/platform/analytics.js': ANALYTICS_JS,
  'GET /analytics.js/v1/{writeKey}/platform/analytics.min.js': ANALYTICS_JS,
  'GET /analytics-next/bundles/{file}': { kind: 'analytics_js_chunk' },
  'GET /analytics-next/plugins/customerio.js': { kind: 'customerio_plugin' },
  'GET /health': { kind: 'health' },
};

export type RouteMatch =
  /** `parameters`: the segments that stand for `{name}`, percent-decoded. */
  | { readonly kind: 'found'; readonly route: Route; readonly parameters: PathParameters }
  | { readonly kind: 'preflight' }
  | { readonly kind: 'method_not_allowed'; readonly allow: string }
  | { readonly kind: 'not_found' };

export type PathParameters = Readonly<Record<string, string>>;

/** `path` is without stage and base path; one slash at its end changes nothing. */
export const findRoute = (method: string, path: string): RouteMatch => {
  if (method === 'OPTIONS') return { kind: 'preflight' };
  const plainPath = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const found = PLAIN_PATHS.get(plainPath) ?? findTemplate(plainPath);
  if (found === undefined) return { kind: 'not_found' };
  const { method: expected, route, parameters } = found;
  if (method === expected || (method === 'HEAD' && expected === 'GET')) {
    return { kind: 'found', route, parameters };
  }
  return { kind: 'method_not_allowed', allow: ALLOW[expected] };
};

type Method = 'GET' | 'POST';

const ALLOW: Readonly<Record<Method, string>> = { GET: 'GET, HEAD, OPTIONS', POST: 'POST, OPTIONS' };

interface Found {
  readonly method: Method;
  readonly route: Route;
  readonly parameters: PathParameters;
}

/** A path with the segments that are named in it. Each path has one method. */
interface Template {
  readonly method: Method;
  readonly path: string;
  readonly route: Route;
}

const TEMPLATES: readonly Template[] = Object.entries(ROUTES).map(([line, route]) => {
  const [method, path = ''] = line.split(' ');
  return { method: method === 'GET' ? 'GET' : 'POST', path, route };
});

const PLAIN_PATHS: ReadonlyMap<string, Found> = new Map(
  TEMPLATES.filter(({ path }) => !path.includes('{')).map(({ method, path, route }) => [
    path,
    { method, route, parameters: {} },
  ]),
);

const PATTERNS = TEMPLATES.filter(({ path }) => path.includes('{')).map((template) => ({
  ...template,
  pattern: new RegExp(`^${template.path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

const findTemplate = (path: string): Found | undefined => {
  for (const { method, route, pattern } of PATTERNS) {
    const groups = pattern.exec(path)?.groups;
    if (groups !== undefined) return { method, route, parameters: decodeAll(groups) };
  }
  return undefined;
};

const decodeAll = (segments: PathParameters): PathParameters =>
  Object.fromEntries(Object.entries(segments).map(([name, segment]) => [name, decode(segment)]));

/** A segment that is not well-formed percent-encoding is taken literally, and then names nothing. */
const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};
