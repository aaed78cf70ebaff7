// A stage on AWS as the console's backend: its queues from SQS, its numbers from CloudWatch, with the credentials of
// whoever started it. It reads unless it is told otherwise, and what it cannot know it does not have.

import { setTimeout as delay } from 'node:timers/promises';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type ParsedSettings, usableSources, usableWorkspaces } from '../../../lib/config/settings';
import type { OpenArchive } from '../../cli/archive/open-archive';
import type { Letter } from '../../cli/dead-letters/letter';
import { countMessages } from '../../cli/dead-letters/move-task';
import { walk } from '../../cli/dead-letters/walk';
import { Failure, inWords } from '../../cli/failure';
import { depthOf } from '../../cli/queue-depth';
import { QUEUES, type Queue, type QueueName, readSettings, type Target } from '../../cli/target';
import type { ConsoleBackend, Pipeline, PipelineQuery } from '../contract';
import { deadLetterQueues } from '../server/dead-letter-queues';
import { oneAfterTheOther } from '../server/in-turn';
import { previewSources } from '../server/preview-sources';
import { RANGES, readNumbers, type StageNumbers, type StageWay } from './metrics';
import { patientQueue } from './patient-queue';
import { remembered } from './remembered';
import { stageTrace } from './stage-trace';

export interface AwsBackendOptions {
  readonly target: Target;
  readonly stage: string;
  readonly cloudWatch: CloudWatchClient;
  /** Undefined where the stage has none. */
  readonly openArchive: () => Promise<OpenArchive | undefined>;
  /** Folder for what is discarded; undefined: nothing may be written. */
  readonly discardFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly clock?: () => number;
  /** How long a single question may take. */
  readonly patienceMs?: number;
}

