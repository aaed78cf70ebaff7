// The measuring process of archive.bench.ts, which bundles it and gives it the address that takes requests and records.

import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { archiveIn } from '../../lib/archive/firehose';
import type { Source } from '../../lib/config/source';
import { post } from '../../lib/delivery/http-client';
import { relay } from '../../lib/delivery/relay';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';

const EVENTS = 20_000;
/** What an invocation's 6 MB hold. */
const EVENTS_PER_INVOCATION = 4_000;
/** As ingest packs them into 64 KiB messages. */
const EVENTS_PER_MESSAGE = 40;
const ROUNDS = 15;

const MODES = ['none', 'outcomes', 'events'] as const;
type Mode = (typeof MODES)[number];

const sourceFor = (mode: Mode): readonly Source[] =>
  parseSources(
    JSON.stringify([
      {
        name: 'bench',
        writeKey: 'w',
        siteId: 's',
        apiKey: 'k',
        trackUrl: process.argv[2],
        requestsPerSecond: 1_000,
        archive: mode,
      },
    ]),
  );

const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Microseconds of CPU an event. */
const consume = async (invocations: readonly SQSRecord[][], mode: Mode): Promise<number> => {
  const sources = sourceFor(mode);
  const before = cpuMicroseconds();
  for (const records of invocations) {
    const { response, events } = await relay(records, sources, customerIoConnector(1), {
      sqs: SQS,
      queueUrl: 'http://127.0.0.1:9/0/events',
      deadLetterQueueUrl: 'http://127.0.0.1:9/0/dead',
      remainingMs: () => 60_000,
      send: post,
      random: Math.random,
      now: () => new Date(),
      archive: mode === 'none' ? undefined : archiveIn('bench'),
    });
    const isDone = events.every(({ outcome, note }) => outcome?.kind === 'delivered' && !note?.failed);
    if (response.batchItemFailures.length > 0 || !isDone) {
      throw new Error('An event was not delivered and archived; the figures would mean nothing.');
    }
  }
  return (cpuMicroseconds() - before) / EVENTS;
};

const SQS = new SQSClient({ region: 'us-east-1' });

const inChunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const main = async (): Promise<void> => {
  const records = inChunks(corpusOf(EVENTS), EVENTS_PER_MESSAGE).map((batch, index) =>
    recordOf({ messageId: `m${index}`, body: { batch } }),
  );
  const invocations = inChunks(records, EVENTS_PER_INVOCATION / EVENTS_PER_MESSAGE);
  const round = async (): Promise<number[]> => {
    const costs: number[] = [];
    for (const mode of MODES) costs.push(await consume(invocations, mode));
    return costs;
  };
  await round();
  const rounds: number[][] = [];
  for (let count = 0; count < ROUNDS; count += 1) rounds.push(await round());
  console.log(`archive: the consumer, ${EVENTS} events, ${ROUNDS} rounds in turn, medians of CPU time`);
  for (const [index, mode] of MODES.entries()) {
    const cost = median(rounds.map((costs) => costs[index] ?? 0));
    const ratio = median(rounds.map((costs) => (costs[index] ?? 0) / (costs[0] ?? 1)));
    console.log(`${mode.padEnd(10)} ${cost.toFixed(2)} µs an event, ratio ${ratio.toFixed(3)}`);
  }
};

void main();
