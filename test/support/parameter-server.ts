// AWS's parameter store as far as the command line uses it: parameters with their versions, in memory.

import { json } from 'node:stream/consumers';
import { startServer } from './http-server';

export interface ParameterServer {
  readonly url: string;
  /** Values by name, oldest first. */
  readonly versions: Map<string, string[]>;
  /** When each version was stored, in milliseconds; the first where nobody has said so. */
  readonly times: Map<string, number[]>;
  /** Names whose history may not be read. */
  readonly secretHistories: Set<string>;
  /** Of all of them. */
  type: 'SecureString' | 'String';
  close(): Promise<void>;
}

interface Input {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Path?: string;
  readonly Value?: string;
  readonly NextToken?: string;
}

/** Of a history, as SSM answers it by default. */
const PAGE = 50;
const STORED_BY = 'arn:aws:sts::000000000000:assumed-role/admin/ada';

const MAX_PARAMETER_BYTES = 8_192;

export const startParameterServer = async (): Promise<ParameterServer> => {
  const versions = new Map<string, string[]>();
  const times = new Map<string, number[]>();
  const secretHistories = new Set<string>();
  const startedAtMs = Date.now();
  const parameters: Pick<ParameterServer, 'versions' | 'times' | 'secretHistories' | 'type'> = {
    versions,
    times,
    secretHistories,
    type: 'SecureString',
  };
  let puts = 0;
  const storedAt = (name: string, index: number): number => times.get(name)?.[index] ?? startedAtMs;
  const actions: Readonly<Record<string, (input: Input) => object | undefined>> = {
    GetParameter: ({ Name = '' }) => {
      const all = versions.get(Name);
      return all && { Parameter: { Name, Type: parameters.type, Value: all.at(-1), Version: all.length } };
    },
    GetParameters: ({ Names = [] }) => ({
      Parameters: Names.flatMap((Name) => {
        const Value = versions.get(Name)?.at(-1);
        return Value === undefined ? [] : [{ Name, Type: 'SecureString', Value }];
      }),
      InvalidParameters: Names.filter((name) => !versions.has(name)),
    }),
    GetParametersByPath: ({ Path = '' }) => ({
      Parameters: [...versions.keys()]
        .filter((name) => name.startsWith(`${Path}/`))
        .map((Name) => ({ Name })),
    }),
    GetParameterHistory: ({ Name = '', NextToken = '0' }) => {
      const all = versions.get(Name);
      const from = Number(NextToken);
      const page = all?.slice(from, from + PAGE).map((Value, index) => ({
        Name,
        Value,
        Version: from + index + 1,
        LastModifiedDate: storedAt(Name, from + index) / 1_000,
        LastModifiedUser: STORED_BY,
      }));
      const more = from + PAGE < (all?.length ?? 0) ? { NextToken: String(from + PAGE) } : {};
      return page && { Parameters: page, ...more };
    },
    DeleteParameters: ({ Names = [] }) => ({
      DeletedParameters: Names.filter((name) => versions.delete(name)),
    }),
    PutParameter: ({ Name = '', Value = '' }) => {
      if (Buffer.byteLength(Value) > MAX_PARAMETER_BYTES) return undefined;
      const all = [...(versions.get(Name) ?? []), Value];
      versions.set(Name, all);
      puts += 1;
      // Later than what was there before, and in the order of the puts.
      times.set(Name, [...all.slice(0, -1).map((_, index) => storedAt(Name, index)), startedAtMs + puts]);
      return { Version: all.length };
    },
  };
  const server = await startServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
    const input = (await json(request)) as Input;
    const isRefused = action === 'GetParameterHistory' && secretHistories.has(input.Name ?? '');
    const answer = isRefused ? undefined : actions[action]?.(input);
    response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    const __type = isRefused ? 'AccessDeniedException' : 'ParameterNotFound';
    response.end(JSON.stringify(answer ?? { __type, message: 'there is none' }));
  });
  return Object.assign(parameters, { url: server.url, close: server.close });
};
