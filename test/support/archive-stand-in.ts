// Firehose's stand-in as a server of its own, for tests: what it stored, by partition, and what goes wrong next.

import { type Fault, firehoseHandler } from '../../infra/archive/firehose-stand-in';
import { startServer } from './http-server';

export interface StandIn {
  readonly url: string;
  /** What it stored, in order; a line that came twice is there twice. */
  readonly lines: string[];
  readonly byPrefix: Map<string, string[]>;
  /** One for each call to come; then all is well. */
  readonly faults: (Fault | undefined)[];
  /** Calls so far. */
  calls: number;
  close(): Promise<void>;
}

export const startStandIn = async (
  store: (prefix: string, lines: readonly string[]) => Promise<void> = async () => {},
): Promise<StandIn> => {
  const lines: string[] = [];
  const byPrefix = new Map<string, string[]>();
  const faults: (Fault | undefined)[] = [];
  const handle = firehoseHandler('', {
    store: async (prefix, stored) => {
      lines.push(...stored);
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), ...stored]);
      await store(prefix, stored);
    },
    fault: () => {
      standIn.calls += 1;
      return faults.shift();
    },
  });
  const server = await startServer((request, response) => void handle(request, response));
  const standIn: StandIn = { url: server.url, lines, byPrefix, faults, calls: 0, close: server.close };
  return standIn;
};

/** What the SDK reads its settings from, for code that makes its own client. */
export const useStandIn = ({ url }: StandIn): void => {
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = url;
  process.env['AWS_REGION'] = 'eu-central-1';
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
};
