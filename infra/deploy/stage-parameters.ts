// The parameters of a stage: which there are, and what each may be. Pure. serverless.yml has their defaults and
// docs/operations.md what each is good for; a test compares the three.

export type Parameters = Readonly<Record<string, unknown>>;

interface ParameterRule {
  readonly isRight: (value: unknown) => boolean;
  /** Ends the sentence "… must be". */
  readonly must: string;
}

const text = (pattern: RegExp, must: string): ParameterRule => ({
  isRight: (value) => typeof value === 'string' && pattern.test(value),
  must,
});

/** As numbers or digits: what the command line gives is text. */
const wholeNumber = (least: number, most: number): ParameterRule => ({
  isRight: (value) => /^\d+$/.test(textOf(value)) && Number(value) >= least && Number(value) <= most,
  must: `a whole number from ${least} to ${most}`,
});

const oneOf = (...values: readonly (string | number)[]): ParameterRule => ({
  isRight: (value) => values.some((allowed) => `${allowed}` === textOf(value)),
  must: `one of ${values.join(', ')}`,
});

const yesOrNo = oneOf('true', 'false');

const TAG_NAME = /^(?!aws:)[\p{L}\p{N}\p{Z}_.:/=+@-]{1,128}$/iu;
const TAG_TEXT = /^[\p{L}\p{N}\p{Z}_.:/=+@-]{0,256}$/u;

/** A record of texts, of what every service takes as a tag; tags cannot come from the command line. */
const tags: ParameterRule = {
  isRight: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([name, tag]) => TAG_NAME.test(name) && typeof tag === 'string' && TAG_TEXT.test(tag),
    ),
  must: 'names with a text each, like `team: growth`, of letters, digits, spaces and `_.:/=+@-`, not `aws:` first',
};

/** CloudWatch Logs takes no other numbers of days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const HOST = '([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}';

/**
 * A name with a `*` is none: it would let in whatever somebody calls so. Nor is one with a comma, though IAM allows it:
 * the list would be cut there, and let in who is called like its beginning.
 */
const PRODUCER = `arn:aws[\\w-]*:(${[
  'sns:[a-z0-9-]+:\\d{12}:[\\w.-]+',
  'events:[a-z0-9-]+:\\d{12}:rule/[\\w./-]+',
  'iam::\\d{12}:(root|(role|user)/[\\w+=.@/-]+)',
].join('|')})`;

/** Least and most of those that have a part in what a stage costs. */
export const BOUNDS = {
  batchSize: [1, 10_000],
  // MAX_BATCHING_WINDOW_SECONDS of lib/delivery/retry-policy.ts: a message is hidden for as long.
  batchingWindowSeconds: [0, 60],
  memorySize: [256, 10_240],
} as const;
/** Above it Lambda takes no window of no length. */
export const MAX_BATCH_WITHOUT_WINDOW = 10;

