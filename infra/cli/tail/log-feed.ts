// What happens on a stage: CloudWatch's live tail of the logs of its functions. A session ends after three hours, and
// another one goes on; what was logged between the two is in the log and not here.

import {
  CloudWatchLogsClient,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { Failure } from '../failure';
import { logGroupsOf, type Stage } from '../stage';
import type { Feed } from './happening';
import { happeningsIn } from './log-line';

export const logFeed = (stage: Stage): Feed =>
  async function* (signal) {
    const logs = new CloudWatchLogsClient({ region: stage.region });
    const groups = await logGroupsOf(logs, stage);
    if (groups.length === 0) {
      throw new Failure(
        `There are no logs of the stage ${stage.name} in ${stage.region}.`,
        'Check --stage and AWS_REGION: `npx serverless info --stage <stage>` shows what is deployed.',
      );
    }
    const command = new StartLiveTailCommand({ logGroupIdentifiers: groups.map(({ arn }) => arn) });
    while (!signal.aborted) {
      const { responseStream } = await logs.send(command, { abortSignal: signal });
      if (responseStream !== undefined) yield* readSession(responseStream);
    }
  };

async function* readSession(session: AsyncIterable<StartLiveTailResponseStream>) {
  for await (const { sessionUpdate, SessionStreamingException: broken } of session) {
    if (broken !== undefined) return;
    for (const { message = '', timestamp = Date.now() } of sessionUpdate?.sessionResults ?? []) {
      yield* happeningsIn(message, timestamp);
    }
  }
}
