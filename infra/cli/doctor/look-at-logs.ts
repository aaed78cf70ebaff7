// The logs of the functions: whether they can be read, and the last errors in them.

import { CloudWatchLogsClient, type FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { isObject } from '../../../lib/json/json-object';
import { type AwsStage, type LogGroup, logGroupsOf, readLog } from '../aws-stage';
import { duration, plural } from '../layout';
import { deployCommand } from '../next-command';
import { bad, type Finding, good, lookAt, warning } from './finding';

const LAST_MS = 24 * 3_600_000;
/** Finds the functions' own lines of level ERROR, and Lambda's when it ends a function. */
const ERRORS = '?"\\"level\\":\\"ERROR\\"" ?"Task timed out" ?"Runtime exited" ?"Uncaught Exception"';
const MAX_SHOWN_ERRORS = 3;

export const lookAtLogs = (stage: AwsStage): Promise<readonly Finding[]> =>
  lookAt('logs', async () => {
    const logs = new CloudWatchLogsClient({ region: stage.region });
    const groups = await logGroupsOf(logs, stage);
    if (groups.length === 0) return [bad('logs', 'there are none', `Deploy:${deployCommand(stage.name)}`)];
    return (await Promise.all(groups.map((group) => lookAtGroup(logs, group)))).flat();
  });

const lookAtGroup = (logs: CloudWatchLogsClient, group: LogGroup): Promise<readonly Finding[]> => {
  const about = `log of ${group.name.split('-').at(-1)}`;
  return lookAt(about, async () => {
    const errors = await readLog(logs, group, ERRORS, Date.now() - LAST_MS);
    if (errors.length === 0) return [good(about, 'no error in the last 24 hours')];
    return [
      warning(
        about,
        `${plural(errors.length, 'error')} in the last 24 hours, the last ${duration(ageOf(errors))} ago: ${wordsOf(errors)}`,
        `docs/operations.md, Alarms, has the remedy. All of them: aws logs tail ${group.name} --since 1d`,
      ),
    ];
  });
};

const ageOf = (errors: readonly FilteredLogEvent[]): number =>
  Date.now() - Math.max(...errors.map(({ timestamp = 0 }) => timestamp));

/** The latest distinct messages, latest first. */
const wordsOf = (errors: readonly FilteredLogEvent[]): string =>
  [...new Set(errors.toReversed().map(({ message = '' }) => wordsIn(message)))]
    .slice(0, MAX_SHOWN_ERRORS)
    .join('; ');

const MAX_WORDS_CHARACTERS = 200;

/** The message of a log line with its advice, mistake or error name, whichever it has. */
const wordsIn = (line: string): string => {
  try {
    const parsed: unknown = JSON.parse(line);
    if (!isObject(parsed)) return line;
    const { message, advice, mistake, errorName } = parsed;
    const said = [message, advice ?? mistake ?? errorName].filter((word) => typeof word === 'string');
    return said.join(': ').slice(0, MAX_WORDS_CHARACTERS);
  } catch {
    return line.trim().slice(0, MAX_WORDS_CHARACTERS);
  }
};
