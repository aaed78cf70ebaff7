// The activity queue -> Segment. Lambda's poller deletes the messages this does not name in its answer and
// leaves the named ones on the queue.

import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { activityDeadLetterQueueUrl, activityQueueUrl } from '../lib/config/environment';
import { observeAsDeployed } from '../lib/config/observe';
import { usableSources } from '../lib/config/settings';
import { handleMessages } from '../lib/delivery/handle-messages';
import { segmentConnector } from '../lib/destinations/segment/destination';

observeAsDeployed();

export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  handleMessages(event, context, {
    connector: segmentConnector,
    sourcesOf: usableSources,
    queueUrl: activityQueueUrl,
    deadLetterQueueUrl: activityDeadLetterQueueUrl,
  });
