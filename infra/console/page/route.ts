// Where in the console the reader is: it stands behind the `#` of the address, so that a link leads to it.

import { signal } from '@preact/signals';
import { openedIn, pathOf } from './hash';

export const route = signal(openedIn(location.hash));

window.addEventListener('hashchange', () => {
  route.value = openedIn(location.hash);
});

export const hrefOf = (page: string, open = '', query: Readonly<Record<string, string>> = {}): string =>
  `#${pathOf(page, open, query)}`;

/** Without an entry in the history: what is typed letter by letter is one place. */
export const replaceRoute = (href: string): void => {
  history.replaceState(null, '', href);
  route.value = openedIn(location.hash);
};
