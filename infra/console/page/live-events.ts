// The rows as they come from the server: one connection for all pages of the console, and a number that changes
// whenever the rows have.

import { signal } from '@preact/signals';
import type { EventSummary } from '../contract';
import { eventStreamUrl } from './api';
import { EventRows } from './event-rows';

export const rows = new EventRows(100_000);
/** Whoever shows rows reads it, and so is drawn again. */
export const revision = signal(0);
export const isConnected = signal(false);

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

/** The browser connects again by itself; the server then sends all rows once more. */
export const connect = (): void => {
  const source = new EventSource(eventStreamUrl);
  const on = (name: string, handle: (data: string) => void): void =>
    source.addEventListener(name, (event) => {
      handle((event as MessageEvent<string>).data);
      drawSoon();
    });
  on('start', (data) => {
    rows.clear();
    rows.capacity = (JSON.parse(data) as { keepsEvents: number }).keepsEvents;
  });
  on('rows', (data) => rows.put(JSON.parse(data) as EventSummary[]));
  on('live', () => {
    isConnected.value = true;
  });
  source.addEventListener('error', () => {
    isConnected.value = false;
    // After an answer that is no stream, as of a server that is starting, the browser gives up.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  });
};
