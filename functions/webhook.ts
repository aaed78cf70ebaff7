// Customer.io's reporting webhooks -> the activity queue.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { handleWebhook } from '../lib/webhook/handle-webhook';

export const handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => handleWebhook(event, context);
