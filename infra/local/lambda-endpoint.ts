// Invokes a function through serverless-offline's local Lambda API, as the AWS SDK's Lambda client would.

import type { SQSEvent } from 'aws-lambda';

/** @throws Error when the function failed, timed out or answered what is not JSON. */
export const invokeFunction = async (
  baseUrl: string,
  functionName: string,
  event: SQSEvent,
): Promise<unknown> => {
  const response = await fetch(`${baseUrl}/2015-03-31/functions/${functionName}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${functionName} could not be invoked: ${response.status}`);
  if (response.headers.has('x-amz-function-error'))
    throw new Error(`${functionName} threw: ${errorMessage(text)}`);
  return text === '' ? null : JSON.parse(text);
};

const errorMessage = (text: string): unknown => (JSON.parse(text) as { errorMessage?: unknown }).errorMessage;
