// `npm start` as a newcomer runs it, on free ports and with a queue of its own, ended as Ctrl-C ends it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  endpointUrl,
  firstFree,
  type Ports,
  sandboxUrl,
  segmentUrl,
  sqsUrl,
  tlsUrl,
} from '../../infra/local/addresses';
import { LOCAL_ACCOUNT_ID } from '../../infra/local/queue-definitions';
import { READY_LINE } from '../../infra/local/terminal';
import { GIVE_UP_MS, until } from './until';

export const ROOT = resolve(__dirname, '../..');

/** What the stack, or a command beside it, is given; no AWS setting of the developer's machine is among it. */
export type StackEnvironment = Readonly<Record<string, string>>;

export interface RunningStack {
  readonly ports: Ports;
  readonly environment: StackEnvironment;
  /** From the command to the line that says it is ready. */
  readonly readyAfterMs: number;
  readonly url: string;
  readonly tlsUrl: string;
  readonly sandboxUrl: string;
  readonly segmentUrl: string;
  queueUrl(name: string): string;
  /** Everything it has written so far. */
  output(): string;
  /** The signal to the whole process group, as a terminal sends it. Resolves once `npm start` has ended. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
  /** Whether any process of the group still lives. */
  isAlive(): boolean;
}

/**
 * Below 32768, where the system gives no port to a server that asks for any, nor to a connection: each suite opens
 * hundreds, and a stack takes seconds until it listens. Workers choose apart.
 */
const FIRST_PORT = 12_000;
const PORTS_PER_WORKER = 1_000;
const WORKERS_APART = 8;

export const freePorts = async (): Promise<Ports> => {
  const claimed = new Set<number>();
  const next = async (): Promise<number> => {
    const port = await firstFree(anyPortOfWorker(), claimed);
    claimed.add(port);
    return port;
  };
  return {
    PORT: await next(),
    TLS_PORT: await next(),
    SQS_PORT: await next(),
    SANDBOX_PORT: await next(),
    SEGMENT_PORT: await next(),
  };
};

const anyPortOfWorker = (): number => {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS_APART;
  return FIRST_PORT + worker * PORTS_PER_WORKER + Math.floor(Math.random() * PORTS_PER_WORKER);
};

/** A folder for the queue's messages, removed by the returned function. */
export const temporaryDataDir = async (): Promise<{ path: string; remove: () => Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'cio-relay-stack-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

export const environmentOf = (ports: Ports, dataDir: string): StackEnvironment => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  LOCAL_DATA_DIR: dataDir,
  NO_COLOR: '1',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
});

/** Resolves when it says that it is ready. @throws Error with what it has written when it does not get there. */
export const startRunningStack = async (
  ports: Ports,
  dataDir: string,
  settings: StackEnvironment = {},
  options: readonly string[] = [],
): Promise<RunningStack> => {
  const environment = { ...environmentOf(ports, dataDir), ...settings };
  const startedAt = Date.now();
  const child = spawn('npm', ['start', ...(options.length > 0 ? ['--', ...options] : [])], {
    cwd: ROOT,
    env: environment,
    detached: true,
  });
  const output = collect(child);
  const ended = once(child, 'exit');
  const stack = { ...addressesOf(ports), ports, environment, output, ...lifeOf(child, ended) };
  await until(() => output().includes(READY_LINE) || child.exitCode !== null).catch(() => {});
  if (output().includes(READY_LINE)) return { ...stack, readyAfterMs: Date.now() - startedAt };
  await stack.end('SIGTERM');
  throw new Error(`The stack is not ready after ${GIVE_UP_MS} ms. It wrote:\n${output()}`);
};

/**
 * Starts a stack on free ports, with empty queues; `stop` leaves nothing of it behind. `settings` are more
 * variables for it, `options` those of its command.
 */
export const startFreshStack = async (
  settings: StackEnvironment = {},
  options: readonly string[] = [],
): Promise<RunningStack & { stop(): Promise<void> }> => {
  const dataDir = await temporaryDataDir();
  const stack = await onFreePorts((ports) => startRunningStack(ports, dataDir.path, settings, options));
  const stop = async (): Promise<void> => {
    await stack.end('SIGTERM');
    await dataDir.remove();
  };
  return { ...stack, stop };
};

/** Between finding a port free and listening on it, something else of the machine may take it: then others are tried. */
export const onFreePorts = async (
  start: (ports: Ports) => Promise<RunningStack>,
  tries = 3,
): Promise<RunningStack> => {
  try {
    return await start(await freePorts());
  } catch (error) {
    if (tries === 1 || !/In use: port|EADDRINUSE/.test(String(error))) throw error;
    return onFreePorts(start, tries - 1);
  }
};

/** An SQS client for the queues of a stack on these ports. */
export const sqsClientFor = (ports: Ports): SQSClient =>
  new SQSClient({
    endpoint: sqsUrl(ports),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

const collect = ({ stdout, stderr }: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk) => (text += chunk));
  return () => text;
};

const addressesOf = (ports: Ports) => ({
  url: endpointUrl(ports),
  tlsUrl: tlsUrl(ports),
  sandboxUrl: sandboxUrl(ports),
  segmentUrl: segmentUrl(ports),
  queueUrl: (name: string) => `${sqsUrl(ports)}/${LOCAL_ACCOUNT_ID}/cio-relay-local-${name}`,
});

const lifeOf = (child: ChildProcess, ended: Promise<unknown[]>) => ({
  end: async (signal: NodeJS.Signals) => {
    signalGroup(child, signal);
    await ended;
    return child.exitCode;
  },
  isAlive: () => signalGroup(child, 0),
});

/** False when the group is gone. */
const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean => {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
};
