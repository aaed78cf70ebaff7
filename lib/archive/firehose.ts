// The archive on Amazon Data Firehose, which gathers, compresses and stores. The only file that speaks to it. A call
// that is answered 200 may have taken a part of its records: the others are sent again, a few times, and then told.

import type { FirehoseClient, PutRecordBatchCommandOutput } from '@aws-sdk/client-firehose';
import { isObject } from '../json/json-object';
import { codeOfError } from '../observability';
import { sleep } from '../sleep';
import type { Archive, PutResult } from './archive';
import { type ArchiveRecord, toCalls, toRecords } from './records';

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
  const loaded = await loading;
  const calls = toCalls(toRecords(lines));
  return combine(await Promise.all(calls.map((records) => putCall(records, { stream, deadline, loaded }))));
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

const putCall = async (records: readonly ArchiveRecord[], target: Target): Promise<CallResult> => {
  let result = await putOnce(records, target);
  for (const delayMs of RESEND_DELAYS_MS) {
    if (result.left.length === 0 || target.deadline.aborted) break;
    await sleep(delayMs * (0.5 + Math.random() / 2), target.deadline);
    result = await putOnce(result.left, target);
  }
  return result;
};

const putOnce = async (records: readonly ArchiveRecord[], target: Target): Promise<CallResult> => {
  const { client, PutRecordBatchCommand } = target.loaded;
  const command = new PutRecordBatchCommand({ DeliveryStreamName: target.stream, Records: [] });
  const body = bodyOf(target.stream, records);
  // After the SDK's own writer, and before the request is measured and signed.
  command.middlewareStack.add(
    (next) => (args) => {
      if (isObject(args.request)) Object.assign(args.request, { body });
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  try {
    return resultOf(records, await client.send(command, { abortSignal: target.deadline }));
  } catch (error) {
    return { left: records, failure: codeOfError(error) };
  }
};

/** As the SDK writes it, which encodes byte by byte: of what a line costs that was more than all the rest. */
const bodyOf = (stream: string, records: readonly ArchiveRecord[]): Buffer => {
  const parts = [`{"DeliveryStreamName":"${stream}","Records":[`];
  for (const [index, { data }] of records.entries())
    parts.push(index === 0 ? '{"Data":"' : ',{"Data":"', data, '"}');
  parts.push(']}');
  const body = Buffer.allocUnsafe(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += body.write(part, at, 'latin1');
  return body;
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

const combine = (results: readonly CallResult[]): PutResult => {
  const notTaken = results.flatMap(({ left }) =>
    left.flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => from + index)),
  );
  if (notTaken.length === 0) return { notTaken };
  return {
    notTaken,
    failure: results.find(({ failure }) => failure !== undefined)?.failure ?? 'NotInAnswer',
  };
};
