// The units of a metered run, in dollars for a million events, by the price list and the parts of `relay cost`; and what its
// model says of the same traffic. Pure.

import { type CostItem, monthlyCost, type Prices, type Traffic } from '../../infra/cost/model';
import type { FunctionUnits, Units, Workload } from './metered-run';

const MILLION = 1_000_000;
const GIGABYTE = 1e9;
const MONTH_SECONDS = 730 * 3_600;
/** Of two queues: five pollers each, which wait for 20 seconds while nothing comes. */
const IDLE_POLLS_PER_SECOND = 5 / 20;

/** What grows with events; alarms, dashboard and custom metrics are a month's, whatever comes. */
export const GROWING = [
  'API Gateway',
  'ingest',
  'SQS',
  'consumer',
  'requests to Customer.io',
  'logs',
] as const;

export type Part = (typeof GROWING)[number];

export const billOf = (
  units: Units,
  { memorySizeMegabytes }: Workload,
  prices: Prices,
): Record<Part, number> => {
  const perMillion = MILLION / units.events;
  const lambda = ({ invocations, billedMs }: FunctionUnits): number =>
    (invocations / MILLION) * prices.lambdaPerMillionInvocations +
    (billedMs / 1_000) * (memorySizeMegabytes / 1_024) * prices.lambdaPerGigabyteSecond;
  const logBytes = units.accessLogBytes + units.ingest.logBytes + units.consumer.logBytes;
  return {
    'API Gateway': (units.apiRequests / MILLION) * prices.apiGatewayPerMillionRequests * perMillion,
    ingest: lambda(units.ingest) * perMillion,
    SQS: (sqsRequests(units) / MILLION) * prices.sqsPerMillionRequests * perMillion,
    consumer: lambda(units.consumer) * perMillion,
    'requests to Customer.io': (units.egressBytes / GIGABYTE) * prices.egressPerGigabyte * perMillion,
    logs: (logBytes / GIGABYTE) * prices.logsPerGigabyte * perMillion,
  };
};

/** A poll that finds something is one that has not waited in vain; the other queue's all have. */
const sqsRequests = ({ sqs, seconds }: Units): number => {
  const idle = seconds * IDLE_POLLS_PER_SECOND;
  return sqs.send + Math.max(sqs.receive, idle) + sqs.delete + sqs.other + idle;
};

/** The same traffic for a month by the model, of a million events of it. */
export const modelledBill = (
  workload: Workload,
  eventBytes: number,
  prices: Prices,
): Record<Part, number> => {
  const eventsPerMonth = workload.eventsPerSecond * MONTH_SECONDS;
  const { perRequest, batchSize, batchingWindowSeconds, memorySizeMegabytes } = workload;
  const traffic: Traffic = {
    eventsPerMonth,
    perRequest,
    eventBytes,
    sources: 1,
    batchSize,
    batchingWindowSeconds,
    memorySizeMegabytes,
    sourceMetrics: true,
  };
  const items = monthlyCost(traffic, prices);
  const ofMillion = (part: Part): number =>
    ((items.find((item: CostItem) => item.part === part)?.dollars ?? 0) * MILLION) / eventsPerMonth;
  return Object.fromEntries(GROWING.map((part) => [part, ofMillion(part)])) as Record<Part, number>;
};

export const sumOf = (bill: Readonly<Record<Part, number>>): number =>
  GROWING.reduce((sum, part) => sum + bill[part], 0);
