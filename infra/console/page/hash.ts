// What stands behind the `#` of the address: a page, what of it is open, and a query. Whoever writes an address by hand,
// or cuts one off, gets somewhere all the same.

export interface PageRoute {
  readonly page: string;
  /** What of the page is open; empty for none. */
  readonly open: string;
  readonly query: URLSearchParams;
}

export const openedIn = (hash: string): PageRoute => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...open] = path.split('/');
  return { page, open: open.map(decoded).join('/'), query: new URLSearchParams(query) };
};

/** What is no such encoding stands for itself. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const pathOf = (page: string, open: string, query: Readonly<Record<string, string>>): string => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  // Half a character, which an id may have, cannot be encoded.
  const path = open === '' ? page : `${page}/${encodeURIComponent(open.toWellFormed())}`;
  return `/${path}${search === '' ? '' : `?${search}`}`;
};
