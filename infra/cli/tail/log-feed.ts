// What happens on a stage: CloudWatch's live tail of the logs of its functions. A session ends after three hours, and
// another one goes on; what was logged between the two is in the log and not here.

import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { abortable } from '../abortable';
import { type AwsStage, logGroupsOf } from '../aws-stage';
import { Failure } from '../failure';
import type { Feed } from './happening';
import { happeningsIn } from './log-line';

/** Waited between two sessions, so that sessions that end at once are not started without end. */
const PAUSE_MS = 1_000;

export const logFeed = (stage: AwsStage): Feed =>
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
    for (;;) {
      const { responseStream } = await logs.send(command, { abortSignal: signal });
      if (responseStream !== undefined) yield* readSession(abortable(responseStream, signal));
      await delay(PAUSE_MS, undefined, { signal });
    }
  };

async function* readSession(session: AsyncIterable<StartLiveTailResponseStream>) {
  try {
    for await (const { sessionUpdate } of session) {
      for (const { message = '', timestamp = Date.now() } of sessionUpdate?.sessionResults ?? []) {
        yield* happeningsIn(message, timestamp);
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || !ENDS_A_SESSION.has(error.name)) throw error;
  }
}

const ENDS_A_SESSION: ReadonlySet<string> = new Set(['SessionTimeoutException', 'SessionStreamingException']);
