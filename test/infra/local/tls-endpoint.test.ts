import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { localCertificate } from '../../../infra/local/certificate';
import { startTlsEndpoint, type TlsEndpoint } from '../../../infra/local/tls-endpoint';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cio-relay-tls-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('The endpoint over TLS', () => {
  let endpoint: TlsEndpoint;
  let target: Server;

  const listening = (listener: Parameters<typeof createServer>[1]): Promise<string> => {
    target = createServer(listener);
    return new Promise((resolve) =>
      target.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(target.address() as AddressInfo).port}`),
      ),
    );
  };

  /** With nothing to trust but that certificate. */
  const post = async (host: string, ca: string | undefined): Promise<{ status: number; body: string }> => {
    const agent = new Agent(ca === undefined ? {} : { ca });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method: 'POST', agent, headers: { 'x-own': 'kept' } };
      request(`https://${host}:${endpoint.port}/v1/batch?a=b`, options, resolve)
        .once('error', reject)
        .end('body');
    });
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  };

  afterEach(async () => {
    await endpoint.close();
    target.close();
  });

  it('hands on method, path, headers and body, says that it came by https, and answers as the endpoint does', async () => {
    const url = await listening(async (incoming, outgoing) => {
      const { method, url: path, headers } = incoming;
      const { host, 'x-own': own, 'x-forwarded-proto': protocol } = headers;
      outgoing
        .writeHead(418)
        .end(JSON.stringify({ method, path, host, own, protocol, body: await text(incoming) }));
    });
    const certificate = await localCertificate(folder);
    endpoint = await startTlsEndpoint(url, 0, certificate);

    for (const host of ['127.0.0.1', 'localhost']) {
      const { status, body } = await post(host, readFileSync(certificate.path, 'utf8'));

      expect(status).toBe(418);
      expect(JSON.parse(body)).toEqual({
        method: 'POST',
        path: '/v1/batch?a=b',
        host: `${host}:${endpoint.port}`,
        own: 'kept',
        protocol: 'https',
        body: 'body',
      });
    }
    await expect(post('127.0.0.1', undefined)).rejects.toThrow('self-signed certificate');
  });

  it('cuts the connection when there is no endpoint behind it, and serves the next request', async () => {
    const certificate = await localCertificate(folder);
    const url = await listening((_, outgoing) => outgoing.end('there'));
    await new Promise((resolve) => target.close(resolve));
    endpoint = await startTlsEndpoint(url, 0, certificate);

    await expect(post('127.0.0.1', certificate.cert)).rejects.toThrow('socket hang up');
    await expect(post('127.0.0.1', certificate.cert)).rejects.toThrow('socket hang up');
  });
});

describe('The certificate', () => {
  it('is made once: who trusts it need not do so again after the next start', async () => {
    const first = await localCertificate(folder);

    expect(await localCertificate(folder)).toEqual(first);
    expect(readFileSync(first.path, 'utf8')).toBe(first.cert);
    expect(statSync(join(folder, 'localhost-key.pem')).mode & 0o077).toBe(0);
  });

  it('is for this machine alone, by every name it has, and no longer than Apple takes one', async () => {
    const certificate = new X509Certificate((await localCertificate(folder)).cert);
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;

    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:10.0.2.2');
    expect(days).toBeGreaterThan(700);
    expect(days).toBeLessThan(825);
  });

  it.each([
    ['damaged', () => 'no certificate'],
    ['of another key', async () => (await localCertificate(join(folder, 'other'))).cert],
  ])('is made again when the one that is kept is %s', async (_, content) => {
    const first = await localCertificate(folder);
    writeFileSync(first.path, await content());

    const second = await localCertificate(folder);

    expect(second.cert).not.toBe(first.cert);
    expect(new X509Certificate(second.cert).subject).toContain('cio-relay');
    expect(await localCertificate(folder)).toEqual(second);
  });

  it('is made again before it ends', async () => {
    const first = await localCertificate(folder);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'], now: Date.now() + 780 * 86_400_000 });

    const second = await localCertificate(folder).finally(() => jest.useRealTimers());

    expect(second.cert).not.toBe(first.cert);
  });
});
