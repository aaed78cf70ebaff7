// Which route a path of API Gateway means. In front of it may stand the stage and, on a domain that leads to other
// APIs too, the base path: API Gateway chooses the function without them and hands them on all the same.

import { findRoute, type RouteMatch } from './routes';

export interface LocatedRoute {
  readonly match: RouteMatch;
  /** What stands before the path of the route: `''`, `/{stage}`, `/{base path}` or both. */
  readonly prefix: string;
}

/**
 * A path that is a route as it stands is that route, even if it begins like a base path, because API Gateway does
 * not always hand on the base path.
 * @param basePaths like `/events`, the longest first; asked for only where the path alone means nothing.
 */
export const findPlace = (
  method: string,
  rawPath: string,
  stage: string | undefined,
  basePaths: () => readonly string[],
): LocatedRoute => {
  const whole = withSingleSlashes(rawPath);
  const prefix = stagePrefix(whole, stage);
  const path = whole.slice(prefix.length) || '/';
  const match = findRoute(method, path);
  if (match.kind !== 'not_found') return { match, prefix };
  const base = basePaths().find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  if (base === undefined) return { match, prefix };
  return { match: findRoute(method, path.slice(base.length) || '/'), prefix: prefix + base };
};

/**
 * Slashes that stand together are one: a host that was given with one at its end gets another from its SDK, and some
 * SDKs drop their events on a 404.
 */
export const withSingleSlashes = (path: string): string =>
  path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;

/** An HTTP API puts a named stage in front of the path; `$default` does not. */
const stagePrefix = (path: string, stage: string | undefined): string =>
  stage !== undefined && stage !== DEFAULT_STAGE && `${path}/`.startsWith(`/${stage}/`) ? `/${stage}` : '';

const DEFAULT_STAGE = '$default';