const RULES: Readonly<Record<string, ParameterRule>> = {
  environment: oneOf('aws', 'local'),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region of AWS, like `eu-west-1`'),
  logRetentionInDays: oneOf(...RETENTION_DAYS),
  logLevel: oneOf('DEBUG', 'INFO', 'WARN', 'ERROR'),
  maxConsumers: wholeNumber(2, 1_000),
  maxForwarders: wholeNumber(2, 1_000),
  batchSize: wholeNumber(...BOUNDS.batchSize),
  batchingWindowSeconds: wholeNumber(...BOUNDS.batchingWindowSeconds),
  memorySize: wholeNumber(...BOUNDS.memorySize),
  sourceMetrics: yesOrNo,
  throttleRequestsPerSecond: wholeNumber(1, 10_000),
  throttleBurst: wholeNumber(1, 5_000),
  door: oneOf('api', 'url'),
  ingestConcurrency: wholeNumber(1, 10_000),
  domainName: text(new RegExp(`^(${HOST})?$`), 'a domain in lower case, like `events.example.com`'),
  certificateArn: text(
    /^$|^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in ACM',
  ),
  hostedZoneId: text(/^[A-Z0-9]*$/, 'the id of a hosted zone in Route 53, like `Z0123456789ABCDEFGHIJ`'),
  disableDefaultEndpoint: yesOrNo,
  basePath: text(/^([\w$.+!*'()-]+(\/[\w$.+!*'()-]+)*)?$/, 'a path without slashes around it, like `events`'),
  allowedOrigins: text(
    /^(\*|[a-z][\w+.-]*:\/\/[^\s/]+\/?(,\s*[a-z][\w+.-]*:\/\/[^\s/]+\/?)*)$/i,
    [
      '`*` or origins with scheme and without path',
      'separated by commas, like `https://shop.example.com`',
    ].join(', '),
  ),
  publicApiHost: text(
    /^([\w.-]+(:\d+)?(\/[\w./-]*)?)?$/,
    'a host without a scheme, like `events.example.com`',
  ),
  producers: text(
    new RegExp(`^(${PRODUCER}(,\\s*${PRODUCER})*)?$`),
    'ARNs of topics in SNS, rules of EventBridge, roles or users, separated by commas',
  ),
  serveAnalyticsJs: yesOrNo,
  clientIpHeader: text(/^[a-z0-9-]*$/, 'the name of a header in lower case, like `x-client-ip`'),
  alarmEmail: text(/^([^\s@]+@[^\s@]+\.[^\s@]+)?$/, 'an email address'),
  lateAfterSeconds: wholeNumber(60, 604_800),
  runbookUrl: text(/^[^\s#]{1,300}$/, 'an address without spaces and without `#`'),
  remindAtHour: wholeNumber(0, 23),
  apiErrorsPercent: wholeNumber(1, 100),
  refusedInFiveMinutes: wholeNumber(0, 1_000_000),
  // As lib/config/source.ts has them: an alarm on another would be on for good, and CloudWatch takes ASCII alone.
  watchedSources: text(
    /^((\*|[\w.-]{1,100})(,\s*(\*|[\w.-]{1,100}))*)?$/,
    'names of sources, separated by commas, or `*` for all',
  ),
  // CloudWatch looks back a day at most.
  silentAfterMinutes: wholeNumber(1, 1_440),
  archive: oneOf('off', 'on'),
  archiveDays: wholeNumber(1, 3_650),
  deploymentRole: text(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of a role'),
  // CloudFormation's longest monitoring time.
  rollbackAfterMinutes: wholeNumber(0, 180),
  trafficShift: oneOf(
    'none',
    'AllAtOnce',
    'Canary10Percent5Minutes',
    'Canary10Percent10Minutes',
    'Canary10Percent15Minutes',
    'Canary10Percent30Minutes',
    'Linear10PercentEvery1Minute',
    'Linear10PercentEvery2Minutes',
    'Linear10PercentEvery3Minutes',
    'Linear10PercentEvery10Minutes',
  ),
  deletionProtection: yesOrNo,
  permissionsBoundary: text(
    /^(arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+)?$/,
    'the ARN of a policy',
  ),
  kmsKeyArn: text(
    /^(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+)?$/,
    'the ARN of a key in KMS; an alias is none',
  ),
  tracing: yesOrNo,
  stackTags: tags,
  packages: oneOf('bundle', 'external'),
  minify: yesOrNo,
  sourcemap: oneOf('external', 'true', 'false'),
};

export const PARAMETER_NAMES: readonly string[] = Object.keys(RULES);

/**
 * A sentence for each mistake. Null is a parameter that is not set; a value that osls has still to look up
 * (`${ssm:…}`) is taken as it is.
 */
export const parameterMistakes = (given: Parameters, stage: string): string[] => [
  ...Object.entries(given).flatMap(([name, value]) => mistakeOf(name, value, stage)),
  ...PAIRS.flatMap(([name, other]) =>
    isSet(given[name]) && !isSet(given[other])
      ? [`The parameter ${name} of the stage ${stage} needs ${other} too.`]
      : [],
  ),
  ...CONFLICTS.flatMap(({ holds, mistake }) => (holds(given) ? [mistake] : [])),
  ...stageMistakes(given, stage),
];

/** What is left of a function's 64 characters beside `cio-relay-` and `-forwarder`. */
const MAX_STAGE_LETTERS = 44;
/** The only one that runs on this machine. */
const LOCAL = 'local';

const stageMistakes = ({ environment }: Parameters, stage: string): string[] => [
  ...(stage.length > MAX_STAGE_LETTERS
    ? [`The name of the stage ${stage} must have at most ${MAX_STAGE_LETTERS} letters.`]
    : []),
  ...(environment === LOCAL && stage !== LOCAL
    ? [
        `The parameter environment of the stage ${stage} must be aws: with \`local\` it would send to the local stack of this machine.`,
      ]
    : []),
];

/** What API Gateway and the services that encrypt take from their own region alone. */
const OF_THE_REGION = ['certificateArn', 'kmsKeyArn'];

/** A sentence for each ARN of another region than the stage's. */
export const regionMistakes = (given: Parameters, region: string): string[] =>
  OF_THE_REGION.flatMap((name) => {
    const of = /^arn:[\w-]+:\w+:([a-z0-9-]+):/.exec(textOf(given[name]))?.[1];
    return of === undefined || of === region
      ? []
      : [`${name} is of ${of}, and the stage is deployed to ${region}: it must be of the same region.`];
  });

interface Conflict {
  readonly holds: (given: Parameters) => boolean;
  readonly mistake: string;
}

const CONFLICTS: readonly Conflict[] = [
  {
    holds: ({ door, domainName }) => door === 'url' && isSet(domainName),
    mistake:
      'A domainName needs the door `api`: a function URL has no domain of its own, but through a CDN before it.',
  },
  {
    holds: ({ batchSize, batchingWindowSeconds }) =>
      Number(batchSize) > MAX_BATCH_WITHOUT_WINDOW && `${batchingWindowSeconds}` === '0',
    mistake: `A batchSize above ${MAX_BATCH_WITHOUT_WINDOW} needs batchingWindowSeconds of at least 1: Lambda takes no other.`,
  },
  {
    holds: ({ sourceMetrics, watchedSources }) =>
      `${sourceMetrics}` === 'false' && isSet(watchedSources) && watchedSources !== '*',
    mistake:
      'watchedSources can only be `*` where sourceMetrics is false: a source has no metric of its own then.',
  },
];

/** The first is of no use without the second. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['domainName', 'certificateArn'],
  ['certificateArn', 'domainName'],
  ['basePath', 'domainName'],
  ['hostedZoneId', 'domainName'],
  ['disableDefaultEndpoint', 'domainName'],
];

/** The value as text; an object as its JSON, because not every one can be made text otherwise. */
const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

const isSet = (value: unknown): boolean => value != null && !['', 'false'].includes(textOf(value));

const mistakeOf = (name: string, value: unknown, stage: string): string[] => {
  const rule = RULES[name];
  if (rule === undefined) return [unknownParameter(name, stage)];
  if (value == null || textOf(value).includes('${') || rule.isRight(value)) return [];
  return [`The parameter ${name} of the stage ${stage} must be ${rule.must}, not \`${textOf(value)}\`.`];
};

const unknownParameter = (name: string, stage: string): string => {
  const near = PARAMETER_NAMES.find((known) => isNear(known, name));
  const hint = near === undefined ? 'serverless.yml lists those there are' : `Did you mean ${near}`;
  return `The stage ${stage} has a parameter ${name}, which does not exist. ${hint}${near === undefined ? '.' : '?'}`;
};

const NEAR_LETTERS = 5;

/** Whether the names have the same start, or differ in nothing but case. */
const isNear = (known: string, name: string): boolean =>
  known.slice(0, NEAR_LETTERS).toLowerCase() === name.slice(0, NEAR_LETTERS).toLowerCase();
