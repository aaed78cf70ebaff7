// What the command line sees of a running local stack: the health of both servers, and the real console in front of a
// journal that a test fills.

import { consoleHandler } from '../../infra/console/server/console-server';
import { Journal } from '../../infra/local/journal/journal';
import { startServer } from './http-server';

export interface ConsoleStack {
  readonly journal: Journal;
  /** For the command line. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether anybody reads the event stream. */
  isRead(): boolean;
  close(): Promise<void>;
}

export const startConsoleStack = async (clock: () => number = Date.now): Promise<ConsoleStack> => {
  const journal = new Journal({ capacity: 100, clock, tellEveryMs: 1 });
  let readers = 0;
  const listen: Journal['listen'] = (listener) => {
    readers += 1;
    return journal.listen(listener);
  };
  const events = {
    run: journal.run,
    list: () => journal.list(),
    detail: () => undefined,
    search: async () => [],
    listen,
  };
  const info = { kind: 'local', title: '', note: '', readEveryMs: 1_000 } as const;
  const front = consoleHandler({ info, events });
  const server = await startServer((request, response) => {
    if (request.url === '/sandbox' || request.url === '/health') response.end('{}');
    else front(request, response);
  });
  const { port } = new URL(server.url);
  return {
    journal,
    env: { PORT: port, SANDBOX_PORT: port },
    isRead: () => readers > 0,
    close: async () => {
      journal.close();
      await server.close();
    },
  };
};
