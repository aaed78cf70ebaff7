import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { closeServer, listen } from '../../../infra/local/listen';
import { MAX_ANSWER_BYTES, post } from '../../../lib/delivery/http-client';
import { startServer, type TestServer } from '../../support/http-server';
import { until } from '../../support/until';

const TIMEOUT_MS = 2_000;
let server: TestServer;

const serve = async (listener: RequestListener): Promise<void> => {
  server = await startServer(listener);
};
const send = (timeoutMs = TIMEOUT_MS, path = '', password = 'key') =>
  post({ url: server.url + path, username: 'site', password, body: Buffer.from('{"batch":[]}') }, timeoutMs);

afterEach(() => server?.close());

it('sends credentials without a password, as Segment wants them', async () => {
  const seen: unknown[] = [];
  await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });

  await send(TIMEOUT_MS, '', '');

  expect(seen).toEqual([`Basic ${Buffer.from('site:').toString('base64')}`]);
});

it('tells when the whole request has left, before there is an answer', async () => {
  const order: string[] = [];
  await serve((request, response) => {
    request.resume().on('end', () => {
      setTimeout(() => {
        order.push('answered');
        response.end();
      }, 50);
    });
  });
  const body = Buffer.alloc(400_000, 'x');

  await post({ url: server.url, username: 'site', password: 'key', body }, TIMEOUT_MS, () =>
    order.push('left'),
  );

  expect(order).toEqual(['left', 'answered']);
});

it('posts JSON with Basic credentials and answers with what came back', async () => {
  const seen: unknown[] = [];
  await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push(request.method, request.url, request.headers, Buffer.concat(chunks).toString());
      response.writeHead(207, { 'retry-after': '3' }).end('{"errors":[]}');
    });
  });

  const answer = await send(TIMEOUT_MS, '/api/v2/batch');

  expect(answer).toMatchObject({
    kind: 'response',
    status: 207,
    body: '{"errors":[]}',
    headers: { 'retry-after': '3' },
  });
  expect(seen).toEqual([
    'POST',
    '/api/v2/batch',
    expect.objectContaining({
      authorization: `Basic ${Buffer.from('site:key').toString('base64')}`,
      'content-type': 'application/json',
      'content-length': '12',
      'user-agent': 'cio-relay',
    }),
    '{"batch":[]}',
  ]);
});

it('reads a compressed answer', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'));
  });

  await expect(send()).resolves.toMatchObject({ status: 200, body: '{}' });
});

it('reads an answer of the longest size there is', async () => {
  const body = 'é'.repeat(MAX_ANSWER_BYTES / 2);
  await serve((_, response) => response.end(body));

  await expect(send(10_000)).resolves.toMatchObject({ status: 200, body });
});

it('gives up an answer without end, and its connection', async () => {
  let isClosed = false;
  await serve((request, response) => {
    request.socket.once('close', () => {
      isClosed = true;
    });
    const flood = (): void => {
      while (!isClosed && response.write(Buffer.alloc(65_536, ' ')));
      if (!isClosed) response.once('drain', flood);
    };
    flood();
  });

  await expect(send(10_000)).resolves.toEqual({
    kind: 'no_response',
    cause: 'network',
    code: 'ANSWER_TOO_LARGE',
  });
  await until(() => isClosed);
});

it('gives up a small answer that inflates to a large one, before it has', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1_048_576));
  await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  const before = process.memoryUsage().arrayBuffers;

  await expect(send(10_000)).resolves.toMatchObject({ code: 'ANSWER_TOO_LARGE' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1_048_576);
});

it.each([301, 302, 307, 400, 401, 429, 500, 503])(
  'answers %i as it is, after one request',
  async (status) => {
    let requests = 0;
    await serve((_, response) => {
      requests += 1;
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
    });

    await expect(send()).resolves.toMatchObject({ kind: 'response', status });
    expect(requests).toBe(1);
  },
);

