// AWS's parameter store as far as the command line uses it: parameters with their versions, in memory.

import { json } from 'node:stream/consumers';
import { startServer } from './http-server';

export interface ParameterServer {
  readonly url: string;
  /** Values by name, oldest first. */
  readonly versions: Map<string, string[]>;
  /** Of all of them. */
  type: 'SecureString' | 'String';
  close(): Promise<void>;
}

interface Input {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Path?: string;
  readonly Value?: string;
}

const MAX_PARAMETER_BYTES = 8_192;

export const startParameterServer = async (): Promise<ParameterServer> => {
  const versions = new Map<string, string[]>();
  const parameters: Pick<ParameterServer, 'versions' | 'type'> = { versions, type: 'SecureString' };
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
    DeleteParameters: ({ Names = [] }) => ({
      DeletedParameters: Names.filter((name) => versions.delete(name)),
    }),
    PutParameter: ({ Name = '', Value = '' }) => {
      if (Buffer.byteLength(Value) > MAX_PARAMETER_BYTES) return undefined;
      const all = [...(versions.get(Name) ?? []), Value];
      versions.set(Name, all);
      return { Version: all.length };
    },
  };
  const server = await startServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
    const answer = actions[action]?.((await json(request)) as Input);
    response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer ?? { __type: 'ParameterNotFound', message: 'there is none' }));
  });
  return Object.assign(parameters, { url: server.url, close: server.close });
};
