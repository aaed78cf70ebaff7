// What the backend shows of Customer.io, read again every second while the page is seen.

import { useEffect, useState } from 'preact/hooks';
import { getJson } from './api';

const READ_EVERY_MS = 1_000;

export interface Polled<T> {
  readonly value: T | undefined;
  readonly problem: string;
  readonly readNow: () => void;
}

interface Read<T> {
  readonly value: T | undefined;
  readonly problem: string;
}

export const usePolled = <T>(path: string): Polled<T> => {
  const [read, setRead] = useState<Read<T>>({ value: undefined, problem: '' });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const stop = poll<T>(path, setRead);
    return stop;
  }, [path, asked]);
  return { ...read, readNow: () => setAsked((times) => times + 1) };
};

/** Tells only what has changed, so that nothing is drawn again for nothing. Returns how to stop. */
const poll = <T>(path: string, tell: (read: Read<T>) => void): (() => void) => {
  let isWanted = true;
  let last = '';
  const readOnce = async (): Promise<void> => {
    if (document.hidden) return;
    const read = await readSafely<T>(path);
    const json = JSON.stringify(read);
    if (isWanted && json !== last) tell(read);
    last = json;
  };
  void readOnce();
  const timer = setInterval(() => void readOnce(), READ_EVERY_MS);
  return () => {
    isWanted = false;
    clearInterval(timer);
  };
};

const readSafely = async <T>(path: string): Promise<Read<T>> => {
  try {
    return { value: await getJson<T>(path), problem: '' };
  } catch (error) {
    return { value: undefined, problem: error instanceof Error ? error.message : String(error) };
  }
};
