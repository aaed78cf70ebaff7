// The console's server over a journal alone: what the command line reads of the local stack.

import { consoleHandler } from '../../infra/console/server/console-server';
import type { Journal } from '../../infra/local/journal/journal';

export const consoleOfJournal = (
  journal: Journal,
  listen: Journal['listen'] = (listener) => journal.listen(listener),
): ReturnType<typeof consoleHandler> =>
  consoleHandler({
    info: { kind: 'local', title: '', note: '', readEveryMs: 1_000 },
    events: {
      list: () => journal.list(),
      detail: () => undefined,
      search: (words) => journal.search(words),
      listen,
    },
  });
