// The Segment HTTP API -> the event queue.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { release } from '../lib/config/environment';
import { handleRequest } from '../lib/ingest/handle-request';
import { logger } from '../lib/observability';

logger.appendPersistentKeys({ release: release() });

export const handler = (request: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  handleRequest(request);
