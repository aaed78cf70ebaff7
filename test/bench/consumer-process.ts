// The measuring process of consumer.bench.ts, which bundles it and gives it the address that takes the requests.

import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Source } from '../../lib/config/source';
import { post } from '../../lib/delivery/http-client';
import { relay } from '../../lib/delivery/relay';
import type { RelayContext } from '../../lib/delivery/relay-context';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';
import { median, printResult, quiet } from './measure';

const EVENTS = 20_000;
/** What an invocation's 6 MB hold. */
const EVENTS_PER_INVOCATION = 4_000;
/** As ingest packs them into 64 KiB messages. */
const EVENTS_PER_MESSAGE = 40;
const ROUNDS = 9;

const cpuMsOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

const floor = (lines: readonly string[]): number => {
  let bytes = 0;
  for (const line of lines) bytes += JSON.stringify(JSON.parse(line)).length;
  return bytes;
};

const CONTEXT: RelayContext = {
  sqs: new SQSClient({ region: 'us-east-1' }),
  queueUrl: 'http://127.0.0.1:9/0/events',
  deadLetterQueueUrl: 'http://127.0.0.1:9/0/dead',
  remainingMs: () => 60_000,
  send: post,
  random: Math.random,
  now: () => new Date(),
};

const consume = async (invocations: readonly SQSRecord[][], sources: readonly Source[]): Promise<void> => {
  for (const records of invocations) {
    const { response, events } = await relay(records, sources, customerIoConnector(1), CONTEXT);
    const delivered = events.filter(({ outcome }) => outcome?.kind === 'delivered').length;
    if (response.batchItemFailures.length > 0 || delivered !== events.length) {
      throw new Error(
        `Only ${delivered} of ${events.length} events were delivered; the figures would mean nothing.`,
      );
    }
  }
};

const inChunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );

const main = async (): Promise<void> => {
  const sources = parseSources(
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
  const events = corpusOf(EVENTS);
  const lines = events.map((event) => JSON.stringify(event));
  const records = inChunks(events, EVENTS_PER_MESSAGE).map((body, index) =>
    recordOf({ messageId: `m${index}`, body }),
  );
  const invocations = inChunks(records, EVENTS_PER_INVOCATION / EVENTS_PER_MESSAGE);

  await consume(invocations, sources);
  floor(lines);
  const rounds: { floorMs: number; consumerMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const floorMs = await cpuMsOf(() => floor(lines));
    const consumerMs = await cpuMsOf(() => consume(invocations, sources));
    rounds.push({ floorMs, consumerMs });
  }

  const perEvent = (ms: number): string => `${((ms * 1_000) / EVENTS).toFixed(2)} µs`;
  const bytes = Math.round(lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / EVENTS);
  console.log(`${EVENTS} events of ${bytes} bytes on average, ${ROUNDS} rounds in turn, medians of CPU time`);
  console.log(`parse + stringify   ${perEvent(median(rounds.map(({ floorMs }) => floorMs)))} an event`);
  console.log(`whole consumer      ${perEvent(median(rounds.map(({ consumerMs }) => consumerMs)))} an event`);
  const ratio =
    quiet(rounds.map(({ floorMs }) => floorMs)) / quiet(rounds.map(({ consumerMs }) => consumerMs));
  console.log(`of the quiet floor  ${ratio.toFixed(2)}`);
  printResult({ name: 'consumer', ratio });
  console.log(
    `of the floor        ${median(rounds.map(({ floorMs, consumerMs }) => floorMs / consumerMs)).toFixed(2)}`,
  );
};

void main();