it('gives up when the whole answer takes too long', async () => {
  await serve((_, response) => {
    response.writeHead(200).write('{"err');
  });

  await expect(send(50)).resolves.toEqual({ kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' });
});

it('calls a reset of a new connection a failure of the network', async () => {
  await serve((request) => request.socket.resetAndDestroy());

  await expect(send()).resolves.toEqual({ kind: 'no_response', cause: 'network', code: 'ECONNRESET' });
});

it('calls a refused connection a failure of the network', async () => {
  await serve(() => undefined);
  await server.close();

  await expect(send()).resolves.toEqual({ kind: 'no_response', cause: 'network', code: 'ECONNREFUSED' });
});

it('calls an answer cut short a failure of the network', async () => {
  await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"errors":');
    setTimeout(() => request.socket.destroy(), 20);
  });

  await expect(send()).resolves.toMatchObject({ kind: 'no_response', cause: 'network' });
});

it('knows a connection that was reset behind its last answer for a stale one, though the write fails at once', async () => {
  await serve((request, response) => {
    response.writeHead(200, { 'content-length': '2' }).end('{}', () => request.socket.resetAndDestroy());
  });
  const first = await send();
  const second = await send();

  expect(first).toMatchObject({ status: 200 });
  expect(second).toEqual({ kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' });
});

it('reuses a connection, and knows a stale one from a failure', async () => {
  const sockets = new Set<Socket>();
  let requests = 0;
  await serve((request, response) => {
    sockets.add(request.socket);
    requests += 1;
    if (requests === 1) response.end('{}');
    else request.socket.resetAndDestroy();
  });

  const first = await send();
  const second = await send();

  expect(first).toMatchObject({ status: 200 });
  expect(second).toEqual({ kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' });
  expect(sockets.size).toBe(1);
});

describe('a connection', () => {
  let opened: Socket[];
  const onSocket = (message: unknown): void => {
    opened.push((message as { socket: Socket }).socket);
  };
  beforeEach(() => {
    opened = [];
    subscribe('net.client.socket', onSocket);
  });
  afterEach(() => {
    unsubscribe('net.client.socket', onSocket);
  });

  it('left idle is dropped after four seconds, before most servers do so, and the next request opens one', async () => {
    await serve((_, response) => response.end('{}'));
    // A server that says how long it keeps a connection is believed when that is less: this one says a minute.
    server.server.keepAliveTimeout = 60_000;

    await send();
    const [idle] = opened;
    expect(idle?.timeout).toBe(4_000);
    // What Node does when that time has passed.
    idle?.emit('timeout');

    expect(idle?.destroyed).toBe(true);
    await expect(send()).resolves.toMatchObject({ status: 200 });
    expect(opened).toHaveLength(2);
  });

  it('is kept and dropped alike over TLS', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const secure = createServer({ key, cert, keepAliveTimeout: 60_000 }, (_, response) => response.end('{}'));
    const port = await listen(secure, 0);
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, cert]);
    const request = {
      url: `https://127.0.0.1:${port}`,
      username: 'site',
      password: 'key',
      body: Buffer.from('{}'),
    };

    try {
      await expect(post(request, TIMEOUT_MS)).resolves.toMatchObject({ status: 200 });
      await expect(post(request, TIMEOUT_MS)).resolves.toMatchObject({ status: 200 });
    } finally {
      setDefaultCACertificates(trusted);
      await closeServer(secure);
    }

    expect(opened).toHaveLength(1);
    expect(opened[0]?.timeout).toBe(4_000);
  });

  it('that waits for its answer is not idle, however long that takes', async () => {
    await serve((request, response) => {
      request.resume().on('end', () => {
        opened[0]?.emit('timeout');
        response.end('{}');
      });
    });

    await expect(send()).resolves.toMatchObject({ status: 200 });
    expect(opened[0]?.destroyed).toBe(false);
  });

  it('used last is used next, so that those only a burst needed grow idle', async () => {
    const used: Socket[] = [];
    const waiting: (() => void)[] = [];
    await serve((request, response) => {
      used.push(request.socket);
      waiting.push(() => response.end('{}'));
    });
    const next = async (): Promise<void> => {
      const arrived = waiting.length;
      await until(() => waiting.length > arrived);
    };

    const first = send();
    await next();
    const second = send();
    await next();
    waiting[0]?.();
    await first;
    waiting[1]?.();
    await second;
    const third = send();
    await next();
    waiting[2]?.();
    await third;

    expect(opened).toHaveLength(2);
    expect(used[2]).toBe(used[1]);
  });
});
