// Where in the console the reader is: it stands behind the `#` of the address, so that a link leads to it.

import { signal } from '@preact/signals';
import { openedIn, pathOf } from './hash';

export const route = signal(openedIn(location.hash));

window.addEventListener('hashchange', () => {
  route.value = openedIn(location.hash);
});

export const hrefOf = (page: string, open = '', query: Readonly<Record<string, string>> = {}): string =>
  `#${pathOf(page, open, query)}`;

/** Where the reader is, with some of the query changed; what is empty is taken out of it. */
export const hrefHere = (changed: Readonly<Record<string, string>>): string => {
  const { page, open, query } = route.value;
  return hrefOf(page, open, { ...Object.fromEntries(query), ...changed });
};

/** Without an entry in the history: what is typed letter by letter is one place. */
export const replaceRoute = (href: string): void => {
  history.replaceState(null, '', href);
  route.value = openedIn(location.hash);
};
