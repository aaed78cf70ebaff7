// What the backend shows, read again as often as it wants to be asked while the page is seen.

import { useEffect, useState } from 'preact/hooks';
import { getJson } from './api';
import { info } from './info';

export interface Polled<T> {
  readonly value: T | undefined;
  readonly problem: string;
  readonly isReading: boolean;
  readonly readNow: () => void;
}

interface Read<T> {
  readonly value: T | undefined;
  readonly problem: string;
}

/** @param isOnce it is read when it is opened and when `readNow` asks for it, and not by itself. */
export const usePolled = <T>(path: string, isOnce = false): Polled<T> => {
  const [read, setRead] = useState<Read<T>>({ value: undefined, problem: '' });
  const [isReading, setReading] = useState(true);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    setReading(true);
    return poll<T>(
      path,
      isOnce ? Infinity : (info.value?.readEveryMs ?? Infinity),
      (next) => {
        // What was read before is better than nothing while it cannot be read.
        setRead(({ value }) => ({ ...next, value: next.value ?? value }));
      },
      () => setReading(false),
    );
  }, [path, asked]);
  return { ...read, isReading, readNow: () => setAsked((times) => times + 1) };
};

/** Tells only what has changed, so that nothing is drawn again for nothing. Returns how to stop. */
const poll = <T>(
  path: string,
  everyMs: number,
  tell: (read: Read<T>) => void,
  done: () => void,
): (() => void) => {
  let isWanted = true;
  let last = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readOnce = async (): Promise<void> => {
    const read = document.hidden && last !== '' ? undefined : await readSafely<T>(path);
    if (!isWanted) return;
    const json = JSON.stringify(read);
    if (read !== undefined && json !== last) tell(read);
    if (read !== undefined) last = json;
    done();
    if (everyMs !== Infinity) timer = setTimeout(() => void readOnce(), everyMs);
  };
  void readOnce();
  return () => {
    isWanted = false;
    clearTimeout(timer);
  };
};

const readSafely = async <T>(path: string): Promise<Read<T>> => {
  try {
    return { value: await getJson<T>(path), problem: '' };
  } catch (error) {
    return { value: undefined, problem: error instanceof Error ? error.message : String(error) };
  }
};
