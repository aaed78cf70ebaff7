// A search of the archive while it runs, and what it has found. One that has ended is not made again by itself, for it
// may cost something: what it found stays until the page is loaded anew, or it is asked for once more.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Traced, TraceNews, TraceProgress } from '../contract';
import { readLines } from './api';

export type TraceState =
  | { readonly kind: 'searching'; readonly startedAt: number; readonly progress: readonly TraceProgress[] }
  | { readonly kind: 'found'; readonly traced: Traced }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'cancelled' };

export interface TraceRun {
  readonly state: TraceState;
  readonly cancel: () => void;
  readonly again: () => void;
}

/** More than anybody goes back to. */
const MAX_KNOWN = 5;
/** By the path of the search. */
const known = new Map<string, TraceState>();

const remember = (path: string, state: TraceState): void => {
  known.delete(path);
  known.set(path, state);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
};

/**
 * Whoever leaves the page, or searches for something else, gives the search up.
 *
 * @param path empty: nothing is searched.
 */
export const useTrace = (path: string): TraceRun => {
  const [run, setRun] = useState<{ path: string; state: TraceState }>();
  const [asked, setAsked] = useState(0);
  const leaving = useRef<AbortController | undefined>(undefined);
  useEffect(() => {
    if (path === '') return;
    const ended = known.get(path);
    if (ended !== undefined) return setRun({ path, state: ended });
    const controller = new AbortController();
    leaving.current = controller;
    void search(path, controller.signal, (state) => setRun({ path, state }));
    return () => controller.abort();
  }, [path, asked]);
  return {
    state: run?.path === path ? run.state : searchingSince(Date.now()),
    cancel: () => {
      leaving.current?.abort();
      remember(path, { kind: 'cancelled' });
      setRun({ path, state: { kind: 'cancelled' } });
    },
    again: () => {
      known.delete(path);
      setAsked((times) => times + 1);
    },
  };
};

const searchingSince = (startedAt: number): TraceState & { readonly kind: 'searching' } => ({
  kind: 'searching',
  startedAt,
  progress: [],
});

/** @param tell told nothing any more once the signal is aborted. */
const search = async (
  path: string,
  signal: AbortSignal,
  tell: (state: TraceState) => void,
): Promise<void> => {
  let state: TraceState = searchingSince(Date.now());
  tell(state);
  try {
    for await (const line of readLines(path, signal)) {
      if (signal.aborted) return;
      state = after(state, JSON.parse(line) as TraceNews);
      if (state.kind !== 'searching') remember(path, state);
      tell(state);
    }
    if (state.kind === 'searching') throw new Error('The console has ended before the search has.');
  } catch (error) {
    if (!signal.aborted)
      tell({ kind: 'problem', problem: error instanceof Error ? error.message : String(error) });
  }
};

const after = (state: TraceState, news: TraceNews): TraceState => {
  if ('traced' in news) return { kind: 'found', traced: news.traced };
  if ('problem' in news) return { kind: 'problem', problem: news.problem };
  if (state.kind !== 'searching') return state;
  const others = state.progress.filter(({ of }) => of !== news.progress.of);
  const progress = [...others, news.progress].sort((one, other) => (one.of < other.of ? -1 : 1));
  return { ...state, progress };
};
