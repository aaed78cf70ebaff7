// The rows as they come from the server: one connection for all pages of the console, and a number that changes
// whenever the rows have.

import { signal } from '@preact/signals';
import type { EventSummary } from '../contract';
import { eventStreamUrl } from './api';
import { writeId } from './event-id';
import { EventRows } from './event-rows';

export const rows = new EventRows(100_000);
/** Whoever shows rows reads it, and so is drawn again. */
export const revision = signal(0);
export const isConnected = signal(false);
/** Of the rows; empty where there are none. */
export const run = signal('');

/** The name of a row in an address. */
export const idOf = (number: number): string => writeId({ run: run.value, number });

const DRAW_EVERY_MS = 100;
const AGAIN_MS = 2_000;

let isDrawing = false;

const drawSoon = (): void => {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    revision.value += 1;
  }, DRAW_EVERY_MS);
};

/** So long nobody must look before the connection is given up; coming back, all rows are sent once more. */
const UNSEEN_MS = 20_000;

let source: EventSource | undefined;

/**
 * While somebody looks: a browser keeps six connections to one host, for all of its tabs together, and a seventh tab
 * would wait for one of them forever.
 */
export const connect = (): void => {
  let unseen: ReturnType<typeof setTimeout> | undefined;
  const follow = (): void => {
    clearTimeout(unseen);
    if (!document.hidden) source ??= open();
    else unseen = setTimeout(disconnect, UNSEEN_MS);
  };
  document.addEventListener('visibilitychange', follow);
  follow();
};

const disconnect = (): void => {
  source?.close();
  source = undefined;
  isConnected.value = false;
};

/** The browser connects again by itself; the server then sends all rows once more. */
const open = (): EventSource => {
  const opened = new EventSource(eventStreamUrl);
  const on = (name: string, handle: (data: string) => void): void =>
    opened.addEventListener(name, (event) => {
      handle((event as MessageEvent<string>).data);
      drawSoon();
    });
  on('start', (data) => {
    rows.clear();
    const { keepsEvents, run: current } = JSON.parse(data) as { keepsEvents: number; run: string };
    rows.capacity = keepsEvents;
    run.value = current;
  });
  on('rows', (data) => rows.put(JSON.parse(data) as EventSummary[]));
  on('live', () => {
    isConnected.value = true;
  });
  opened.addEventListener('error', () => {
    isConnected.value = false;
    // After an answer that is no stream, as of a server that is starting, the browser gives up.
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => again(opened), AGAIN_MS);
  });
  return opened;
};

const again = (closed: EventSource): void => {
  if (source === closed) source = open();
};
