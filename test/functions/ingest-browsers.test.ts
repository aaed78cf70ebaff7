import { gunzipSync } from 'node:zlib';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  get,
  ingest,
  post,
  queuedEvents,
  setIngestSettings,
  startAfresh,
  track,
  WRITE_KEY,
} from '../support/ingest';

beforeEach(startAfresh);
afterEach(() => jest.useRealTimers());

describe('a browser', () => {
  const origin = 'https://shop.example.com';

  it('may ask before it sends, on any path and without a key', async () => {
    const headers = { origin, 'access-control-request-headers': 'authorization,x-retry-count' };

    const reply = await ingest(httpRequest({ method: 'OPTIONS', path: '/v1/t', headers }));

    expect(reply).toMatchObject({ statusCode: 204, body: '' });
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization,x-retry-count',
      'access-control-max-age': '7200',
    });
  });

  it.each([
    ['a success', '/v1/t', AUTHORIZED, 200],
    ['an unknown key', '/v1/t', {}, 401],
    ['an unknown path', '/v1/x', AUTHORIZED, 404],
  ])('can read the answer to %s', async (_, path, headers, status) => {
    const reply = await post(path, track(), { headers: { ...headers, origin } });

    expect(reply.statusCode).toBe(status);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
    });
  });

  it('of another origin than the setting allows cannot', async () => {
    setIngestSettings({ ALLOWED_ORIGINS: `https://other.example.com, ${origin}` });

    const allowed = await post('/v1/t', track(), { headers: { ...AUTHORIZED, origin } });
    const other = await post('/v1/t', track(), {
      headers: { ...AUTHORIZED, origin: 'https://evil.example.com' },
    });

    expect(allowed.headers).toHaveProperty('access-control-allow-origin', origin);
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('is known by its address, a server is not', async () => {
    await post('/v1/t', track(), { headers: { ...AUTHORIZED, origin }, sourceIp: '198.51.100.9' });
    await post('/v1/batch', { batch: [track()] }, { sourceIp: '198.51.100.9' });

    expect(queuedEvents().map(({ context }) => context)).toEqual([{ ip: '198.51.100.9' }, undefined]);
  });
});

describe('the settings document', () => {
  const path = `/v1/projects/${WRITE_KEY}/settings`;

  it('sends SDKs back to where they asked, and may be kept for minutes', async () => {
    const reply = await get(path);

    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': expect.stringContaining('max-age=300'),
      'access-control-allow-origin': '*',
    });
    expect(JSON.parse(reply.body).integrations['Segment.io']).toMatchObject({
      apiKey: WRITE_KEY,
      apiHost: 'relay.example.com/v1',
      protocol: 'https',
    });
  });

  it('holds the domain of the API where a client sends no host', async () => {
    const request = httpRequest({ method: 'GET', path });

    const { body } = await ingest({ ...request, headers: {} });

    expect(JSON.parse(body).integrations['Segment.io'].apiHost).toBe(
      'api.execute-api.us-east-1.amazonaws.com/v1',
    );
  });

  it.each<[string, RequestOptions, string]>([
    ['the stage', { path: `/dev${path}`, stage: 'dev' }, 'relay.example.com/dev/v1'],
    ['a port', { headers: { host: 'localhost:3000' } }, 'localhost:3000/v1'],
  ])('holds %s', async (_, options, apiHost) => {
    expect(JSON.parse((await get(path, options)).body).integrations['Segment.io'].apiHost).toBe(apiHost);
  });

  it.each<[string, RequestOptions, string]>([
    ['as it came', { path: `/events${path}` }, 'relay.example.com/events/v1'],
    ['where API Gateway has taken it away', {}, 'relay.example.com/events/v1'],
    [
      'not on the host of API Gateway',
      { headers: { host: 'a.execute-api.eu-west-1.amazonaws.com' } },
      'a.execute-api.eu-west-1.amazonaws.com/v1',
    ],
    ['behind a stage', { path: `/dev/events${path}`, stage: 'dev' }, 'relay.example.com/dev/events/v1'],
  ])('holds the base path %s', async (_, options, apiHost) => {
    setIngestSettings({ BASE_PATH: 'events' });

    expect(JSON.parse((await get(path, options)).body).integrations['Segment.io'].apiHost).toBe(apiHost);
  });

  it('names the public host where one is set', async () => {
    setIngestSettings({ PUBLIC_API_HOST: 'events.example.com' });

    expect(JSON.parse((await get(path)).body).integrations['Segment.io'].apiHost).toBe(
      'events.example.com/v1',
    );
  });

  it('names the plugin of a source in device mode, where it is served', async () => {
    const source = {
      name: 'web',
      writeKey: 'web-key',
      siteId: 'site',
      apiKey: 'key',
      connectionMode: 'device',
    };
    setIngestSettings({ SOURCES: JSON.stringify([source]) });

    const { remotePlugins } = JSON.parse((await get('/v1/projects/web-key/settings')).body);

    expect(remotePlugins).toMatchObject([{ name: 'Customer.io', settings: { siteId: 'site' } }]);
    expect(await get(new URL(remotePlugins[0].url).pathname)).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/javascript; charset=utf-8' },
    });
  });

  it('names none for a source that is left out for a mistake', async () => {
    const leftOut = { name: 'web', writeKey: 'web-key', siteId: 'site', connectionMode: 'device' };
    const good = { name: 'shop', writeKey: 'shop-key', siteId: 'site', apiKey: 'key' };
    setIngestSettings({ SOURCES: JSON.stringify([leftOut, good]) });

    const reply = await get('/v1/projects/web-key/settings');

    expect(JSON.parse(reply.body)).toMatchObject({ remotePlugins: [] });
  });

  it('is not there for an unknown key', async () => {
    expect((await get('/v1/projects/unknown/settings')).statusCode).toBe(404);
  });
});

