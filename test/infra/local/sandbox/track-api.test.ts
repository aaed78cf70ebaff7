import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Rejection } from '../../../../infra/local/sandbox/workspace';
import { authorization, call, event, identify, person, post, sendBatch, start } from './client';

const VALID = event({ id: 'u1' });

/** A batch of valid operations whose JSON has exactly this many bytes. */
const batchOfBytes = (bytes: number): string => {
  const operation = (padding: number) => event({ id: 'u1' }, 'e', { attributes: { p: 'x'.repeat(padding) } });
  const operations = Array.from({ length: Math.floor(bytes / 10_000) }, () => operation(9_800));
  const json = (last: number) => JSON.stringify({ batch: [...operations, operation(last)] });
  return json(bytes - json(0).length);
};

describe('credentials', () => {
  it.each([
    ['none', undefined],
    ['another API key', authorization('local:other')],
    ['a site id that no workspace has', authorization('other:local')],
    ['a bearer token', 'Bearer local:local'],
    ['no base64', 'Basic ???'],
  ])('%s are answered with 401', async (_, header) => {
    const rejections: Rejection[] = [];
    const sandbox = await start({ onRejected: (rejection) => rejections.push(rejection) });

    const response = await fetch(`${sandbox.url}/api/v2/batch`, {
      method: 'POST',
      body: JSON.stringify({ batch: [VALID] }),
      ...(header && { headers: { authorization: header } }),
    });

    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ meta: { error: 'Unauthorized request' } });
    expect(sandbox.workspace.activities()).toEqual([]);
    expect(rejections).toEqual([expect.objectContaining({ status: 401 })]);
  });

  it('lead each request to its own workspace, which is told beside what happens there', async () => {
    const told: unknown[] = [];
    const sandbox = await start({
      workspaces: [
        { siteId: 'a', apiKey: 'key-a' },
        { siteId: 'b', apiKey: 'key-b' },
      ],
      onActivity: ({ activity_name: name }, siteId) => told.push([name, siteId]),
      onRejected: ({ status }, siteId) => told.push([status, siteId]),
    });

    await call(sandbox, '/api/v2/batch', {
      method: 'POST',
      body: JSON.stringify({ batch: [VALID, 7] }),
      headers: { authorization: authorization('b:key-b') },
    });

    expect(sandbox.workspaces.get('a')?.counts.accepted).toBe(0);
    expect(sandbox.workspaces.get('b')?.counts.accepted).toBe(1);
    expect(new Set(told.map((one) => JSON.stringify(one)))).toContain('[207,"b"]');
    expect(told.map((one) => (one as unknown[])[1])).toEqual(told.map(() => 'b'));
  });
});

