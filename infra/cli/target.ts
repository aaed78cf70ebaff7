// What a command works on: the local stack, or a stage on AWS. Queues and settings are found by the names that
// serverless.yml gives them, so that an operator types a stage and nothing else.

import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { parseSettings } from '../../lib/config/parse-settings';
import { lookUpName, type ParsedSettings, usableSources } from '../../lib/config/settings';
import type { Source } from '../../lib/config/source';
import { endpointUrl, type Ports, readPorts, sandboxUrl, sqsUrl } from '../local/addresses';
import { toLocalSources } from '../local/local-sources';
import { LOCAL_ACCOUNT_ID } from '../local/queue-definitions';
import { isStackUp } from '../local/stack-process';
import { type AwsStage, stackName, stackOutputs } from './aws-stage';
import { Failure, toFailure, usageFailure } from './failure';
import type { Io } from './io';
import { readHistory, type SettingsVersion } from './settings-history';
import { readStored, storeSettings } from './settings-store';

export const QUEUES = {
  events: 'events',
  deadLetters: 'dead-letters',
  activity: 'activity',
  activityDeadLetters: 'activity-dead-letters',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

export interface Queue {
  readonly sqs: SQSClient;
  readonly url: string;
  /** What a person calls it. */
  readonly name: string;
}

export interface SettingsText {
  readonly text: string;
  /** Where it stands: the name of a parameter, or of a variable. */
  readonly place: string;
  /** Always true for a variable, of which nobody asks it. */
  readonly isEncrypted: boolean;
}

export interface Target {
  /** `the local stack`, or `stage prod in eu-west-1`. */
  readonly name: string;
  /** Undefined for the local stack. */
  readonly stage: AwsStage | undefined;
  /** Where the local stack listens. */
  readonly ports: Ports;
  /** Where SDKs send: the stack's own output, on AWS. @throws Error of AWS when it may not be read. */
  endpoint(): Promise<string>;
  queue(name: QueueName): Promise<Queue>;
  settingsText(): Promise<SettingsText>;
  /** Encrypted, in a new version; undefined where settings are not stored. */
  readonly storeSettings: ((text: string) => Promise<void>) | undefined;
  /** The newest, which is in force, first; undefined where settings are not stored. */
  readonly settingsHistory: (() => Promise<SettingsVersion[]>) | undefined;
}

export interface TargetOptions {
  readonly stage?: string;
}

const STAGE = /^[a-zA-Z][\w-]{0,50}$/;

/** The stage that is named, else the local stack if it runs. @throws Failure that says how to get either. */
export const openTarget = async ({ stage }: TargetOptions, io: Pick<Io, 'env'>): Promise<Target> => {
  const ports = portsOf(io.env);
  if (stage !== undefined && stage !== 'local') return openStage(stage, ports, io);
  if (await isStackUp(ports)) return openLocal(ports, io);
  throw new Failure(
    `No local stack answers at ${endpointUrl(ports)}.`,
    'Start it with `npm start` in another terminal, or name a stage on AWS: --stage prod.',
  );
};

const portsOf = (env: Io['env']): Ports => {
  try {
    return readPorts(env);
  } catch (error) {
    throw usageFailure(toFailure(error).message, 'Set it as for `npm start`, or not at all.');
  }
};

const openLocal = (ports: Ports, { env }: Pick<Io, 'env'>): Target => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint: sqsUrl(ports), region: 'us-east-1', credentials });
  return {
    name: 'the local stack',
    stage: undefined,
    ports,
    endpoint: async () => endpointUrl(ports),
    queue: async (name) => ({
      sqs,
      name: `cio-relay-local-${name}`,
      url: `${sqsUrl(ports)}/${LOCAL_ACCOUNT_ID}/cio-relay-local-${name}`,
    }),
    settingsText: async () => ({
      text: env['SOURCES'] ? toLocalSources(env['SOURCES'], ports) : localSources(ports),
      place: 'SOURCES',
      isEncrypted: true,
    }),
    storeSettings: undefined,
    settingsHistory: undefined,
  };
};

/** As infra/environment.yml has it. */
const localSources = (ports: Ports): string =>
  JSON.stringify([
    { name: 'local', writeKey: 'local', siteId: 'local', apiKey: 'local', trackUrl: sandboxUrl(ports) },
  ]);

const openStage = (stage: string, ports: Ports, { env }: Pick<Io, 'env'>): Target => {
  if (!STAGE.test(stage))
    throw usageFailure(`"${stage}" is no stage.`, 'Give one that is deployed: --stage prod.');
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (!region) {
    throw usageFailure(
      `There is no telling in which region the stage ${stage} is.`,
      'Set it as for the deployment: export AWS_REGION=eu-west-1.',
    );
  }
  const sqs = new SQSClient({ region });
  const parameter = `/cio-relay/${stage}/sources`;
  return {
    name: `stage ${stage} in ${region}`,
    stage: { name: stage, region },
    ports,
    endpoint: () => findEndpoint({ name: stage, region }),
    queue: (name) => findQueue(sqs, `cio-relay-${stage}-${name}`, env['AWS_ENDPOINT_URL_SQS']),
    settingsText: async () => ({
      ...(await readStored(new SSMClient({ region }), parameter, { stage })),
      place: parameter,
    }),
    storeSettings: (text) => storeSettings(new SSMClient({ region }), parameter, text),
    settingsHistory: () => readHistory(new SSMClient({ region }), parameter),
  };
};

/** The stack outputs that osls writes the address to: of a function URL where there is one, else of the HTTP API. */
const ENDPOINT_OUTPUTS = ['IngestLambdaFunctionUrl', 'HttpApiUrl'];

const findEndpoint = async (stage: AwsStage): Promise<string> => {
  const outputs = await stackOutputs(stage);
  const [url] = ENDPOINT_OUTPUTS.flatMap((name) => outputs.get(name) ?? []);
  // That of a function ends with a slash.
  if (url !== undefined) return url.replace(/\/$/, '');
  throw usageFailure(
    `The stack ${stackName(stage)} does not say where its HTTP API is.`,
    `Give it: --endpoint https://…; \`npx serverless info --stage ${stage.name}\` shows it.`,
  );
};

/** The SDK sends to the host inside a queue URL, whatever the endpoint setting says. */
const findQueue = async (sqs: SQSClient, name: string, endpoint: string | undefined): Promise<Queue> => {
  const { QueueUrl: url = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  return { sqs, name, url: endpoint ? new URL(new URL(url).pathname, endpoint).href : url };
};

/** @throws SettingsError when no source in them can be used. */
export const readSettings = async (target: Target): Promise<ParsedSettings> => {
  const { text, place } = await target.settingsText();
  return parseSettings(text, place);
};

/** The source of that name, else the first. @throws Failure when there is none that can be used. */
export const sourceOf = (settings: ParsedSettings, name: string | undefined): Source =>
  findSource(settings, name).source;

/** That source once for each workspace that its events are delivered to. */
export const workspacesOf = (settings: ParsedSettings, name: string | undefined): readonly Source[] =>
  findSource(settings, name).workspaces;

const findSource = (settings: ParsedSettings, name: string | undefined) => {
  const found = lookUpName({ ...settings, readAtMs: Infinity, mayBeOutdated: false }, name);
  if (found.kind === 'source') return found;
  const names = usableSources(settings).map((source) => source.name);
  const what = name === undefined ? 'The first source has a mistake.' : `No source "${name}" can be used.`;
  throw usageFailure(what, `Choose with --source: ${names.join(', ')}.`);
};
