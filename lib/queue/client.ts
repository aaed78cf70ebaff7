// The one SQS client of a process: its connections are kept for the next invocation. Region, credentials and
// endpoint come from the SDK's own variables (`AWS_REGION`, `AWS_ENDPOINT_URL_SQS`), never from code.

import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * A request that hangs is worse than one that fails: the SDKs that call ingest give up after 8 s at the
 * earliest, and three attempts of two seconds stay below that.
 */
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
/**
 * Attempts of one call, the first included. The second also covers a connection that died while the sandbox was
 * frozen.
 */
const MAX_ATTEMPTS = 3;

export const sqs = new SQSClient({
  maxAttempts: MAX_ATTEMPTS,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Without it the SDK only prints a warning when the request timeout has passed.
    throwOnRequestTimeout: true,
  },
});
