// Customer.io's reporting webhooks -> the activity queue.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { observeAsDeployed } from '../lib/config/observe';
import { handleWebhook } from '../lib/webhook/handle-webhook';

observeAsDeployed();

export const handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => handleWebhook(event, context);
