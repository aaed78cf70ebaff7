// What the rows alone do not find: words beyond the beginning of a long event, which only the backend has.

import { useEffect, useState } from 'preact/hooks';
import { getJson } from './api';
import { wordsOf } from './event-rows';
import { rows } from './live-events';

/** Longer than between two letters that somebody types. */
const AFTER_MS = 250;
const NOTHING: ReadonlySet<number> = new Set();

export const useDeepSearch = (q: string): ReadonlySet<number> => {
  const [found, setFound] = useState({ q: '', numbers: NOTHING });
  useEffect(() => {
    if (wordsOf(q).length === 0 || !rows.isAnyTextCut) return;
    const timer = setTimeout(() => {
      getJson<{ numbers: number[] }>(`events/search?${new URLSearchParams({ q })}`).then(
        ({ numbers }) => setFound({ q, numbers: new Set(numbers) }),
        () => {},
      );
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [q]);
  return found.q === q ? found.numbers : NOTHING;
};
