// The real functions at work, and every unit that AWS would bill for it: ingest and consumer in this process, SQS and
// Customer.io as servers that answer as late as the real ones. Only the clock of the traffic is simulated.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { parse } from 'yaml';
import { corpusOf } from '../support/corpus';
import { httpRequest } from '../support/http-request';
import { startServer } from '../support/http-server';
import { captureLogs } from '../support/log-output';
import { seededRandom } from '../support/seeded-random';
import { type Arrival, eventBatches } from './event-batches';
import { median } from './measure';
import { type MeteredQueue, type SqsUnits, startMeteredQueue } from './metered-queue';

export interface Workload {
  readonly events: number;
  readonly perRequest: number;
  readonly eventsPerSecond: number;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly memorySizeMegabytes: number;
}

/** How long AWS and Customer.io take to answer, which this machine cannot know: assumed, and said with every figure. */
export interface Latencies {
  readonly sqsMs: number;
  readonly customerIoMs: number;
}

export const ASSUMED: Latencies = { sqsMs: 8, customerIoMs: 100 };

export interface FunctionUnits {
  readonly invocations: number;
  readonly billedMs: number;
  /** What it writes itself, and Lambda's three lines of each invocation. */
  readonly logBytes: number;
}

export interface Units {
  readonly events: number;
  /** Of the traffic, not of the run. */
  readonly seconds: number;
  readonly apiRequests: number;
  readonly accessLogBytes: number;
  readonly ingest: FunctionUnits;
  readonly consumer: FunctionUnits;
  readonly sqs: SqsUnits;
  readonly egressBytes: number;
  readonly customMetrics: number;
  /** As ingest was sent them, in JSON. */
  readonly eventBytes: number;
}

const WRITE_KEY = 'bench';
const AUTHORIZATION = `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}`;
/** Lambda's memory that comes with one processor. */
const MEGABYTES_OF_A_PROCESSOR = 1_769;
const REQUEST_ID = '8f5c1f0e-3b0a-4a53-9d5e-000000000000';
/** What Lambda itself writes of each invocation. */
const PLATFORM_LOG_BYTES = [
  `START RequestId: ${REQUEST_ID} Version: $LATEST\n`,
  `END RequestId: ${REQUEST_ID}\n`,
  `REPORT RequestId: ${REQUEST_ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 120 MB\t\n`,
].join('').length;

export interface Meter {
  run(workload: Workload): Promise<Units>;
  close(): Promise<void>;
}

