// The Segment HTTP API -> the event queue.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { keepEnvironmentAtHand } from '../lib/config/environment';
import { observeAsDeployed } from '../lib/config/observe';
import { handleRequest } from '../lib/ingest/handle-request';

keepEnvironmentAtHand();
observeAsDeployed();

export const handler = (request: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  handleRequest(request);
