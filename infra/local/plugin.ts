// The local stack as an osls plugin: it runs SQS, the sandbox and the event sources in the process of
// serverless-offline, from the same resolved configuration. For every stage but `local` it does nothing at all.

import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findLambdaPort, HOST, type Ports, readPorts, sandboxUrl } from './addresses';
import { boundSandboxes, sendEncodedBodiesAsBytes, watchDoor, watchRefusals } from './api-gateway';
import { shortenFunctionLogs } from './function-log';
import { invokeFunction } from './lambda-endpoint';
import { toLocalSources } from './local-sources';
import { OPEN_VARIABLE, openPage } from './open-page';
import type { ServiceConfig } from './service-config';
import type { Stack } from './stack';
import {
  activityLine,
  banner,
  deadLetterLine,
  forwardedLine,
  problemLine,
  refusedLine,
  rejectionLine,
} from './terminal';

/** The part of osls that is used here. */
interface Serverless {
  readonly service: ServiceConfig & { readonly custom: { readonly esbuild: { outputWorkFolder: string } } };
  readonly serviceDir: string;
  readonly processedInput: { readonly commands: readonly string[] };
  readonly pluginManager: { readonly plugins: readonly object[] };
  readonly classes: { readonly Error: new (message: string) => Error };
}

/** What the command line said; serverless-offline reads this same object. */
interface Options {
  httpPort?: number;
  lambdaPort?: number;
}

type Hooks = Readonly<Record<string, () => Promise<void> | undefined | void>>;

const LOCAL_STAGE = 'local';
/** Commands that need no AWS account, and so may run with the stage `local`. */
const LOCAL_COMMANDS: ReadonlySet<string> = new Set(['offline start', 'invoke local', 'print']);
/** What is still open after this is cut off; the messages are on disk. */
const MAX_STOP_MS = 1_800;

export class LocalPlugin {
  readonly hooks: Hooks;
  readonly #serverless: Serverless;
  readonly #options: Options;
  #starting: Promise<void> | undefined;
  #stack: Stack | undefined;
  #unmute = (): void => {};

  constructor(serverless: Serverless, options: Options) {
    this.#serverless = serverless;
    this.#options = options;
    const isLocal = serverless.service.provider.stage === LOCAL_STAGE;
    if (isLocal) forgetAwsAccount();
    this.hooks = isLocal ? this.#localHooks() : {};
  }

  #localHooks(): Hooks {
    return {
      initialize: () => {
        this.#refuseToLeave();
        this.#takeOwnSources();
        this.#buildApart();
      },
      // Not awaited here: the functions are being bundled meanwhile.
      'before:offline:start:init': () => {
        this.#starting = orExit(() => this.#start());
      },
      'offline:start:init': () => this.#starting,
      'after:offline:start:init': () => orExit(() => this.#connect()),
      'before:offline:start:end': () => this.#stop(),
    };
  }

