// The options of a stage, in sets as they are used together. Values are those of a command line: text.

import type { StageOptions } from './package';

const DOMAIN = {
  domainName: 'events.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/c',
};

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** As many at once as go together. */
export const EVERY_OPTION = {
  ...DOMAIN,
  alarmEmail: 'operator@example.com',
  throttleRequestsPerSecond: '50',
  throttleBurst: '100',
  allowedOrigins: 'https://shop.example.com',
  hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  disableDefaultEndpoint: 'true',
  batchSize: '100',
  batchingWindowSeconds: '20',
  memorySize: '1024',
  sourceMetrics: 'false',
  watchedSources: '*',
  basePath: 'in',
  publicApiHost: 'events.example.com/in',
  serveAnalyticsJs: 'false',
  logLevel: 'WARN',
  logRetentionInDays: '7',
  deploymentRole: 'arn:aws:iam::111122223333:role/deploy-cio-relay',
  kmsKeyArn: KEY,
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  tracing: 'true',
  clientIpHeader: 'x-client-ip',
  producers: 'arn:aws:sns:us-east-1:111122223333:signups, arn:aws:events:us-east-1:111122223333:rule/orders',
  archive: 'on',
  archiveDays: '365',
  trafficShift: 'Canary10Percent5Minutes',
};

/** As many as go with a function URL in the place of API Gateway. */
export const FUNCTION_URL = {
  door: 'url',
  ingestConcurrency: '100',
  kmsKeyArn: KEY,
  tracing: 'true',
  archive: 'on',
  trafficShift: 'Canary10Percent5Minutes',
};

export const OPTION_SETS: Readonly<Record<string, StageOptions>> = {
  'no option': {},
  'every option': EVERY_OPTION,
  'a domain': DOMAIN,
  'a domain, all of it in AWS': { ...DOMAIN, hostedZoneId: 'Z0123456789', disableDefaultEndpoint: 'true' },
  'a domain that leads to other APIs too': { ...DOMAIN, basePath: 'in/events', publicApiHost: 'x.org/in' },
  'much traffic': { maxConsumers: '50', maxForwarders: '10', throttleRequestsPerSecond: '10000' },
  'somebody who is told': { alarmEmail: 'oncall@example.com', lateAfterSeconds: '300', logLevel: 'WARN' },
  'sources that are watched': { watchedSources: 'web-site,app_2,*', silentAfterMinutes: '90' },
  'little to spend': { sourceMetrics: 'false', batchingWindowSeconds: '20', memorySize: '256' },
  'a key of its own': { kmsKeyArn: KEY, alarmEmail: 'oncall@example.com' },
  'what an organisation asks for': {
    kmsKeyArn: KEY,
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
    tracing: 'true',
  },
  'an archive': { archive: 'on', archiveDays: '365' },
  'traffic that is shifted': { trafficShift: 'Linear10PercentEvery1Minute' },
  'a CDN in front': { ...DOMAIN, disableDefaultEndpoint: 'true', clientIpHeader: 'x-client-ip' },
  'a function URL for a door': { door: 'url' },
  'a function URL, and all that goes with it': FUNCTION_URL,
  'a role for CloudFormation': {
    deploymentRole: 'arn:aws:iam::111122223333:role/deploy',
    deletionProtection: 'false',
    logRetentionInDays: '365',
  },
};
