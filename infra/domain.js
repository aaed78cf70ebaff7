// A domain of your own for the HTTP API, for a stage that names one. Not YAML, because a stage without one must not have
// a template that speaks of it: what CloudFormation's conditions leave out, emulators and linters read all the same.

const { optionsOf } = require('./options');

/** What osls asks for the resources; it gives the stage's parameters through `resolveVariable`. */
module.exports = async ({ resolveVariable }) => {
  const names = ['domainName', 'certificateArn', 'hostedZoneId', 'basePath'];
  const { domainName, certificateArn, hostedZoneId, basePath } = await optionsOf(names, resolveVariable);
  if (domainName === '') return { Resources: {} };
  return {
    Resources: {
      Domain: domain(domainName, certificateArn),
      DomainMapping: mapping(basePath),
      ...(hostedZoneId === '' ? {} : { DomainRecord: record(domainName, hostedZoneId) }),
    },
    Outputs: {
      DomainTarget: {
        Description: 'What the CNAME or alias record of your domain must point to',
        Value: OF_DOMAIN('RegionalDomainName'),
      },
      DomainTargetZone: {
        Description: 'The hosted zone of that target, which an alias record names too',
        Value: OF_DOMAIN('RegionalHostedZoneId'),
      },
    },
  };
};

const OF_DOMAIN = (attribute) => ({ 'Fn::GetAtt': ['Domain', attribute] });

const domain = (domainName, certificateArn) => ({
  Type: 'AWS::ApiGatewayV2::DomainName',
  Properties: {
    DomainName: domainName,
    DomainNameConfigurations: [
      { CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
    ],
  },
});

/** API Gateway chooses a route without the base path, that of webhooks too, but may hand it on; ingest takes it away. */
const mapping = (basePath) => ({
  Type: 'AWS::ApiGatewayV2::ApiMapping',
  Properties: {
    ApiId: { Ref: 'HttpApi' },
    DomainName: { Ref: 'Domain' },
    Stage: { Ref: 'HttpApiStage' },
    ...(basePath === '' ? {} : { ApiMappingKey: basePath }),
  },
});

const record = (domainName, hostedZoneId) => ({
  Type: 'AWS::Route53::RecordSet',
  Properties: {
    HostedZoneId: hostedZoneId,
    Name: domainName,
    Type: 'A',
    AliasTarget: {
      DNSName: OF_DOMAIN('RegionalDomainName'),
      HostedZoneId: OF_DOMAIN('RegionalHostedZoneId'),
    },
  },
});
