// What the local stack needs of the resolved serverless.yml. Pure; defaults are AWS's own, so that a setting left
// out means here what it means there.

import type { EventSourceSettings } from './event-source';
import type { CloudFormationResources } from './queue-definitions';

/** The part of osls's resolved service that is read here. */
export interface ServiceConfig {
  readonly provider: { readonly region: string; readonly stage: string };
  readonly functions: Readonly<Record<string, FunctionConfig>>;
  readonly resources?: { readonly Resources?: CloudFormationResources };
}

interface FunctionConfig {
  /** The deployed name, `<service>-<stage>-<function>`. */
  readonly name: string;
  readonly environment?: Record<string, unknown>;
  readonly events?: readonly { readonly sqs?: SqsEventConfig }[];
}

interface SqsEventConfig {
  readonly arn: { readonly 'Fn::GetAtt': readonly [logicalId: string, attribute: string] };
  readonly batchSize?: number;
  readonly maximumBatchingWindow?: number;
  readonly maximumConcurrency?: number;
  readonly functionResponseType?: string;
}

export interface EventSourceConfig extends EventSourceSettings {
  readonly functionName: string;
  readonly queueLogicalId: string;
}

const DEFAULT_BATCH_SIZE = 10;
/** How many pollers Lambda starts with. */
const DEFAULT_CONCURRENCY = 5;

export const eventSourceConfigs = ({ functions }: ServiceConfig): EventSourceConfig[] =>
  Object.values(functions).flatMap(({ name, events = [] }) =>
    events.flatMap(({ sqs }) => (sqs ? [toEventSourceConfig(name, sqs)] : [])),
  );

const toEventSourceConfig = (functionName: string, sqs: SqsEventConfig): EventSourceConfig => ({
  functionName,
  queueLogicalId: sqs.arn['Fn::GetAtt'][0],
  batchSize: sqs.batchSize ?? DEFAULT_BATCH_SIZE,
  batchingWindowSeconds: sqs.maximumBatchingWindow ?? 0,
  maximumConcurrency: sqs.maximumConcurrency ?? DEFAULT_CONCURRENCY,
  reportsBatchItemFailures: sqs.functionResponseType === 'ReportBatchItemFailures',
});
