// The events queue -> Customer.io. Lambda's poller deletes the messages this does not name in its answer
// and leaves the named ones on the queue.

import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { archiveIn } from '../lib/archive/firehose';
import { archiveStream, deadLetterQueueUrl, queueUrl } from '../lib/config/environment';
import { observeAsDeployed } from '../lib/config/observe';
import { usableWorkspaces } from '../lib/config/settings';
import { handleMessages } from '../lib/delivery/handle-messages';
import { customerIoConnector } from '../lib/destinations/customerio/destination';

observeAsDeployed();

export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  handleMessages(event, context, {
    connector: customerIoConnector,
    sourcesOf: usableWorkspaces,
    queueUrl,
    deadLetterQueueUrl,
    archive: () => archiveIn(archiveStream()),
  });
