// Where in the console the reader is: it stands behind the `#` of the address, so that a link leads to it.

import { signal } from '@preact/signals';

export interface PageRoute {
  readonly page: string;
  /** What of the page is open; empty for none. */
  readonly open: string;
  readonly query: URLSearchParams;
}

const read = (): PageRoute => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...open] = path.split('/');
  return { page, open: open.map(decodeURIComponent).join('/'), query: new URLSearchParams(query) };
};

export const route = signal(read());

window.addEventListener('hashchange', () => {
  route.value = read();
});

export const hrefOf = (page: string, open = '', query: Readonly<Record<string, string>> = {}): string => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  const path = open === '' ? page : `${page}/${encodeURIComponent(open)}`;
  return `#/${path}${search === '' ? '' : `?${search}`}`;
};

/** Without an entry in the history: what is typed letter by letter is one place. */
export const replaceRoute = (href: string): void => {
  history.replaceState(null, '', href);
  route.value = read();
};
