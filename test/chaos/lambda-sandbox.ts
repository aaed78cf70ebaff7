// What a process of the tests needs to be one of Lambda's sandboxes around the real consumer: a deadline, and
// a word to the parent about each invocation.

import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handler } from '../../functions/consumer';
import type { Notice } from './consumer-protocol';

export const tell = (notice: Notice): void => {
  process.send?.(notice);
};

/** Ends with the parent, which may have been killed, and runs `stop` when the parent asks to end in peace. */
export const endWithParent = (stop: () => Promise<void>): void => {
  process.on('disconnect', () => process.exit(1));
  process.on('message', async () => {
    await stop();
    // Not before all that was told has gone out.
    process.send?.({ kind: 'stopped' } satisfies Notice, () => process.exit(0));
  });
};

/** Tells the moment each request to `host:port` leaves, on the clock that all processes share. */
export const tellRequests = (customerIoHost: string): void => {
  // Not when it is finished: an answer may come before that, and then it never is.
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest };
    if (request.getHeader('host') !== customerIoHost) return;
    tell({ kind: 'request', startedAtMs: performance.timeOrigin + performance.now() });
  });
};

/** To be called for one event at a time, as a sandbox is. */
export const invoke = async (event: SQSEvent, functionTimeoutMs: number): Promise<SQSBatchResponse> => {
  const deadline = Date.now() + functionTimeoutMs;
  tell({ kind: 'invoked', messages: event.Records.length });
  const answer = await handler(event, contextWith(deadline));
  const { length: returned } = answer.batchItemFailures;
  tell({ kind: 'answered', returned, isLate: Date.now() > deadline });
  return answer;
};

const contextWith = (deadline: number): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'consumer',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:consumer',
  memoryLimitInMB: '512',
  awsRequestId: 'chaos',
  logGroupName: 'chaos',
  logStreamName: 'chaos',
  getRemainingTimeInMillis: () => deadline - Date.now(),
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});
