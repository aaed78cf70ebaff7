// The Segment HTTP API -> the event queue. An answer of 200 means that SQS has every event of the request;
// until then the sender keeps them. Nothing of a body is ever logged.

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { allowedOrigins, basePaths, release } from '../config/environment';
import { type Answer, emptyAnswer, healthAnswer, refusalAnswer, SUCCESS } from '../http/answer';
import { answerInTime } from '../http/answer-in-time';
import { countRefusal } from '../http/count-refusal';
import { refuseFailure } from '../http/door';
import { tellSums } from '../http/minute-tally';
import { methodNotAllowed, QUEUE_UNAVAILABLE, type Refusal, refuse } from '../http/refusal';
import { answerAnalyticsJs, answerChunk, answerPlugin } from './analytics-js';
import { answerEvents } from './answer-events';
import { answerSettings } from './answer-settings';
import { answerSourceConfig } from './answer-source-config';
import { corsHeaders, preflightHeaders } from './cors';
import { findPlace, withSingleSlashes } from './find-place';
import { isPixel, PIXEL, refusedPixel } from './pixel';
import type { PathParameters, Route } from './routes';

/** Ruby hangs up after eight seconds, the earliest of the SDKs; the function's own time-out is ten. */
const ANSWER_WITHIN_MS = 7_000;

export const handleRequest = async (request: APIGatewayProxyEventV2): Promise<Answer> => {
  const result = await answerInTime(ANSWER_WITHIN_MS, () => dispatch(request), {
    late: () => QUEUE_UNAVAILABLE,
    failed: (error) => refuseFailure(error, request.requestContext.requestId),
  });
  if ('code' in result) countRefusal(result, request.headers['user-agent']);
  tellSums();
  const answer = answerOf(request, result);
  const headers = { ...corsHeaders(request.headers['origin'], allowedOrigins()), ...answer.headers };
  return methodOf(request) === 'HEAD' ? { ...answer, headers, body: '' } : { ...answer, headers };
};

const answerOf = (request: APIGatewayProxyEventV2, result: Answer | Refusal): Answer => {
  if (isPixel(methodOf(request), withSingleSlashes(request.rawPath)))
    return 'code' in result ? refusedPixel(result) : PIXEL;
  return 'code' in result ? refusalAnswer(result) : result;
};

const methodOf = ({ requestContext }: APIGatewayProxyEventV2): string => requestContext.http.method;

const dispatch = (request: APIGatewayProxyEventV2): Promise<Answer | Refusal> | Answer | Refusal => {
  const { rawPath, requestContext } = request;
  const { match, prefix } = findPlace(methodOf(request), rawPath, requestContext.stage, basePaths);
  switch (match.kind) {
    case 'found':
      return answer(request, match.route, match.parameters, prefix);
    case 'preflight':
      return emptyAnswer(preflightHeaders(request.headers['access-control-request-headers']));
    case 'method_not_allowed':
      return methodNotAllowed(methodOf(request), match.allow);
    case 'not_found':
      return NOT_FOUND;
  }
};

/** Whoever looks at the URL of a webhook in a browser, or has put a slash at its end, comes here as well. */
const NOT_FOUND = refuse(
  'not_found',
  'There is nothing at this path. Events go to /v1/batch or /v1/{type}; reporting webhooks are POSTed to /webhooks/customerio/{source}.',
);

/** @param prefix what stands before the path of the route: stage and base path, or nothing. */
const answer = (
  request: APIGatewayProxyEventV2,
  route: Route,
  parameters: PathParameters,
  prefix: string,
): Promise<Answer | Refusal> | Answer => {
  const encoding = request.headers['accept-encoding'];
  switch (route.kind) {
    case 'event':
    case 'batch':
      // Of these routes only the pixel's takes HEAD, which asks what is there and stores nothing.
      return methodOf(request) === 'HEAD' ? SUCCESS : answerEvents(request, route);
    case 'telemetry':
      return SUCCESS;
    case 'health':
      return healthAnswer(release());
    case 'settings':
      return answerSettings(request, prefix, parameters['writeKey']);
    case 'source_config':
      return answerSourceConfig(request);
    case 'analytics_js':
      return answerAnalyticsJs(parameters['writeKey'], encoding);
    case 'analytics_js_chunk':
      return answerChunk(parameters['file'], encoding);
    case 'customerio_plugin':
      return answerPlugin(encoding);
  }
};
