// The numbers of docs/operations.md that follow from code: each is computed here and looked for in its sentence.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CONSUMER_SECONDS_PER_EVENT,
  INGEST_SECONDS,
  METRICS_OF_A_DIRECTION,
  METRICS_OF_A_SOURCE,
  monthlyCost,
  type Traffic,
} from '../../infra/cost/model';
import prices from '../../infra/cost/prices.json';
import { DEFAULT_TRAFFIC, dollars } from '../../infra/cost/table';
import { AT_FIRST, EARLIER_SHARE, SETTINGS_MAX_AGE_SECONDS } from '../../lib/config/load-settings';
import { MAX_BATCH_BYTES } from '../../lib/customerio/limits';
import {
  FUNCTION_TIMEOUT_SECONDS,
  LAST_RECEIVE,
  MAX_BACKOFF_SECONDS,
  MAX_BATCHING_WINDOW_SECONDS,
  MAX_RECEIVE_COUNT,
  PARK_ABOVE_IN_FLIGHT,
  REQUEST_TIMEOUT_MS,
  UNDELIVERABLE_AFTER_SECONDS,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../lib/delivery/retry-policy';
import { MAX_REJECTED_EVENTS } from '../../lib/ingest/request-limits';
import { MAX_MESSAGE_EVENTS } from '../../lib/queue/message';
import { BILLING_UNIT_BYTES } from '../../lib/queue/sqs-limits';
import { packageStage, type Resources } from '../support/package';
import { parseSources } from '../support/sources';

const ROOT = join(__dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8').replace(/\s+/g, ' ');
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const expectSaid = (...sentences: readonly string[]): void => {
  expect(sentences.filter((sentence) => !page.includes(sentence))).toEqual([]);
};

const english = (value: number): string => value.toLocaleString('en');

describe('Settings', () => {
  const SOURCE = {
    name: 'website-12',
    writeKey: '0'.repeat(32),
    siteId: 's'.repeat(20),
    apiKey: 'k'.repeat(20),
  };
  const ACTIVITY = { webhookSigningKeys: ['w'.repeat(64)], segmentWriteKey: 'g'.repeat(32) };
  const fitting = (bytes: number, source: object): number =>
    Math.floor((bytes - 1) / (JSON.stringify(source).length + 1));

  it('fit a parameter by as many sources as the page says', () => {
    const plain = { ...SOURCE, region: 'us' };

    expectSaid(
      `A standard parameter holds 4 KB, ${fitting(4_096, plain)} sources of these five fields`,
      `holds 8 KB, ${fitting(8_192, plain)} of them, or ${fitting(8_192, { ...plain, ...ACTIVITY })} with message activity`,
    );
  });

  it('are tried for and read again as long and as often as it says', () => {
    const earliest = (SETTINGS_MAX_AGE_SECONDS * (1 - EARLIER_SHARE)) / 60;

    expect([AT_FIRST.withinMs, earliest, SETTINGS_MAX_AGE_SECONDS / 60]).toEqual([4_000, 4, 5]);
    expectSaid('tried again for four seconds', 'Running ones read again every four to five minutes');
  });
});

it('Timeouts are those of the functions and the retry policy', () => {
  expect(VISIBILITY_TIMEOUT_SECONDS).toBe(6 * FUNCTION_TIMEOUT_SECONDS + MAX_BATCHING_WINDOW_SECONDS);
  expect(VISIBILITY_TIMEOUT_SECONDS).toBe(7 * 60);
  expectSaid(
    `may run for ${FUNCTION_TIMEOUT_SECONDS} s, which leaves room for a request of up to ${REQUEST_TIMEOUT_MS / 1_000} s`,
    'visibility timeout is six times that and the longest batching window',
    'come back after seven minutes',
    `some ${CONSUMER_SECONDS_PER_EVENT * 1e6} µs on an event`,
  );
});

it('Retries end when the page says', () => {
  const outageDays = (LAST_RECEIVE * MAX_BACKOFF_SECONDS) / 2 / DAY_SECONDS;
  const operatorDays = (LAST_RECEIVE * MAX_BACKOFF_SECONDS * 0.75) / DAY_SECONDS;

  expect(outageDays).toBeGreaterThan(2.5);
  expect(outageDays).toBeLessThan(3);
  expect(Math.round(operatorDays)).toBe(4);
  expect(UNDELIVERABLE_AFTER_SECONDS).toBe(36 * HOUR_SECONDS);
  expectSaid(
    'two and a half days or longer',
    'after about four the first messages',
    'for more than a day and a half',
    `received ${LAST_RECEIVE} times`,
    `after ${MAX_RECEIVE_COUNT} receives`,
    `more than ${english(MAX_MESSAGE_EVENTS)} events, whole`,
    `more than ${MAX_REJECTED_EVENTS}.`,
    `a try may be ${MAX_BACKOFF_SECONDS / 60} minutes away`,
    `above ${english(PARK_ABOVE_IN_FLIGHT)} and does not count`,
  );
});

it('The rate is that of the defaults', () => {
  const [source] = parseSources('[{"name":"a","writeKey":"w","siteId":"s","apiKey":"k"}]');
  const rate = source?.requestsPerSecond ?? 0;
  const eventsPerSecond = (rate * MAX_BATCH_BYTES) / 1_000;

  expectSaid(
    `${english(1_000)} requests a second are some ${1_000 * INGEST_SECONDS} running at once`,
    `each consumer makes ${rate / 5} requests a second, each with up to ${MAX_BATCH_BYTES / 1_000} KB`,
    `about ${english(eventsPerSecond)} events of 1 KB a second`,
  );
  expect(Math.ceil(10_000_000 / eventsPerSecond / 60)).toBe(4);
  expectSaid('10 million events takes about four minutes');
});

describe('Of the template', () => {
  let resources: Resources;
  const numbersOf = (id: string): Readonly<Record<string, number>> =>
    resources[id]?.Properties as Readonly<Record<string, number>>;
  /** SQS's limit of what was received and not deleted. */
  const MAX_IN_FLIGHT = 120_000;

  beforeAll(async () => {
    ({ resources } = await packageStage());
  }, 120_000);

  it('are how long messages are kept', () => {
    expect(numbersOf('EventQueue')['MessageRetentionPeriod']).toBe(7 * DAY_SECONDS);
    expect(numbersOf('DeadLetterQueue')['MessageRetentionPeriod']).toBe(14 * DAY_SECONDS);
    expectSaid(
      '7 days from when it was queued',
      '14 days from when it was stored',
      'an alarm is ignored for a week',
    );
  });

  it('is when dead letters are told to expire, and what is left then', () => {
    const days = Number(numbersOf('DeadLettersExpireAlarm')['Threshold']) / DAY_SECONDS;

    expect([days, 14 - 7 - days]).toEqual([5, 2]);
    expectSaid('have waited for five days', 'the first can be gone in two days');
  });

  it('is when too much is in flight', () => {
    expectSaid(
      `More than ${english(Number(numbersOf('EventsInFlightAlarm')['Threshold']))} messages are in flight`,
      `once ${english(MAX_IN_FLIGHT)} messages of a queue`,
    );
    expect(PARK_ABOVE_IN_FLIGHT).toBe(MAX_IN_FLIGHT / 10);
  });

  it('are how often something must happen to wake somebody', () => {
    const { Threshold: broken, Period: within } = numbersOf('BodyEncodingLostAlarm');
    const periods = JSON.stringify(resources['FunctionErrorsAlarm']).match(/(?<="Period":)\d+/g);

    expect([broken, within]).toEqual([2, 900]);
    expect(numbersOf('FunctionErrorsAlarm')['Threshold']).toBe(1);
    expect(new Set(periods)).toEqual(new Set(['1200']));
    expectSaid('three or more in a quarter of an hour', 'more than once in twenty minutes');
    expect(numbersOf('RequestsRefusedAlarm')['EvaluationPeriods']).toBe(3);
    expectSaid('in each of three times five minutes');
  });

  it('is when an alarm is over that depends on what is tried again', () => {
    for (const id of ['EventsLateAlarm', 'ActivityLateAlarm', 'CustomerIoAuthAlarm', 'SettingsAlarm'])
      expect(numbersOf(id)['EvaluationPeriods']).toBe(4);
    expectSaid(
      'says the latter 20 minutes late',
      'The alarm is over within 25 minutes',
      'over 20 minutes later',
    );
  });
});

describe('Cost', () => {
  /** Without what is paid for hardly any traffic. */
  const growing = (traffic: Partial<Traffic>): number =>
    monthlyCost({ ...DEFAULT_TRAFFIC, ...traffic }, prices)
      .filter(({ part }) => !['custom metrics', 'alarms', 'dashboard'].includes(part))
      .reduce((sum, { dollars: amount }) => sum + amount, 0);
  const ratio = (eventsPerMonth: number): number =>
    Math.round(growing({ eventsPerMonth }) / growing({ eventsPerMonth, perRequest: 20 }));

  it('of batches in the SDKs is the part that the page says', () => {
    expect([ratio(1_000_000), ratio(100_000_000)]).toEqual([5, 8]);
    expectSaid('a fifth to an eighth of what grows with events');
  });

  it('of metrics, keys and traces is that of the price list', () => {
    expectSaid(
      `saves ${dollars(METRICS_OF_A_SOURCE * prices.customMetric)} a source`,
      `${METRICS_OF_A_DIRECTION} for each direction in use and ${METRICS_OF_A_SOURCE} for each source of it`,
      `costs $${prices.kmsKey} a month, and ${dollars(prices.kmsPerTenThousandRequests)} for 10,000 uses`,
      `It costs $${prices.xrayPerMillionTraces} a million traces`,
      `${BILLING_UNIT_BYTES / 1_024} KB, SQS's billing unit`,
    );
  });

  it('of a million visits is two requests each and what they carry', () => {
    const script = readFileSync(join(ROOT, 'node_modules/@segment/analytics-next/dist/umd/standalone.js'));
    const kilobytes = Math.round(gzipSync(script).length / 1_000);
    const seconds = 2_000_000 * INGEST_SECONDS * (DEFAULT_TRAFFIC.memorySizeMegabytes / 1_024);
    const requests =
      2 * (prices.apiGatewayPerMillionRequests + prices.lambdaPerMillionInvocations) +
      seconds * prices.lambdaPerGigabyteSecond;

    expectSaid(
      `${kilobytes} KB compressed`,
      `2M requests, ${dollars(requests)} with their invocations`,
      `32 GB of egress, ${dollars(32 * prices.egressPerGigabyte)}`,
    );
  });
});
