// A stage on AWS, as serverless.yml names what is in it.

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

export interface AwsStage {
  readonly name: string;
  readonly region: string;
}

export const FUNCTION_NAMES = ['ingest', 'consumer', 'webhook', 'forwarder'] as const;

type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The name of its CloudFormation stack, with which the names of its functions, queues and alarms begin. */
export const stackName = ({ name }: AwsStage): string => `cio-relay-${name}`;

export const functionName = (stage: AwsStage, name: FunctionName): string => `${stackName(stage)}-${name}`;

const LOG_GROUPS = '/aws/lambda/';

/** The namespace of the metrics about events. */
export const metricsNamespace = (stage: AwsStage): string => `${stackName(stage)}/events`;

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
}

/** The log groups of its functions that exist. */
export const logGroupsOf = async (logs: CloudWatchLogsClient, stage: AwsStage): Promise<LogGroup[]> => {
  // Another stage may begin with the same name.
  const wanted = new Set(FUNCTION_NAMES.map((name) => LOG_GROUPS + functionName(stage, name)));
  const prefix = `${LOG_GROUPS}${stackName(stage)}-`;
  const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix });
  const { logGroups = [] } = await logs.send(command);
  return logGroups.flatMap(({ logGroupName: name, logGroupArn: arn }) =>
    name !== undefined && arn !== undefined && wanted.has(name) ? [{ name, arn }] : [],
  );
};

/** CloudWatch may answer with an empty page that is not the last one. */
const MAX_PAGES = 20;

/** The log lines that match a filter pattern of CloudWatch, oldest first; at most those of MAX_PAGES pages. */
export const readLog = async (
  logs: CloudWatchLogsClient,
  { arn }: LogGroup,
  filterPattern: string,
  startTime: number,
): Promise<FilteredLogEvent[]> => {
  const found: FilteredLogEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { logGroupIdentifier: arn, startTime, filterPattern, nextToken };
    const { events = [], nextToken: next } = await logs.send(new FilterLogEventsCommand(input));
    found.push(...events);
    if (next === undefined) break;
    nextToken = next;
  }
  return found;
};

/** The outputs of its stack by name, such as the address of the API and the release. */
export const stackOutputs = async (stage: AwsStage): Promise<ReadonlyMap<string, string>> => {
  const client = new CloudFormationClient({ region: stage.region });
  const { Stacks: [stack] = [] } = await client.send(
    new DescribeStacksCommand({ StackName: stackName(stage) }),
  );
  return new Map(
    (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
};
