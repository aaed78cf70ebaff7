// Segment's tracking pixel, an image in an email: its event stands in the query, and whatever becomes of that, the
// answer is the image. A browser would show anything else as a broken one.

import { type Answer, statusOf } from '../http/answer';
import type { Refusal } from '../http/refusal';
import type { JsonObject } from '../json/json-object';

/** One transparent pixel, never to be cached: an email whose image is kept would count as opened only once. */
export const PIXEL: Answer = {
  statusCode: 200,
  headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' },
  body: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  isBase64Encoded: true,
};

/** Status and code that any other request would have been answered, for whoever wonders where the event is. */
export const REFUSAL_HEADER = 'x-refused';

/** The answer to a pixel whose event is refused: the image all the same. */
export const refusedPixel = (refusal: Refusal): Answer => ({
  ...PIXEL,
  headers: { ...PIXEL.headers, [REFUSAL_HEADER]: `${statusOf(refusal)} ${refusal.code}` },
});

/** Whether the path is a pixel's, whatever its last part is: a wrong one is answered with the image as well. */
export const isPixel = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && /\/(v1\/pixel|pixel\/v1)\/[^/]*\/?$/.test(path);

type Query = Readonly<Record<string, string | undefined>>;

const NOTHING: Query = {};

/** The event as text: `data` as base64, base64url or JSON, else what the query itself says. `''` when there is none. */
export const readPixel = (query: Query | null | undefined): string => {
  const { data, ...fields } = query ?? NOTHING;
  const named = Object.entries(fields);
  if (data === undefined) return named.length === 0 ? '' : JSON.stringify(nest(named.map(toField)));
  if (JSON_START.test(data)) return data;
  // A plus sign in a query is a blank, unless whoever made the URL has encoded it.
  const text = Buffer.from(data.replaceAll(' ', '+'), 'base64').toString('utf8');
  return isText(text) ? text : data;
};

const JSON_START = /^\s*[{[]/;

/** Any characters can be decoded from base64: of what was none there is nothing left, or no text. */
const isText = (decoded: string): boolean =>
  JSON_START.test(decoded) || (decoded !== '' && !decoded.includes('\uFFFD'));

interface Field {
  readonly path: readonly string[];
  readonly value: string | undefined;
}

/** A name of more parts is one part: a stranger must not choose how deep anything goes. */
const MAX_PARTS = 10;

const toField = ([name, value]: [string, string | undefined]): Field => {
  const path = name.split('.');
  return { path: path.length > MAX_PARTS ? [name] : path, value };
};

/** `properties.subject=Hello` is `{"properties":{"subject":"Hello"}}`. */
const nest = (fields: readonly Field[]): JsonObject =>
  Object.fromEntries(
    [...Map.groupBy(fields, ({ path }) => path[0])].map(([name, ofName]) => [name, memberOf(ofName)]),
  );

const memberOf = (fields: readonly Field[]): unknown => {
  const deeper = fields.filter(({ path }) => path.length > 1);
  return deeper.length === 0
    ? fields[0]?.value
    : nest(deeper.map(({ path, value }) => ({ path: path.slice(1), value })));
};