describe('a batch', () => {
  it('of valid operations is answered with 200 and an empty object', async () => {
    const sandbox = await start();

    const reply = await sendBatch(sandbox, VALID, identify({ id: 'u1' }, { plan: 'pro' }));

    expect(reply).toMatchObject({ status: 200, body: {} });
    expect(sandbox.workspace.counts).toEqual({ accepted: 2, rejected: 0, duplicates: 0 });
  });

  it('with invalid operations is answered with 207 that names each by its index, and takes the others', async () => {
    const rejections: Rejection[] = [];
    const sandbox = await start({ onRejected: (rejection) => rejections.push(rejection) });
    const invalid = event({ id: 'u2' }, '', { timestamp: 'yesterday' });

    const reply = await sendBatch(sandbox, VALID, invalid, null, event({ id: 'u3' }));

    expect(reply.status).toBe(207);
    expect(reply.body).toEqual({
      errors: [
        { batch_index: 1, reason: 'required', field: 'name', message: 'name is required' },
        {
          batch_index: 1,
          reason: 'invalid',
          field: 'timestamp',
          message: 'timestamp must be an integer Unix timestamp in seconds',
        },
        { batch_index: 2, reason: 'invalid', field: '', message: 'the operation must be an object' },
      ],
    });
    expect(sandbox.workspace.counts).toEqual({ accepted: 2, rejected: 2, duplicates: 0 });
    expect(rejections.map(({ operation }) => operation)).toEqual([invalid, null]);
  });

  it.each([
    ['no JSON', '{"batch":['],
    ['no object', '[]'],
    ['without `batch`', '{}'],
    ['whose `batch` is no array', '{"batch":{}}'],
    ['whose `batch` is empty', '{"batch":[]}'],
    ['empty', ''],
  ])('that is %s is answered with 400', async (_, body) => {
    const sandbox = await start();

    const reply = await post(sandbox, '/api/v2/batch', body);

    expect(reply.status).toBe(400);
    expect(reply.body['errors']).toEqual([
      { reason: expect.any(String), field: expect.any(String), message: expect.any(String) },
    ]);
  });

  it('may have 500,000 bytes and not one more', async () => {
    const sandbox = await start();

    const largest = await post(sandbox, '/api/v2/batch', batchOfBytes(500_000));
    const tooLarge = await post(sandbox, '/api/v2/batch', batchOfBytes(500_001));

    expect(largest.status).toBe(200);
    expect(tooLarge.status).toBe(413);
  });

  it('over the limit is answered with the status of the options', async () => {
    const sandbox = await start({ oversizedStatus: 400 });

    const reply = await post(sandbox, '/api/v2/batch', batchOfBytes(500_001));

    expect(reply.status).toBe(400);
  });

  it('may be compressed, and its size is that of the JSON', async () => {
    const sandbox = await start();
    const send = (body: Uint8Array<ArrayBuffer>) =>
      call(sandbox, '/api/v2/batch', { method: 'POST', body, headers: { 'content-encoding': 'gzip' } });

    const replies = [
      await send(gzipSync(batchOfBytes(500_000))),
      await send(gzipSync(batchOfBytes(500_001))),
      await send(Buffer.from('not gzip')),
    ];

    expect(replies.map(({ status }) => status)).toEqual([200, 413, 400]);
  });

  it('in an encoding that is not known is answered with 400', async () => {
    const sandbox = await start();
    const headers = { 'content-encoding': 'br' };

    const reply = await call(sandbox, '/api/v2/batch', { method: 'POST', body: '{}', headers });

    expect(reply.status).toBe(400);
  });

  it('of arrays nested beyond any sense is refused and brings nothing down', async () => {
    const sandbox = await start();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);

    const reply = await post(
      sandbox,
      '/api/v2/batch',
      `{"batch":[{"type":"person","action":"event","identifiers":{"id":"u1"},"name":"e","attributes":{"deep":${deep}}}]}`,
    );

    expect(reply.status).toBe(207);
    expect((await sendBatch(sandbox, VALID)).status).toBe(200);
  });
});

describe('an entity request', () => {
  it('applies its one operation', async () => {
    const sandbox = await start();

    const reply = await post(sandbox, '/api/v2/entity', JSON.stringify(VALID));

    expect(reply).toMatchObject({ status: 200, body: {} });
    expect(sandbox.workspace.counts.accepted).toBe(1);
  });

  it('that is invalid is answered with 400 and its errors', async () => {
    const sandbox = await start();

    const reply = await post(sandbox, '/api/v2/entity', JSON.stringify(person({ id: 'u1' }, 'greet')));

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ reason: 'invalid', field: 'action' }] } });
  });

  it('over 32 KiB is refused', async () => {
    const sandbox = await start();

    const reply = await post(sandbox, '/api/v2/entity', batchOfBytes(32_769));

    expect(reply.status).toBe(413);
  });
});