describe('the source config of RudderStack’s SDKs', () => {
  it.each<[string, RequestOptions]>([
    ['a phone', { query: { p: 'android', v: '1.27.1', bv: '34' }, headers: AUTHORIZED }],
    [
      'a browser',
      {
        path: '/sourceConfig/',
        query: { p: 'npm', build: 'modern', writeKey: WRITE_KEY },
        headers: { ...AUTHORIZED, origin: 'https://shop.example.com' },
      },
    ],
    ['whoever has the key in the query alone', { query: { writeKey: WRITE_KEY } }],
  ])('tells %s that the source is enabled and has no destination in the app', async (_, options) => {
    const reply = await get('/sourceConfig', options);

    expect(reply).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      },
    });
    expect(JSON.parse(reply.body)).toEqual({
      source: {
        id: 'relay',
        name: 'relay',
        writeKey: WRITE_KEY,
        workspaceId: 'relay',
        enabled: true,
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
        destinations: [],
      },
    });
  });

  it('is there for a source that is left out for a mistake: its events wait in the app', async () => {
    const leftOut = { name: 'shop', writeKey: WRITE_KEY, siteId: 'site' };
    const good = { name: 'web', writeKey: 'web-key', siteId: 'site', apiKey: 'key' };
    setIngestSettings({ SOURCES: JSON.stringify([leftOut, good]) });

    expect((await get('/sourceConfig', { headers: AUTHORIZED })).statusCode).toBe(200);
  });

  it.each<[string, RequestOptions]>([
    ['without a key', {}],
    ['with one that no source has', { query: { writeKey: 'unknown' } }],
  ])('is refused %s', async (_, options) => {
    expect(await get('/sourceConfig', options)).toMatchObject({
      statusCode: 401,
      body: expect.stringContaining('invalid_write_key'),
    });
  });
});

describe('analytics.js', () => {
  const path = `/analytics.js/v1/${WRITE_KEY}/analytics.min.js`;

  it('is served for the classic snippet', async () => {
    const reply = await get(path, { headers: { 'accept-encoding': 'gzip' } });

    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(gunzipSync(Buffer.from(reply.body, 'base64')).toString()).toContain('analytics');
  });

  it('is not there for an unknown key, or where it is turned off', async () => {
    expect((await get('/analytics.js/v1/unknown/analytics.min.js')).statusCode).toBe(404);
    setIngestSettings({ SERVE_ANALYTICS_JS: 'false' });
    expect((await get(path)).statusCode).toBe(404);
    expect((await get('/analytics-next/bundles/a.bundle.0.js')).statusCode).toBe(404);
  });

  it('has no chunk that the package has not', async () => {
    expect((await get('/analytics-next/bundles/a.bundle.0.js')).statusCode).toBe(404);
  });
});
