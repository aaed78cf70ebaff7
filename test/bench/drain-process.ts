// The measuring process of drain.bench.ts, which bundles it and gives it the address that takes the requests.

import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { post } from '../../lib/delivery/http-client';
import { relay } from '../../lib/delivery/relay';
import type { RelayContext } from '../../lib/delivery/relay-context';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';
import { quiet } from './measure';

const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000);
const CORPUS = 20_000;
const PER_INVOCATION = 4_000;
/** As ingest packs them into 64 KiB messages. */
const PER_MESSAGE = 40;
const SMALL = 100;
const LARGE = 10_000;
const LINEAR_ROUNDS = 10;
const MAX_MEMORY_MB = 512;
const MIN_FILL_PERCENT = 95;
const MAX_DEVIATION = 0.15;

const CONTEXT: RelayContext = {
  sqs: new SQSClient({ region: 'us-east-1' }),
  queueUrl: 'http://127.0.0.1:9/0/events',
  deadLetterQueueUrl: 'http://127.0.0.1:9/0/dead',
  remainingMs: () => 60_000,
  send: post,
  random: Math.random,
  now: () => new Date(),
};
const CORPUS_EVENTS = corpusOf(CORPUS);
const SOURCES = parseSources(
  JSON.stringify([
    {
      name: 'bench',
      writeKey: 'w',
      siteId: 's',
      apiKey: 'k',
      trackUrl: process.argv[2],
      requestsPerSecond: 1_000,
    },
  ]),
);

/** Made when they are asked for, so that a backlog of a gigabyte need not lie anywhere. */
const recordsFrom = (first: number, count: number): SQSRecord[] =>
  Array.from({ length: Math.ceil(count / PER_MESSAGE) }, (_, nth) => {
    const start = first + nth * PER_MESSAGE;
    const length = Math.min(PER_MESSAGE, first + count - start);
    const body = Array.from({ length }, (__, index) => ({
      ...CORPUS_EVENTS[(start + index) % CORPUS],
      messageId: `drain-${start + index}`,
    }));
    return recordOf({ messageId: `m${start}`, body });
  });

const invoke = async (records: readonly SQSRecord[]) => {
  const result = await relay(records, SOURCES, customerIoConnector(1), CONTEXT);
  const delivered = result.events.filter(({ outcome }) => outcome?.kind === 'delivered').length;
  if (delivered !== result.events.length)
    throw new Error('Not all was delivered; the figures would mean nothing.');
  return result;
};

const cpuOf = async (work: () => Promise<unknown>): Promise<{ user: number; system: number }> => {
  const before = process.cpuUsage();
  await work();
  return process.cpuUsage(before);
};

/** CPU an event of invocations of two sizes in turns, each over as many events. */
const measureLinearity = async (): Promise<boolean> => {
  const perEvent: Record<number, number[]> = { [SMALL]: [], [LARGE]: [] };
  for (let round = 0; round < LINEAR_ROUNDS; round += 1) {
    for (const size of [SMALL, LARGE]) {
      const invocations = Array.from({ length: LARGE / size }, (_, nth) => recordsFrom(nth * size, size));
      const { user, system } = await cpuOf(async () => {
        for (const records of invocations) await invoke(records);
      });
      perEvent[size]?.push((user + system) / LARGE);
    }
  }
  const [small, large] = [quiet(perEvent[SMALL] ?? []), quiet(perEvent[LARGE] ?? [])];
  const deviation = large / small - 1;
  const isLinear = Math.abs(deviation) <= MAX_DEVIATION;
  console.log(
    `linear: ${small.toFixed(1)} µs an event by ${SMALL}, ${large.toFixed(1)} µs by ${LARGE}: ${(deviation * 100).toFixed(0)} % (${isLinear ? 'within 15 %' : 'NOT within 15 %'})`,
  );
  return isLinear;
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const drain = async (): Promise<boolean> => {
  const startedAt = performance.now();
  const cpu = { making: 0, user: 0, system: 0 };
  const fills: number[] = [];
  const lastFills: number[] = [];
  let requests = 0;
  for (let first = 0; first < EVENTS; first += PER_INVOCATION) {
    let records: SQSRecord[] = [];
    const making = await cpuOf(async () => {
      records = recordsFrom(first, Math.min(PER_INVOCATION, EVENTS - first));
    });
    cpu.making += making.user + making.system;
    const { user, system } = await cpuOf(async () => {
      for (const report of (await invoke(records)).reports.values()) {
        requests += report.requests;
        // The last request of an invocation takes what is left.
        fills.push(...report.fillPercents.slice(0, -1));
        lastFills.push(...report.fillPercents.slice(-1));
      }
    });
    cpu.user += user;
    cpu.system += system;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const fill = mean(fills);
  const wholeFill = mean([...fills, ...lastFills]);
  const memoryMb = process.resourceUsage().maxRSS / 1_024;
  const perEvent = (us: number): string => `${(us / EVENTS).toFixed(1)} µs`;
  console.log(`${EVENTS} events in ${seconds.toFixed(0)} s: ${Math.round(EVENTS / seconds)} events/s`);
  console.log(`of consumer CPU alone: ${Math.round(EVENTS / ((cpu.user + cpu.system) / 1e6))} events/s`);
  console.log(
    `${requests} requests, ${Math.round(EVENTS / requests)} events each, ${fill.toFixed(1)} % full but for each invocation's last, ${wholeFill.toFixed(1)} % with those`,
  );
  console.log(
    `CPU an event: user ${perEvent(cpu.user)}, system ${perEvent(cpu.system)}; making the backlog ${perEvent(cpu.making)} beside it`,
  );
  console.log(`memory: ${memoryMb.toFixed(0)} MB at most, of ${MAX_MEMORY_MB}`);
  return memoryMb <= MAX_MEMORY_MB && wholeFill >= MIN_FILL_PERCENT;
};

const main = async (): Promise<void> => {
  // The backlog first: what comes before it would count as its memory.
  const isDrained = await drain();
  const isLinear = await measureLinearity();
  process.exitCode = isDrained && isLinear ? 0 : 1;
};

void main();