describe('other requests', () => {
  it('learn the region of their credentials', async () => {
    const sandbox = await start();

    const reply = await call(sandbox, '/api/v1/accounts/region');

    expect(reply).toMatchObject({
      status: 200,
      body: { url: sandbox.url, region: 'us', data_center: 'us', environment_id: expect.any(Number) },
    });
  });

  it('learn the region and the environment of each workspace', async () => {
    const sandbox = await start({
      workspaces: [
        { siteId: 'a', apiKey: 'a' },
        { siteId: 'b', apiKey: 'b', region: 'eu' },
      ],
    });
    const regionOf = async (credentials: string) =>
      (
        await call(sandbox, '/api/v1/accounts/region', {
          headers: { authorization: authorization(credentials) },
        })
      ).body;

    expect(await regionOf('a:a')).toMatchObject({ region: 'us', environment_id: 1 });
    expect(await regionOf('b:b')).toMatchObject({ region: 'eu', data_center: 'eu', environment_id: 2 });
  });

  it('with wrong credentials learn no region', async () => {
    const sandbox = await start();
    const headers = { authorization: authorization('local:other') };

    const reply = await call(sandbox, '/api/v1/accounts/region', { headers });

    expect(reply).toMatchObject({ status: 401, body: { meta: { error: 'Unauthorized request' } } });
  });

  it.each([
    ['GET', '/api/v2/batch', 405],
    ['GET', '/api/v1/metrics', 405],
    ['POST', '/api/v1/accounts/region', 405],
    ['POST', '/api/v3/batch', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const sandbox = await start();

    const reply = await call(sandbox, path, { method });

    expect(reply.status).toBe(status);
  });
});

it('keeps a record of every request: when it began, its operations and its answer', async () => {
  let nowMs = 5_000;
  const sandbox = await start({ clock: () => nowMs });

  await sendBatch(sandbox, VALID, VALID);
  nowMs = 6_000;
  await post(sandbox, '/api/v2/batch', 'not JSON');

  expect(sandbox.workspace.requests()).toEqual([
    { startedAt: 5_000, operations: 2, status: 200 },
    { startedAt: 6_000, operations: 0, status: 400 },
  ]);
});

it('says so when it fails itself', async () => {
  const onActivity = () => {
    throw new Error('the callback is broken');
  };
  const sandbox = await start({ onActivity });

  const reply = await sendBatch(sandbox, VALID);

  expect(reply.status).toBe(500);
  expect(reply.body['error']).toContain('The sandbox failed: Error: the callback is broken');
});

it('takes nothing from a client that hangs up while it is sending', async () => {
  const sandbox = await start();
  const headers = { authorization: authorization(), 'content-length': 1_000 };

  await new Promise<void>((resolve) => {
    const sending = request(`${sandbox.url}/api/v2/batch`, { method: 'POST', headers });
    sending.on('error', () => resolve());
    sending.write('{"batch":[', () => sending.destroy(new Error('hung up')));
  });

  expect((await sendBatch(sandbox, VALID)).status).toBe(200);
  expect(sandbox.workspace.counts).toEqual({ accepted: 1, rejected: 0, duplicates: 0 });
});

it('closes at once, with idle connections open and answers outstanding', async () => {
  const sandbox = await start();
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: authorization() };
  await new Promise((resolve) => {
    request(`${sandbox.url}/api/v1/accounts/region`, { agent, headers }, (response) =>
      response.resume().on('end', resolve),
    ).end();
  });
  sandbox.setFaults({ latencyMs: 600_000 });
  const outstanding = call(sandbox, '/api/v1/accounts/region').catch(() => 'cut');
  while (sandbox.workspace.requestCount < 2) await new Promise(setImmediate);

  await sandbox.close();

  expect(await outstanding).toBe('cut');
  agent.destroy();
});

it('does not start where something else listens', async () => {
  const { port } = await start();

  await expect(start({ port })).rejects.toThrow('EADDRINUSE');
});

it.each([
  ['without a workspace', []],
  [
    'with two of the same site id',
    [
      { siteId: 'a', apiKey: '1' },
      { siteId: 'a', apiKey: '2' },
    ],
  ],
])('does not start %s', async (_, workspaces) => {
  await expect(start({ workspaces })).rejects.toThrow(RangeError);
});
