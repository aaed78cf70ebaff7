// The functions of a stage: whether they can run, which version they are, and whether the queues reach them.

import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { type AwsStage, FUNCTION_NAMES, functionName } from '../aws-stage';
import { arnOf } from '../dead-letters/move-task';
import { deployCommand } from '../next-command';
import { QUEUES, type Target } from '../target';
import { bad, type Finding, good, lookAt, warning } from './finding';

const deployAgain = ({ name }: AwsStage): string => `Deploy again:${deployCommand(name)}`;

/** @param release the stack's; undefined when it could not be read. */
export const lookAtFunctions = async (stage: AwsStage, release: string | undefined): Promise<Finding[]> => {
  const lambda = new LambdaClient({ region: stage.region });
  const looks = FUNCTION_NAMES.map((name) =>
    lookAt(`function ${name}`, async () => {
      const command = new GetFunctionConfigurationCommand({ FunctionName: functionName(stage, name) });
      return [
        stateOf(`function ${name}`, await lambda.send(command), { release, remedy: deployAgain(stage) }),
      ];
    }),
  );
  return (await Promise.all(looks)).flat();
};

const FED = { consumer: QUEUES.events, forwarder: QUEUES.activity } as const;

/** Whether each queue is handed to its function. */
export const lookAtTriggers = async (stage: AwsStage, target: Target): Promise<Finding[]> => {
  const lambda = new LambdaClient({ region: stage.region });
  const looks = (['consumer', 'forwarder'] as const).map((name) => {
    const about = `function ${name}`;
    return lookAt(about, async () => {
      const queue = await arnOf(await target.queue(FED[name]));
      return [await triggerOf(about, lambda, queue, { stage, name })];
    });
  });
  return (await Promise.all(looks)).flat();
};

const stateOf = (
  about: string,
  { State: state, StateReason, LastUpdateStatus: update, ...rest }: GetFunctionConfigurationCommandOutput,
  { release, remedy }: { readonly release: string | undefined; readonly remedy: string },
): Finding => {
  // `Inactive` is no fault: Lambda puts a function aside that was not called for weeks, and the next call wakes it.
  if (state === 'Failed' || update === 'Failed') {
    const why = StateReason ?? rest.LastUpdateStatusReason ?? 'Lambda does not say why';
    return bad(about, `it cannot run: ${why}`, remedy);
  }
  const own = rest.Environment?.Variables?.['RELEASE'] ?? 'unknown';
  const what = `${state ?? 'unknown'}, release ${own}, ${rest.Runtime ?? 'unknown runtime'}`;
  return release === undefined || release === own
    ? good(about, what)
    : warning(about, `${what}; the stack is release ${release}`, remedy);
};

/** By the queue: by the function Lambda names only what calls it directly, and not by the alias that shifts its traffic. */
const triggerOf = async (
  about: string,
  lambda: LambdaClient,
  queue: string,
  { stage, name }: { readonly stage: AwsStage; readonly name: (typeof FUNCTION_NAMES)[number] },
): Promise<Finding> => {
  const command = new ListEventSourceMappingsCommand({ EventSourceArn: queue });
  const { EventSourceMappings: mappings = [] } = await lambda.send(command);
  const mapping = mappings.find(({ FunctionArn: arn = '' }) => nameIn(arn) === functionName(stage, name));
  if (mapping === undefined)
    return bad(about, 'no queue leads to it: nothing is delivered', deployAgain(stage));
  if (mapping.State === 'Enabled' || mapping.State === 'Updating') {
    return good(about, `its queue is read, by ${mapping.ScalingConfig?.MaximumConcurrency ?? '?'} at most`);
  }
  return bad(
    about,
    `its queue is not read: the event source is ${mapping.State}`,
    `Switch it on: aws lambda update-event-source-mapping --enabled --uuid ${mapping.UUID}`,
  );
};

/** `arn:aws:lambda:eu-west-1:111122223333:function:cio-relay-prod-consumer:live`; the alias is none of it. */
const nameIn = (functionArn: string): string | undefined => functionArn.split(':')[6];
