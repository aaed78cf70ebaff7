import { eventSourceConfigs, type ServiceConfig } from '../../../infra/local/service-config';

const serviceWith = (functions: ServiceConfig['functions']): ServiceConfig => ({
  provider: { region: 'us-east-1', stage: 'local' },
  functions,
});

const arn = { 'Fn::GetAtt': ['EventQueue', 'Arn'] } as const;

it('What serverless.yml says of an sqs event is what the local event source does', () => {
  const configs = eventSourceConfigs(
    serviceWith({
      ingest: { name: 'cio-relay-local-ingest', events: [{}] },
      consumer: {
        name: 'cio-relay-local-consumer',
        events: [
          {
            sqs: {
              arn,
              batchSize: 1_000,
              maximumBatchingWindow: 1,
              maximumConcurrency: 5,
              functionResponseType: 'ReportBatchItemFailures',
            },
          },
        ],
      },
    }),
  );

  expect(configs).toEqual([
    {
      functionName: 'cio-relay-local-consumer',
      queueLogicalId: 'EventQueue',
      batchSize: 1_000,
      batchingWindowSeconds: 1,
      maximumConcurrency: 5,
      reportsBatchItemFailures: true,
    },
  ]);
});

it('What is left out is what AWS takes then', () => {
  const [config] = eventSourceConfigs(
    serviceWith({ consumer: { name: 'consumer', events: [{ sqs: { arn } }] } }),
  );

  expect(config).toMatchObject({
    batchSize: 10,
    batchingWindowSeconds: 0,
    maximumConcurrency: 5,
    reportsBatchItemFailures: false,
  });
});

it('A function without events has no event source', () => {
  expect(eventSourceConfigs(serviceWith({ tool: { name: 'tool' } }))).toEqual([]);
});
