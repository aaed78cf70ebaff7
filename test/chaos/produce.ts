// Sends a workload: requests to the real ingest handler as an SDK makes them, which sends again what was not
// taken, and messages put on the queue by hand.

import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Parcel } from './workload';

export type Ingest = (request: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

export interface Producer {
  readonly ingest: Ingest;
  readonly writeKey: string;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
}

export interface Produced {
  readonly requests: number;
  /** Requests that were made again because the answer was not 200. */
  readonly retries: number;
  readonly messagesByHand: number;
}

/** As many SDKs as send at the same moment. */
const CONNECTIONS = 8;
const MAX_ATTEMPTS = 10;

/** @throws Error when a request is refused for good: the workload holds none that should be. */
export const produce = async (sendings: readonly Parcel[], producer: Producer): Promise<Produced> => {
  const produced = { requests: 0, retries: 0, messagesByHand: 0 };
  const waiting = sendings.values();
  const work = async (): Promise<void> => {
    for (const parcel of waiting) {
      if (parcel.via === 'hand') {
        await putByHand(parcel, producer);
        produced.messagesByHand += 1;
      } else {
        produced.retries += await sendAsSdk(parcel, producer);
        produced.requests += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return produced;
};

/** Answers how often it had to be sent again. */
const sendAsSdk = async ({ events }: Parcel, { ingest, writeKey }: Producer): Promise<number> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const sentAt = new Date().toISOString();
    const body = JSON.stringify({ batch: events.map(({ event }) => event), sentAt });
    const { statusCode = 0, body: answer } = await ingest(requestOf(body, writeKey));
    if (statusCode === 200) return attempt;
    if (statusCode < 500 && statusCode !== 429) throw new Error(`Ingest answered ${statusCode}: ${answer}`);
  }
  throw new Error(`Ingest did not take a request in ${MAX_ATTEMPTS} attempts.`);
};

/** What API Gateway hands over for `POST /v1/batch`. */
const requestOf = (body: string, writeKey: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'ANY /v1/{proxy+}',
  rawPath: '/v1/batch',
  rawQueryString: '',
  headers: {
    authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
    'content-type': 'application/json',
  },
  requestContext: {
    accountId: '000000000000',
    apiId: 'chaos',
    domainName: 'localhost',
    domainPrefix: '',
    http: {
      method: 'POST',
      path: '/v1/batch',
      protocol: 'HTTP/1.1',
      sourceIp: '203.0.113.7',
      userAgent: 'chaos',
    },
    requestId: 'chaos',
    routeKey: 'ANY /v1/{proxy+}',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 0,
  },
  body,
  isBase64Encoded: false,
});

const putByHand = async (parcel: Parcel, { sqs, queueUrl }: Producer): Promise<void> => {
  const { source, attributes = {} } = parcel;
  const values = Object.entries({ ...attributes, ...(source !== undefined && { source }) });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: bodyOf(parcel),
      MessageAttributes: Object.fromEntries(
        values.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
};

/** The three forms a message may have: an event, an array, a `batch`. */
const bodyOf = ({ events: planned }: Parcel): string => {
  const events = planned.map(({ event }) => event);
  const [first] = events;
  if (typeof first === 'string') return first;
  if (events.length === 1) return JSON.stringify(first);
  return JSON.stringify(events.length === 2 ? events : { batch: events });
};
