// Customer.io's reporting webhooks -> the activity queue.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { release } from '../lib/config/environment';
import { logger } from '../lib/observability';
import { handleWebhook } from '../lib/webhook/handle-webhook';

logger.appendPersistentKeys({ release: release() });

export const handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => handleWebhook(event, context);