/** A way with its queues. */
interface OpenWay extends StageWay {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** The queues are free to ask; CloudWatch bills what it is asked for, and has new numbers once a minute. */
const READ_EVERY_MS = 10_000;
const NUMBERS_FOR_MS = 60_000;
const SETTINGS_FOR_MS = 300_000;
/** What has not answered by then is told as missing, so that it does not hold up the rest. */
const PATIENCE_MS = 10_000;

const NO_QUEUE = new Failure(
  'SQS does not say where the queues of the stage are.',
  'Check AWS_REGION and the network, then run the same command again.',
);

/** @throws Failure where the stage has no queues, or nobody may see them. */
export const awsBackend = async (options: AwsBackendOptions): Promise<ConsoleBackend> => {
  const { target, discardFolder, signal, clock = Date.now, patienceMs = PATIENCE_MS } = options;
  const ways = await openWays(target, options.stage, patienceMs);
  const settings = remembered(SETTINGS_FOR_MS, clock, () => readSettings(target));
  const numbers = remembered(NUMBERS_FOR_MS, clock, (key: string) => {
    const { way, ...query } = JSON.parse(key) as PipelineQuery;
    return readNumbers(options.cloudWatch, wayOf(ways, way), query, clock());
  });
  const archive = remembered(SETTINGS_FOR_MS, clock, () => options.openArchive());
  const lettersInTurn = oneAfterTheOther();
  const [{ queue, deadLetters }] = ways;
  return {
    info: {
      kind: 'aws',
      title: target.name,
      stage: options.stage,
      note: discardFolder === undefined ? 'Read-only.' : 'Dead letters may be changed.',
      readEveryMs: READ_EVERY_MS,
    },
    pipeline: {
      ranges: RANGES,
      ways: ways.map(({ name }) => name),
      read: (query) => readPipeline(wayOf(ways, query.way), query, { numbers, settings, patienceMs }),
    },
    sources: async () => previewSources(await inTime(settings(''), patienceMs)),
    deadLetters: deadLetterQueues({
      queues: ways.map(({ queue, deadLetters }) => ({ deadLetters, origin: queue })),
      read: (queue, limit) => readLetters(queue, limit, signal),
      countAll: countMessages,
      discardFolder,
      signal,
      inTurn: lettersInTurn,
    }),
    trace: stageTrace({
      stage: options.stage,
      ...{ queue, deadLetters, lettersInTurn, signal, clock },
      openArchive: () => inTime(archive(''), patienceMs),
      settings: () => inTime(settings(''), patienceMs),
    }),
  };
};

const openWays = async (
  target: Target,
  stage: string,
  patienceMs: number,
): Promise<readonly [OpenWay, ...OpenWay[]]> => {
  const name = `cio-relay-${stage}`;
  const find = async (suffix: QueueName): Promise<Queue> =>
    patientQueue(await inTime(target.queue(suffix), patienceMs, NO_QUEUE), patienceMs);
  const open = async (
    to: string,
    [events, deadLetters, namespace]: readonly [QueueName, QueueName, string],
    functions: readonly string[],
  ): Promise<OpenWay> => {
    const [queue, dead] = [await find(events), await find(deadLetters)];
    return {
      name: to,
      namespace: `${name}/${namespace}`,
      queueName: queue.name,
      functionNames: functions.map((one) => `${name}-${one}`),
      queue,
      deadLetters: dead,
    };
  };
  return [
    await open('Customer.io', [QUEUES.events, QUEUES.deadLetters, 'events'], ['ingest', 'consumer']),
    await open(
      'Segment',
      [QUEUES.activity, QUEUES.activityDeadLetters, 'activity'],
      ['webhook', 'forwarder'],
    ),
  ];
};

const wayOf = (ways: readonly [OpenWay, ...OpenWay[]], name: string): OpenWay =>
  ways.find((way) => way.name === name) ?? ways[0];

type Remembered<T> = (key: string) => Promise<T>;

interface Asked {
  readonly numbers: Remembered<StageNumbers>;
  readonly settings: Remembered<ParsedSettings>;
  readonly patienceMs: number;
}

/** What can be told is told, with a sentence for each thing that cannot. */
const readPipeline = async (
  way: OpenWay,
  query: PipelineQuery,
  { numbers, settings, patienceMs }: Asked,
): Promise<Pipeline> => {
  const [read, allowed, now] = await Promise.allSettled([
    inTime(numbers(JSON.stringify({ ...query, way: way.name })), patienceMs),
    inTime(
      settings('').then((parsed) => allowedRequests(parsed, way, query.source)),
      patienceMs,
    ),
    inTime(queueNow(way), patienceMs),
  ]);
  const rate = allowed.status === 'fulfilled' ? allowed.value : undefined;
  return {
    ...(read.status === 'fulfilled' ? read.value : NO_NUMBERS),
    // A depth is of all sources together.
    ...(now.status === 'fulfilled' && query.source === '' && { now: now.value }),
    ...(rate !== undefined && { allowedRequests: rate }),
    problems: [
      ...(read.status === 'fulfilled' ? read.value.problems : [problemOf('The numbers', read.reason)]),
      ...(allowed.status === 'rejected' ? [problemOf('The allowed rate', allowed.reason)] : []),
      ...(now.status === 'rejected' ? [problemOf('The queues', now.reason)] : []),
    ],
  };
};

const inTime = async <T>(
  promise: Promise<T>,
  patienceMs: number,
  error = new Error(`No answer within ${patienceMs / 1_000} seconds; it is asked again.`),
): Promise<T> => {
  const waiting = new AbortController();
  const late = delay(patienceMs, undefined, { signal: waiting.signal, ref: false }).then(() => {
    throw error;
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => {});
    waiting.abort();
  }
};

const NO_NUMBERS = { times: [], stepSeconds: 60, measured: {}, sources: [], causes: [] };

const problemOf = (what: string, error: unknown): string => `${what} cannot be read: ${inWords(error)}`;

const allowedRequests = (settings: ParsedSettings, { name: way }: StageWay, source: string): number => {
  const rates =
    way === 'Segment'
      ? usableSources(settings).map(({ name, segmentRequestsPerSecond: rate }) => ({ name, rate }))
      : usableWorkspaces(settings).map(({ name, requestsPerSecond: rate }) => ({ name, rate }));
  return rates
    .filter(({ name }) => source === '' || name === source)
    .reduce((total, { rate }) => total + rate, 0);
};

const queueNow = async ({ queue, deadLetters }: OpenWay): Promise<NonNullable<Pipeline['now']>> => {
  const [depth, dead] = await Promise.all([depthOf(queue), depthOf(deadLetters)]);
  return { ...depth, deadLetters: dead.waiting + dead.inFlight };
};

/** Each is received and put back: nothing is taken, and for the moment of reading nobody else sees it. */
const readLetters = async (queue: Queue, limit: number, signal: AbortSignal): Promise<readonly Letter[]> => {
  const letters: Letter[] = [];
  const visit = async (seen: readonly Letter[]): Promise<readonly Letter[]> => {
    letters.push(...seen);
    return [];
  };
  await walk(queue, signal, visit, () => letters.length >= limit);
  return letters.slice(0, limit);
};
