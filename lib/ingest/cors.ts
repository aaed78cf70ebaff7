// What browsers must be told before they let a page send events or read an answer. Every answer carries it,
// errors too: without it a page sees a network failure and sends the same event again.

/** The SDKs' own headers. A preflight that asks for others gets those, so that custom headers work. */
export const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'x-retry-count',
  'anonymousid',
  'sentat',
  'rsa-retry-attempt',
  'rsa-since-last-attempt',
  'rsa-since-first-attempt',
  'rsa-retry-reason',
  'rsa-recovered',
] as const;

export const ALLOWED_METHODS = ['GET', 'POST', 'OPTIONS'] as const;

/** Two hours, the most that browsers keep a preflight: one less request for each event. */
export const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

type Headers = Readonly<Record<string, string>>;

const ANY_ORIGIN: Headers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After',
};

/**
 * Headers for every answer. With a list of origins the one that asks is named, and may send credentials; with
 * `*` it may not, as browsers demand.
 */
export const corsHeaders = (origin: string | undefined, allowedOrigins: readonly string[]): Headers => {
  if (allowedOrigins.includes('*')) return ANY_ORIGIN;
  if (origin === undefined || !allowedOrigins.includes(origin)) return { vary: 'Origin' };
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After',
    vary: 'Origin',
  };
};

/** Headers of the answer to OPTIONS, besides those of every answer. */
export const preflightHeaders = (requestedHeaders: string | undefined): Headers => ({
  'access-control-allow-methods': ALLOWED_METHODS.join(', '),
  'access-control-allow-headers': isHeaderList(requestedHeaders)
    ? requestedHeaders
    : ALLOWED_HEADERS.join(', '),
  'access-control-max-age': String(PREFLIGHT_MAX_AGE_SECONDS),
});

/** Only what can be a list of header names is given back. */
const isHeaderList = (text: string | undefined): text is string =>
  text !== undefined && /^[\w-]+( ?, ?[\w-]+)*$/.test(text) && text.length <= 1_000;
