// Starts sandboxes for a test file, closes them after each test, and talks to them as a client would.

import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../infra/local/sandbox/server';

export type Json = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

const running: Sandbox[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

export const start = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const sandbox = await startSandbox(options);
  running.push(sandbox);
  return sandbox;
};

export const authorization = (credentials = 'local:local'): string =>
  `Basic ${Buffer.from(credentials).toString('base64')}`;

export const call = async (sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Reply> => {
  const headers = { authorization: authorization(), ...init.headers };
  const response = await fetch(sandbox.url + path, { redirect: 'manual', ...init, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
};

export const post = (
  sandbox: Sandbox,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Reply> => call(sandbox, path, { method: 'POST', body });

export const sendBatch = (sandbox: Sandbox, ...operations: readonly unknown[]): Promise<Reply> =>
  post(sandbox, '/api/v2/batch', JSON.stringify({ batch: operations }));

export const get = async (sandbox: Sandbox, path: string): Promise<Json> => (await call(sandbox, path)).body;

export const putFaults = (sandbox: Sandbox, faults: unknown): Promise<Reply> =>
  call(sandbox, '/sandbox/faults', { method: 'PUT', body: JSON.stringify(faults) });

/** A person's identify, event or whatever `action` says. */
export const person = (identifiers: Json, action: string, rest: Json = {}): Json => ({
  type: 'person',
  action,
  identifiers,
  ...rest,
});

export const identify = (identifiers: Json, attributes: Json, timestamp = 1_700_000_000): Json =>
  person(identifiers, 'identify', { attributes, timestamp });

export const event = (identifiers: Json, name = 'Signed Up', rest: Json = {}): Json =>
  person(identifiers, 'event', { name, ...rest });

export const object = (objectId: string, action: string, rest: Json = {}): Json => ({
  type: 'object',
  action,
  identifiers: { object_type_id: '1', object_id: objectId },
  ...rest,
});

/** Activity types, oldest first. */
export const activityTypes = (sandbox: Sandbox): string[] =>
  sandbox.workspace
    .activities()
    .map(({ activity_type: type }) => type)
    .reverse();
