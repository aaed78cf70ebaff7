// Reporting webhooks as API Gateway hands them to the function, signed as Customer.io signs.

import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

export const SIGNING_KEY = 'signing-key';

export interface WebhookRequest {
  readonly body: string | Buffer;
  readonly source?: string;
  readonly key?: string;
  /** Unix seconds. */
  readonly timestamp?: number;
  readonly headers?: Record<string, string>;
}

export const webhookRequest = ({
  body,
  source = 'shop',
  key = SIGNING_KEY,
  timestamp = 1_613_063_089,
  headers = {},
}: WebhookRequest): APIGatewayProxyEventV2 => {
  const bytes = Buffer.from(body);
  const signature = createHmac('sha256', key).update(`v0:${timestamp}:`).update(bytes).digest('hex');
  const isText = typeof body === 'string';
  return {
    headers: { 'x-cio-timestamp': String(timestamp), 'x-cio-signature': signature, ...headers },
    pathParameters: { source },
    requestContext: { requestId: 'request-1' },
    body: isText ? body : bytes.toString('base64'),
    isBase64Encoded: !isText,
  } as unknown as APIGatewayProxyEventV2;
};

export const lambdaContext = { awsRequestId: 'aws-request-1', functionName: 'webhook' } as Context;

export const sourceOf = (over: object = {}): object => ({
  name: 'shop',
  writeKey: 'write-key',
  siteId: 'site-id',
  apiKey: 'api-key',
  webhookSigningKeys: ['older-key', SIGNING_KEY],
  ...over,
});

/** What is planted in it must not be in any log. */
export const webhookOf = (over: object = {}): string =>
  JSON.stringify({
    event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
    object_type: 'email',
    metric: 'delivered',
    timestamp: 1_613_063_089,
    data: { identifiers: { id: '42', email: 'planted@example.com' }, subject: 'planted-subject' },
    ...over,
  });
