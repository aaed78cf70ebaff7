// The parameter store of a run: one parameter, whose text may change while functions are warm.

import { createServer } from 'node:http';
import { closeServer, listen } from '../../infra/local/listen';

export interface ParameterStore {
  readonly url: string;
  set(text: string): void;
  close(): Promise<void>;
}

export const startParameterStore = async (): Promise<ParameterStore> => {
  let value = '';
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ Parameter: { Value: value } }));
    });
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    set: (text) => {
      value = text;
    },
    close: () => closeServer(server),
  };
};
