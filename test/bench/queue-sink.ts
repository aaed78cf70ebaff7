// An SQS that takes messages, counts the events in them and keeps none, so that a million need no memory; and a
// parameter store with one source. For measuring whoever sends.

import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { startServer } from '../support/http-server';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

export interface QueueSink {
  readonly env: Record<string, string>;
  /** The events taken so far; counts from 0 again. */
  reset(): number;
  close(): Promise<void>;
}

const SOURCES = JSON.stringify([{ name: 'bench', writeKey: 'w', siteId: 's', apiKey: 'k' }]);

export const startQueueSink = async (): Promise<QueueSink> => {
  let events = 0;
  const server = await startServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).split('.')[1];
    const body = (await json(request)) as {
      readonly Entries?: readonly Entry[];
      readonly QueueName?: string;
    };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (action === 'GetQueueUrl')
      return response.end(JSON.stringify({ QueueUrl: `${server.url}/0/${body.QueueName}` }));
    if (action === 'GetParameter') return response.end(JSON.stringify({ Parameter: { Value: SOURCES } }));
    for (const { MessageBody } of body.Entries ?? []) events += MessageBody.split('"messageId"').length - 1;
    const Successful = body.Entries?.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    return response.end(JSON.stringify({ Successful, Failed: [] }));
  });
  return {
    env: {
      AWS_ENDPOINT_URL_SQS: server.url,
      AWS_ENDPOINT_URL_SSM: server.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    },
    reset: () => {
      const taken = events;
      events = 0;
      return taken;
    },
    close: server.close,
  };
};
