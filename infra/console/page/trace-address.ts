// Where a search of the archive is in the console: by this a link leads to it.

import type { TraceQuery } from '../contract';
import { info } from './info';
import { hrefOf, route } from './route';
import { inAddress, searchIn } from './trace-search';

/** The page is there only where the backend says what it does by default. */
const defaults = () => info.value?.trace ?? { since: '7d', limits: [20] };

export const openedSearch = (): TraceQuery => searchIn(route.value, defaults());

/** @param line the key of the one that is open. */
export const hrefOfSearch = (search: TraceQuery, line = ''): string =>
  hrefOf('trace', search.wanted, { ...inAddress(search, defaults()), line });
