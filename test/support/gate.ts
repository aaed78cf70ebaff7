// What stands between a browser and the local stack in a test: an endpoint with TLS, as the deployed one has, and
// one without, as a developer's machine has. It keeps a list of what passed, and answers in the stack's place
// when told to, as an API under load does.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { generate } from 'selfsigned';
import { HOST } from '../../infra/local/addresses';
import { closeServer, listen } from '../../infra/local/listen';
import { forward } from '../../infra/local/tls-endpoint';

export interface Passage {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly retryCount: string | undefined;
  readonly atMs: number;
}

export interface GateAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Gate {
  readonly httpUrl: string;
  /** Its certificate is its own. */
  readonly httpsUrl: string;
  /** In the order in which they were answered. */
  readonly passages: readonly Passage[];
  /** The next POST gets this answer, or none while its sender waits, and the stack does not see it. */
  answerNext(answer: GateAnswer | 'never'): void;
  /** Whether a sender waits for an answer that will not come. */
  isHolding(): boolean;
  /** Forgets what passed and what it was told. */
  reset(): void;
  close(): Promise<void>;
}

export const startGate = async (target: string): Promise<Gate> => {
  const passages: Passage[] = [];
  const answers: (GateAnswer | 'never')[] = [];
  let held = 0;
  const listener = (protocol: string) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.once('close', () => passages.push(passageOf(incoming, outgoing)));
    const own = incoming.method === 'POST' ? answers.shift() : undefined;
    if (own === undefined) forward(target, protocol, incoming, outgoing);
    else if (own === 'never') held += 1;
    else outgoing.writeHead(own.status, own.headers).end(own.body);
  };
  const { private: key, cert } = await generate();
  const plain = createServer(listener('http'));
  const secure = createSecureServer({ key, cert }, listener('https'));
  const [httpPort, httpsPort] = await Promise.all([listen(plain, 0), listen(secure, 0)]);
  return {
    httpUrl: `http://${HOST}:${httpPort}`,
    httpsUrl: `https://${HOST}:${httpsPort}`,
    passages,
    answerNext: (answer) => answers.push(answer),
    isHolding: () => held > 0,
    reset: () => {
      passages.length = 0;
      answers.length = 0;
      held = 0;
    },
    close: async () => {
      await Promise.all([closeServer(plain), closeServer(secure)]);
    },
  };
};

const passageOf = ({ method = '', url = '', headers }: IncomingMessage, { statusCode }: ServerResponse) => ({
  method,
  path: url,
  status: statusCode,
  retryCount: headers['x-retry-count']?.toString(),
  atMs: Date.now(),
});
