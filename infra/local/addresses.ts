// Where the local stack listens. Every part of it, the demo and the tests read the ports here and nowhere else.

import { createServer } from 'node:net';

/** Only this machine: nothing of the stack asks who is calling. */
export const HOST = '127.0.0.1';

export const DEFAULT_PORTS = {
  PORT: 3000,
  TLS_PORT: 3443,
  SQS_PORT: 4566,
  SANDBOX_PORT: 3030,
  SEGMENT_PORT: 3040,
} as const;

const MAX_PORT = 65_535;
/** Systems give the ports from 32768 on to whoever asks for any, at any moment. */
const LAMBDA_PORT_DISTANCE = 10_000;

export type PortVariable = keyof typeof DEFAULT_PORTS;

export type Ports = Readonly<Record<PortVariable, number>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable when it is no port. */
export const readPorts = (env: Environment = process.env): Ports => ({
  PORT: readPort(env, 'PORT'),
  TLS_PORT: readPort(env, 'TLS_PORT'),
  SQS_PORT: readPort(env, 'SQS_PORT'),
  SANDBOX_PORT: readPort(env, 'SANDBOX_PORT'),
  SEGMENT_PORT: readPort(env, 'SEGMENT_PORT'),
});

const readPort = (env: Environment, name: PortVariable): number => {
  const port = Number(env[name] || DEFAULT_PORTS[name]);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw new Error(`${name}=${env[name]} is not a port: set a number from 1 to ${MAX_PORT}.`);
  }
  return port;
};

/** What a command must be given to find this stack: `PORT=3001 SQS_PORT=4567`; nothing for the default ports. */
export const movedPorts = (ports: Ports): string =>
  Object.entries(ports)
    .filter(([name, port]) => port !== DEFAULT_PORTS[name as PortVariable])
    .map(([name, port]) => `${name}=${port}`)
    .join(' ');

/** Resolves to one line that names every port that cannot be taken and where to go instead; undefined if all can. */
export const portProblem = async (ports: Ports): Promise<string | undefined> => {
  const claimed = new Set<number>();
  const taken: string[] = [];
  const moves: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    const isFree = !claimed.has(port) && (await canListen(port));
    const free = isFree ? port : await firstFree(port, new Set([...claimed, ...Object.values(ports)]));
    claimed.add(free);
    if (isFree) continue;
    taken.push(`${port} (${name})`);
    moves.push(`${name}=${free}`);
  }
  if (taken.length === 0) return undefined;
  return `In use: port ${taken.join(', ')}. Stop what listens there, or choose: ${moves.join(' ')} npm start`;
};

/**
 * Where serverless-offline can invoke functions: it listens seconds after it was told where, so the port must be none
 * that the system may give away meanwhile.
 */
export const findLambdaPort = ({ PORT: port }: Ports): Promise<number> =>
  firstFree(port + LAMBDA_PORT_DISTANCE);

/** From `port` upwards; any, where none up there is free. */
export const firstFree = async (port: number, claimed: ReadonlySet<number> = new Set()): Promise<number> => {
  for (let candidate = port; candidate <= MAX_PORT; candidate += 1) {
    if (!claimed.has(candidate) && (await canListen(candidate))) return candidate;
  }
  return freePort();
};

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });

/** A port nobody uses now. The system may give it to another at once: take it at once, or choose by `firstFree`. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });

export const endpointUrl = ({ PORT: port }: Ports): string => `http://${HOST}:${port}`;
export const tlsUrl = ({ TLS_PORT: port }: Ports): string => `https://${HOST}:${port}`;
export const sqsUrl = ({ SQS_PORT: port }: Ports): string => `http://${HOST}:${port}`;
export const sandboxUrl = ({ SANDBOX_PORT: port }: Ports): string => `http://${HOST}:${port}`;
export const segmentUrl = ({ SEGMENT_PORT: port }: Ports): string => `http://${HOST}:${port}`;
