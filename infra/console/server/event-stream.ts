// Events as server-sent events: all rows first, in pieces, then what is new or has changed. A reader that does not
// keep up is cut off rather than waited for; it connects again and gets all rows once more.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConsoleBackend, EventSummary } from '../contract';

const ROWS_IN_A_PIECE = 2_000;
const MAX_UNREAD_BYTES = 256 * 1_024 * 1_024;
/** So that both sides notice when the other is gone. */
const BEAT_MS = 10_000;

export const streamEvents = (
  { info, events }: ConsoleBackend,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: string, data: unknown): void => {
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send('start', { keepsEvents: info.keeps?.events, run: events?.run });
  const rows = events?.list() ?? [];
  for (let from = 0; from < rows.length; from += ROWS_IN_A_PIECE) {
    send('rows', rows.slice(from, from + ROWS_IN_A_PIECE));
  }
  send('live', {});
  const stop = events?.listen((changed: readonly EventSummary[]) => send('rows', changed));
  const beat = setInterval(() => send('beat', {}), BEAT_MS);
  request.on('close', () => {
    clearInterval(beat);
    stop?.();
  });
};
