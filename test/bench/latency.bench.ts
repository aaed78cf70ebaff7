// `npm run bench:latency`: from the call of a real SDK to the sandbox, on the local stack, at a steady 100 events a second;
// and what the batching window costs. `RATE=50 SECONDS=10` makes it another. It starts and stops its own stacks.

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Analytics } from '@segment/analytics-node';
import type { EventSummary } from '../../infra/console/contract';
import { type RunningStack, startFreshStack } from '../support/running-stack';
import { type Flow, flowOf, type Latency } from './latency';
import { describeLoad, markdownTable, writeReport } from './report';

const RATE = Number(process.env['RATE'] ?? 100);
const SECONDS = Number(process.env['SECONDS'] ?? 20);
const WARM_UP_SECONDS = 3;
/** By the batching window in seconds, what the SDK puts into one request: its own default, and each event alone. */
const PER_REQUEST: readonly (readonly [windowSeconds: number, perRequest: readonly number[]])[] = [
  [0, [15]],
  [1, [15, 1]],
  [5, [15]],
  [20, [15]],
];
const GIVE_UP_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

interface Run {
  readonly windowSeconds: number;
  readonly perRequest: number;
  readonly flow: Flow;
}

/** Lambda takes a window of none with ten messages at most. */
const parametersOf = (windowSeconds: number): string[] => [
  `--param=batchingWindowSeconds=${windowSeconds}`,
  `--param=batchSize=${windowSeconds === 0 ? 10 : 1_000}`,
];

/** Its events by messageId, each with the moment at which it was due: a sender that lags must not hide a delay. */
const sendSteadily = async (client: Analytics, seconds: number): Promise<Map<string, number>> => {
  const sentAt = new Map<string, number>();
  const start = Date.now();
  for (let index = 0; index < RATE * seconds; index += 1) {
    const due = start + (index * 1_000) / RATE;
    await setTimeout(Math.max(0, due - Date.now()));
    const messageId = `latency-${randomUUID()}`;
    sentAt.set(messageId, due);
    client.track({
      userId: `user-${index % 50}`,
      event: 'Latency Measured',
      properties: { index },
      messageId,
    });
  }
  return sentAt;
};

const PIECES_END = 'event: live\n';

/** All events that the journal of the stack has, each with when ingest had it and when the sandbox had answered. */
const readJournal = async ({ sandboxUrl }: RunningStack): Promise<EventSummary[]> => {
  const stop = new AbortController();
  const response = await fetch(`${sandboxUrl}/console/api/events/stream`, { signal: stop.signal });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes(PIECES_END)) break;
  }
  stop.abort();
  // What comes after it is news, and may be half a message.
  return text
    .slice(0, text.indexOf(PIECES_END))
    .split('\n\n')
    .filter((message) => message.startsWith('event: rows\n'))
    .flatMap((message) => JSON.parse(message.slice(message.indexOf('data: ') + 'data: '.length)));
};

/** Asks seldom: reading the journal is work for the stack too. What is missing after a minute stays so. */
const whenAllArrived = async (stack: RunningStack, sentAt: ReadonlyMap<string, number>): Promise<Flow> => {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    await setTimeout(ASK_AGAIN_MS);
    const flow = flowOf(sentAt, await readJournal(stack));
    if (flow.missing === 0 || Date.now() > deadline) return flow;
  }
};

const measure = async (stack: RunningStack, perRequest: number): Promise<Flow> => {
  const client = new Analytics({
    writeKey: 'local',
    host: stack.url,
    flushAt: perRequest,
    flushInterval: 1_000,
  });
  await sendSteadily(client, WARM_UP_SECONDS);
  const sentAt = await sendSteadily(client, SECONDS);
  await client.closeAndFlush({ timeout: GIVE_UP_MS });
  return whenAllArrived(stack, sentAt);
};

const ms = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;
const cells = ({ p50, p99 }: Latency): string[] => [ms(p50), ms(p99)];

const tableOf = (runs: readonly Run[]): string =>
  markdownTable([
    ['batching window', 'events a request', 'p50', 'p99', 'at the door, p50', 'p99', 'missing'],
    ...runs.map(({ windowSeconds, perRequest, flow }) => [
      `${windowSeconds} s`,
      `${perRequest}`,
      ...cells(flow.whole),
      ...cells(flow.door),
      `${flow.missing}`,
    ]),
  ]);

const main = async (): Promise<void> => {
  const runs: Run[] = [];
  for (const [windowSeconds, perRequests] of PER_REQUEST) {
    const stack = await startFreshStack({}, parametersOf(windowSeconds));
    try {
      for (const perRequest of perRequests) {
        runs.push({ windowSeconds, perRequest, flow: await measure(stack, perRequest) });
        console.error(
          `window ${windowSeconds} s, up to ${perRequest} a request: measured, ${describeLoad()}`,
        );
      }
    } finally {
      await stack.stop();
    }
  }
  console.log(`${RATE} events a second for ${SECONDS} s, ${describeLoad()}`);
  console.log(tableOf(runs));
  if (runs.some(({ flow }) => flow.missing > 0)) process.exitCode = 1;
  console.log(await writeReport('latency', { rate: RATE, seconds: SECONDS, runs }));
};

main().catch((error: Error) => {
  console.error(error.message.slice(0, 500));
  process.exitCode = 1;
});
