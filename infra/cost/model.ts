// What a month costs, from its traffic. Pure. Prices are list prices without the free tier; how long a function runs
// and how much it logs are assumptions, named here, which `npm run bench:cost` holds against a run. Traffic is taken as even; peaks cost less, for their batches are fuller.

import { BILLING_UNIT_BYTES } from '../../lib/queue/sqs-limits';
import { type ArchivePrices, archiveCost, OUTCOME_BYTES } from './archive';

export interface Prices extends ArchivePrices {
  readonly asOf: string;
  readonly region: string;
  readonly apiGatewayPerMillionRequests: number;
  readonly lambdaPerMillionInvocations: number;
  readonly lambdaPerGigabyteSecond: number;
  readonly sqsPerMillionRequests: number;
  readonly logsPerGigabyte: number;
  readonly egressPerGigabyte: number;
  readonly customMetric: number;
  readonly alarmMetric: number;
  readonly dashboard: number;
  /** Of options that are off unless a stage asks for them. */
  readonly kmsKey: number;
  readonly kmsPerTenThousandRequests: number;
  readonly xrayPerMillionTraces: number;
}

export interface Traffic {
  readonly eventsPerMonth: number;
  /** How many events a sender puts into one request. */
  readonly perRequest: number;
  readonly eventBytes: number;
  readonly sources: number;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly memorySizeMegabytes: number;
  readonly sourceMetrics: boolean;
  /** What stands before ingest; left out, API Gateway. A function URL costs nothing of its own. */
  readonly door?: 'api' | 'url' | undefined;
  /** What the sources archive; left out, nothing. */
  readonly archive?: 'outcomes' | 'events' | undefined;
}

export interface CostItem {
  readonly part: string;
  readonly dollars: number;
}

const MONTH_SECONDS = 730 * 3_600;
const MILLION = 1_000_000;
/** What Lambda hands over at once, and what SQS does. */
const INVOCATION_BYTES = 6_000_000;
const RECEIVE_MESSAGES = 10;

export const INGEST_SECONDS = 0.025;
/** An invocation of the consumer waits for one answer of Customer.io at least. */
const CONSUMER_SECONDS = 0.15;
export const CONSUMER_SECONDS_PER_EVENT = 0.000_02;
const LOGGED_BYTES_PER_REQUEST = 445;
/** Of them, the line of API Gateway's access log. */
const ACCESS_LOG_BYTES = 175;
const LOGGED_BYTES_PER_INVOCATION = 1_100;
/** An operation is an event and what Customer.io's API puts around it. */
const EGRESS_FACTOR = 1.4;
/** Lambda asks an idle queue with this many pollers, each for 20 seconds. */
const IDLE_POLLERS = 5;
const POLL_SECONDS = 20;
const QUEUES = 2;
export const METRICS_OF_A_DIRECTION = 13;
export const METRICS_OF_A_SOURCE = 11;
/** Metrics in the alarms of the template; a test counts them. */
export const ALARM_METRICS = 36;
/** More of them where a function URL is watched besides the API of webhooks. */
export const URL_ALARM_METRICS = 2;

/** A part a line, for one direction, events to Customer.io. */
export const monthlyCost = (traffic: Traffic, prices: Prices): CostItem[] => {
  const { eventsPerMonth: events, memorySizeMegabytes, eventBytes, sources, sourceMetrics } = traffic;
  const requests = events / traffic.perRequest;
  const { messages, invocations, calls } = queueWork(traffic, requests);
  const gigabytes = memorySizeMegabytes / 1_024;
  const lambda = (runs: number, seconds: number): number =>
    (runs / MILLION) * prices.lambdaPerMillionInvocations +
    seconds * gigabytes * prices.lambdaPerGigabyteSecond;
  const isUrl = traffic.door === 'url';
  const perRequest = LOGGED_BYTES_PER_REQUEST - (isUrl ? ACCESS_LOG_BYTES : 0);
  const logged = requests * perRequest + invocations * LOGGED_BYTES_PER_INVOCATION;
  const customMetrics = METRICS_OF_A_DIRECTION + (sourceMetrics ? sources * METRICS_OF_A_SOURCE : 0);
  return [
    {
      part: 'API Gateway',
      dollars: isUrl ? 0 : (requests / MILLION) * prices.apiGatewayPerMillionRequests,
    },
    { part: 'ingest', dollars: lambda(requests, requests * INGEST_SECONDS) },
    { part: 'SQS', dollars: ((messages + calls) / MILLION) * prices.sqsPerMillionRequests },
    {
      part: 'consumer',
      dollars: lambda(invocations, invocations * CONSUMER_SECONDS + events * CONSUMER_SECONDS_PER_EVENT),
    },
    {
      part: 'requests to Customer.io',
      dollars: ((events * eventBytes * EGRESS_FACTOR) / 1e9) * prices.egressPerGigabyte,
    },
    { part: 'logs', dollars: (logged / 1e9) * prices.logsPerGigabyte },
    { part: 'custom metrics', dollars: customMetrics * prices.customMetric },
    { part: 'alarms', dollars: (ALARM_METRICS + (isUrl ? URL_ALARM_METRICS : 0)) * prices.alarmMetric },
    { part: 'dashboard', dollars: prices.dashboard },
    ...archiveItem(traffic, invocations, prices),
  ];
};

/** With it come three alarms. */
const ARCHIVE_ALARMS = 3;

const archiveItem = (
  { eventsPerMonth, eventBytes, sources, archive }: Traffic,
  invocations: number,
  prices: Prices,
): CostItem[] => {
  if (archive === undefined) return [];
  const lineBytes = OUTCOME_BYTES + (archive === 'events' ? eventBytes : 0);
  const stored = archiveCost({ eventsPerMonth, invocations, lineBytes, sources }, prices);
  return [{ part: 'archive', dollars: stored + ARCHIVE_ALARMS * prices.alarmMetric }];
};

export const total = (items: readonly CostItem[]): number =>
  items.reduce((sum, { dollars }) => sum + dollars, 0);

interface QueueWork {
  /** Billed sends: each 64 KiB of what is sent. */
  readonly messages: number;
  readonly invocations: number;
  /** Billed receives and deletes, and polls that find nothing. */
  readonly calls: number;
}

/** At a trickle a message is received, handled and deleted alone; only what comes within the window shares an invocation. */
const queueWork = (traffic: Traffic, requests: number): QueueWork => {
  const requestBytes = traffic.perRequest * traffic.eventBytes;
  const messages = requests * Math.ceil(requestBytes / BILLING_UNIT_BYTES);
  const messageBytes = Math.min(requestBytes, BILLING_UNIT_BYTES);
  const inWindow = 1 + (messages / MONTH_SECONDS) * traffic.batchingWindowSeconds;
  const perInvocation = Math.max(1, Math.min(traffic.batchSize, INVOCATION_BYTES / messageBytes, inWindow));
  const invocations = messages / perInvocation;
  const perCall = Math.min(RECEIVE_MESSAGES, perInvocation);
  const idlePolls = (IDLE_POLLERS * MONTH_SECONDS) / POLL_SECONDS;
  // A receive is billed by what it brings, as a send is.
  const unitsOfCall = Math.max(1, (perCall * messageBytes) / BILLING_UNIT_BYTES);
  const receives = Math.max((messages / perCall) * unitsOfCall, idlePolls);
  return { messages, invocations, calls: receives + messages / perCall + (QUEUES - 1) * idlePolls };
};
