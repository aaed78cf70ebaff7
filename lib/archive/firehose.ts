// The archive on Amazon Data Firehose, which gathers, compresses and stores. The only file that speaks to it. A call
// that is answered 200 may have taken a part of its records: the others are sent again, a few times, and then told.

import type { FirehoseClient, PutRecordBatchCommandOutput } from '@aws-sdk/client-firehose';
import { isObject } from '../json/json-object';
import { codeOfError } from '../observability';
import { sleep } from '../sleep';
import type { Archive, PutResult } from './archive';
import { type ArchiveCall, toCalls } from './calls';
import type { ArchiveRecord } from './records';

const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
/** Of a call as a whole. The second covers a connection that died while the process was frozen. */
const MAX_ATTEMPTS = 2;
/** Waits before records that were not taken are sent again; half of each is chance. */
const RESEND_DELAYS_MS = [100, 400];

/** The code stands still until it is needed: a deployment without an archive never loads it. */
const load = async () => {
  const { FirehoseClient, PutRecordBatchCommand } = await import('@aws-sdk/client-firehose');
  const client = new FirehoseClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  return { client, PutRecordBatchCommand };
};

type Loaded = Awaited<ReturnType<typeof load>> & { readonly client: FirehoseClient };

let loading: Promise<Loaded> | undefined;

/** The archive behind this delivery stream. Region, credentials and endpoint come from the SDK's own variables. */
export const archiveIn = (stream: string | undefined): Archive | undefined =>
  stream === undefined ? undefined : { put: (lines, deadline) => putLines(lines, deadline, stream) };

const putLines = async (
  lines: readonly string[],
  deadline: AbortSignal,
  stream: string,
): Promise<PutResult> => {
  loading ??= load();
  const target = { stream, deadline, loaded: await loading };
  let result = await putAll(lines, [...lines.keys()], target);
  for (const delayMs of RESEND_DELAYS_MS) {
    if (result.notTaken.length === 0 || deadline.aborted) break;
    await sleep(delayMs * (0.5 + Math.random() / 2), deadline);
    result = await putAll(lines, result.notTaken, target);
  }
  return result;
};

interface Target {
  readonly stream: string;
  readonly deadline: AbortSignal;
  readonly loaded: Loaded;
}

interface CallResult {
  readonly left: readonly ArchiveRecord[];
  readonly failure?: string | undefined;
}

/** Sends once the lines at these positions, in as many calls as they need, beside each other. */
const putAll = async (
  lines: readonly string[],
  positions: readonly number[],
  target: Target,
): Promise<PutResult> => {
  const calls = toCalls(
    target.stream,
    positions.map((position) => lines[position] ?? ''),
  );
  const results = await Promise.all(calls.map((call) => putOnce(call, target)));
  const notTaken = results.flatMap(({ left }) =>
    left.flatMap(({ from, count }) => positions.slice(from, from + count)),
  );
  if (notTaken.length === 0) return { notTaken };
  return {
    notTaken,
    failure: results.find(({ failure }) => failure !== undefined)?.failure ?? 'NotInAnswer',
  };
};

const putOnce = async (call: ArchiveCall, { deadline, loaded, stream }: Target): Promise<CallResult> => {
  const { client, PutRecordBatchCommand } = loaded;
  const command = new PutRecordBatchCommand({ DeliveryStreamName: stream, Records: [] });
  const body = call.end();
  // After the SDK's own writer, and before the request is measured and signed.
  command.middlewareStack.add(
    (next) => (args) => {
      if (isObject(args.request)) Object.assign(args.request, { body });
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  try {
    const output = await client.send(command, { abortSignal: deadline });
    // Not after a failure: the body may still be on its way out.
    call.release();
    return resultOf(call.records, output);
  } catch (error) {
    return { left: call.records, failure: codeOfError(error) };
  }
};

/** One answer for each record, in their order; one that has no RecordId was not taken, whatever else it says. */
const resultOf = (
  records: readonly ArchiveRecord[],
  { FailedPutCount: failed, RequestResponses: answers = [] }: PutRecordBatchCommandOutput,
): CallResult => {
  if (failed === 0 && answers.length === records.length) return { left: [] };
  const left = records.filter((_, index) => answers[index]?.RecordId === undefined);
  return { left, failure: answers.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode };
};