  #refuseToLeave(): void {
    const command = this.#serverless.processedInput.commands.join(' ');
    if (LOCAL_COMMANDS.has(command)) return;
    const hint = command === 'offline' ? 'Use `npm start`.' : 'Name another, for example --stage prod.';
    throw new this.#serverless.classes.Error(`\`${command}\` does not run with the stage \`local\`. ${hint}`);
  }

  /** Instead of the source of infra/environment.yml, where the variable SOURCES has others. */
  #takeOwnSources(): void {
    const given = process.env['SOURCES'];
    if (!given) return;
    const sources = toLocalSources(given, readPorts());
    for (const { environment } of Object.values(this.#serverless.service.functions)) {
      if (environment !== undefined) environment['SOURCES'] = sources;
    }
  }

  /** A command must not overwrite what a running stack loads when it needs one more sandbox. */
  #buildApart(): void {
    const { service, serviceDir } = this.#serverless;
    const folder = join('.esbuild', `local-${process.pid}`);
    service.custom.esbuild.outputWorkFolder = folder;
    process.once('exit', () => rmSync(join(serviceDir, folder), { recursive: true, force: true }));
  }

  async #start(): Promise<void> {
    const ports = readPorts();
    this.#options.httpPort = ports.PORT;
    this.#options.lambdaPort = await findLambdaPort(ports);
    // Only now: a deployment must not load, or depend on, what stands in for AWS.
    const { startStack } = require('./stack') as typeof import('./stack');
    this.#stack = await startStack({
      service: this.#serverless.service,
      ports,
      ...this.#folders(ports),
      sandbox: {
        onActivity: (activity, workspace) => console.log(activityLine(activity, workspace)),
        onRejected: (rejection, workspace) => console.log(rejectionLine(rejection, workspace)),
      },
      segment: { onEvent: (event) => console.log(forwardedLine(event)) },
      onDeadLetter: ({ body, attribute }) =>
        console.log(
          deadLetterLine({
            body,
            reason: attribute('reason'),
            detail: attribute('detail'),
            source: attribute('source'),
            workspace: attribute('workspace'),
          }),
        ),
      onProblem: (problem) => console.error(problemLine(problem)),
    });
    this.#unmute = mute();
  }

  /** Queues by port, so that two stacks do not share one; the certificate by machine, so that it is trusted once. */
  #folders({ SQS_PORT: port }: Ports): { dataDir: string; certificateDir: string } {
    const given = process.env['LOCAL_DATA_DIR'];
    if (given) return { dataDir: given, certificateDir: given };
    const folder = join(this.#serverless.serviceDir, '.local');
    return { dataDir: join(folder, `${port}`), certificateDir: folder };
  }

  #connect(): void {
    this.#unmute();
    sendEncodedBodiesAsBytes(this.#serverless.pluginManager.plugins);
    boundSandboxes(this.#serverless.pluginManager.plugins);
    watchRefusals(this.#serverless.pluginManager.plugins, (refused) => console.log(refusedLine(refused)));
    shortenFunctionLogs([process.stdout, process.stderr]);
    this.#watchDoor();
    const lambdaUrl = `http://${HOST}:${this.#options.lambdaPort}`;
    if (!this.#stack) return;
    this.#stack.connect((name, event) => invokeFunction(lambdaUrl, name, event));
    const certificatePath = relative(process.cwd(), this.#stack.certificatePath);
    const { service } = this.#serverless;
    const hasOwnSources = Boolean(process.env['SOURCES']);
    console.log(banner({ ports: readPorts(), service, certificatePath, hasOwnSources }));
    const { mistakes } = this.#stack;
    if (mistakes.length > 0) console.error(problemLine(`Left out of SOURCES: ${mistakes.join('; ')}`));
    if (process.env[OPEN_VARIABLE]) openPage(sandboxUrl(readPorts()));
  }

  #watchDoor(): void {
    const door = this.#stack?.door;
    if (door === undefined) return;
    watchDoor(
      this.#serverless.pluginManager.plugins,
      () => door.begin(),
      (mark, answered) => door.end(mark, answered),
    );
  }

  async #stop(): Promise<void> {
    setTimeout(() => process.exit(), MAX_STOP_MS);
    await this.#stack?.stop();
  }
}

/** osls would report the error and wait for the servers that are already listening. */
const orExit = async (step: () => Promise<void> | void): Promise<void> => {
  try {
    await step();
  } catch (error) {
    console.error(`The local stack did not start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
};

/** Nothing that runs locally may use the developer's AWS account, or wait while the SDK looks for one. */
const forgetAwsAccount = (): void => {
  delete process.env['AWS_PROFILE'];
  delete process.env['AWS_SESSION_TOKEN'];
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
};

/** serverless-offline lists its routes on the console and has no option not to. */
const mute = (): (() => void) => {
  const { log } = console;
  console.log = () => {};
  return () => {
    console.log = log;
  };
};