export const startMeter = async (latencies: Latencies = ASSUMED): Promise<Meter> => {
  const queue = await startMeteredQueue(latencies.sqsMs);
  let egressBytes = 0;
  const customerIo = await startServer(async (request, response) => {
    egressBytes += (await readText(request)).length + request.rawHeaders.join(': ').length;
    await setTimeout(latencies.customerIoMs);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  setEnvironment(queue, customerIo.url);
  // Not before the environment is there: a function reads it as it starts.
  const { handler: ingest } = await import('../../functions/ingest');
  const { handler: consume } = await import('../../functions/consumer');
  const accessLogLine = await accessLogBytes();

  const run = async (workload: Workload): Promise<Units> => {
    const { events, perRequest, eventsPerSecond, memorySizeMegabytes } = workload;
    queue.reset();
    egressBytes = 0;
    const corpus = corpusOf(events);
    const metered = {
      ingest: new FunctionMeter(memorySizeMegabytes),
      consumer: new FunctionMeter(memorySizeMegabytes),
    };
    const arrivals: Arrival[] = [];
    const random = seededRandom(18);
    let atSeconds = 0;
    let eventBytes = 0;
    for (let from = 0; from < events; from += perRequest) {
      const body = JSON.stringify({ batch: corpus.slice(from, from + perRequest) });
      eventBytes += Buffer.byteLength(body);
      const request = httpRequest({ path: '/v1/batch', headers: { authorization: AUTHORIZATION }, body });
      const { statusCode } = await metered.ingest.measure(() => ingest(request));
      if (statusCode !== 200)
        throw new Error(`Ingest answered ${statusCode}; the figures would mean nothing.`);
      // Senders know nothing of each other: their requests come at random, so many a second on average.
      atSeconds -= (Math.log(1 - random()) * perRequest) / eventsPerSecond;
      const at = atSeconds;
      arrivals.push(...queue.arrived().map((record) => ({ record, atSeconds: at })));
    }
    for (const records of eventBatches(arrivals, workload)) {
      const { batchItemFailures } = await metered.consumer.measure(() =>
        consume({ Records: records }, CONTEXT),
      );
      if (batchItemFailures.length > 0) throw new Error('Not every event was delivered.');
      queue.bill(records);
    }
    const requests = Math.ceil(events / perRequest);
    return {
      events,
      seconds: events / eventsPerSecond,
      apiRequests: requests,
      accessLogBytes: requests * accessLogLine,
      ingest: metered.ingest.units(),
      consumer: metered.consumer.units(),
      sqs: queue.units(),
      egressBytes,
      customMetrics: new Set([...metered.ingest.metrics, ...metered.consumer.metrics]).size,
      eventBytes: eventBytes / events,
    };
  };
  return {
    run,
    close: async () => {
      await Promise.all([queue.close(), customerIo.close()]);
    },
  };
};

const CONTEXT = { awsRequestId: 'r1', getRemainingTimeInMillis: () => 60_000 } as Context;

const setEnvironment = ({ url, endpoint }: MeteredQueue, trackUrl: string): void => {
  Object.assign(process.env, {
    QUEUE_URL: url,
    DEAD_LETTER_QUEUE_URL: `${endpoint}/0/dead-letters`,
    SOURCES: JSON.stringify([{ name: 'bench', writeKey: WRITE_KEY, siteId: 's', apiKey: 'k', trackUrl }]),
    MAX_CONSUMERS: '5',
    POWERTOOLS_METRICS_NAMESPACE: 'cio-relay-bench/events',
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  });
};

class FunctionMeter {
  /** Names with the values of their dimensions: a custom metric each. */
  readonly metrics = new Set<string>();
  #invocations = 0;
  readonly #billedMs: number[] = [];
  #logBytes = 0;

  constructor(private readonly memorySizeMegabytes: number) {}

  /**
   * The processor's part takes longer where Lambda gives less than a whole one; Lambda bills begun milliseconds. Of the
   * invocations the median counts for all: what makes one slow here is whoever else works on this machine.
   */
  async measure<T>(invoke: () => Promise<T>): Promise<T> {
    const logs = captureLogs();
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    const answer = await invoke().finally(() => logs.release());
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuMs = (user + system) / 1_000;
    const slower = Math.max(0, MEGABYTES_OF_A_PROCESSOR / this.memorySizeMegabytes - 1);
    this.#invocations += 1;
    this.#billedMs.push(Math.ceil(performance.now() - startedAt + cpuMs * slower));
    for (const line of logs.lines) {
      this.#logBytes += Buffer.byteLength(line);
      for (const metric of metricsIn(line)) this.metrics.add(metric);
    }
    return answer;
  }

  units(): FunctionUnits {
    return {
      invocations: this.#invocations,
      billedMs: median(this.#billedMs) * this.#invocations,
      logBytes: this.#logBytes + this.#invocations * PLATFORM_LOG_BYTES,
    };
  }
}

interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

const metricsIn = (line: string): string[] => {
  if (!line.includes('"_aws":')) return [];
  const values = JSON.parse(line) as Emf & Readonly<Record<string, unknown>>;
  return values._aws.CloudWatchMetrics.flatMap(({ Dimensions: sets, Metrics: metrics }) =>
    metrics.flatMap(({ Name: name }) =>
      sets.map((set) => [name, ...set.map((one) => `${one}=${values[one]}`)].join(' ')),
    ),
  );
};

/** A line of API Gateway's access log in the format of serverless.yml, with values of the usual length. */
const accessLogBytes = async (): Promise<number> => {
  const file = await readFile(join(__dirname, '../../serverless.yml'), 'utf8');
  const { provider } = parse(file, { logLevel: 'silent' }) as {
    provider: { logs: { httpApi: { format: string } } };
  };
  return provider.logs.httpApi.format.replaceAll(/\$context\.[\w.]+/g, (name) => USUAL[name] ?? '-').length;
};

const USUAL: Readonly<Record<string, string>> = {
  '$context.requestId': 'JKJaXmPLvHcESHA=',
  '$context.routeKey': '$default',
  '$context.httpMethod': 'POST',
  '$context.status': '200',
  '$context.responseLength': '16',
  '$context.responseLatency': '25',
  '$context.integrationLatency': '24',
};
