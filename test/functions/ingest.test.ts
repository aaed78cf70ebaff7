import { logger } from '../../lib/observability';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  failFirstCall,
  get,
  ingest,
  post,
  queuedMessages,
  refuseMessages,
  SUCCESS,
  setIngestSettings,
  sqsMock,
  startAfresh,
  track,
  WRITE_KEY,
} from '../support/ingest';

beforeEach(startAfresh);
afterEach(() => jest.useRealTimers());

describe('the write key', () => {
  const withKeyIn: Readonly<Record<string, RequestOptions>> = {
    'the Basic user': { headers: AUTHORIZED },
    'Basic without a colon': { headers: { authorization: `Basic ${btoa(WRITE_KEY)}` } },
    'the batch': { body: JSON.stringify({ batch: [track()], writeKey: WRITE_KEY }) },
    'the first event': { body: JSON.stringify({ batch: [track({ writeKey: WRITE_KEY })] }) },
    'the query': { path: '/beacon/v1/batch', query: { writeKey: WRITE_KEY } },
    'the batch, beside an OAuth token': {
      headers: { authorization: 'Bearer token' },
      body: JSON.stringify({ batch: [track()], writeKey: WRITE_KEY }),
    },
  };

  it.each(Object.keys(withKeyIn))('is found in %s', async (place) => {
    const body = JSON.stringify({ batch: [track()] });

    expect(await ingest(httpRequest({ body, ...withKeyIn[place] }))).toMatchObject(SUCCESS);
    expect(queuedMessages()).toEqual([expect.objectContaining({ attributes: { source: 'shop' } })]);
  });

  it('of the header decides when the body has another', async () => {
    await post('/v1/batch', { batch: [track()], writeKey: 'first-write-key' });

    expect(queuedMessages()).toEqual([expect.objectContaining({ attributes: { source: 'shop' } })]);
  });

  it.each([
    ['unknown', { authorization: `Basic ${btoa('unknown:')}` }],
    ['missing', {}],
  ])('that is %s is a 401 and costs no write', async (_, headers) => {
    const reply = await post('/v1/batch', { batch: [track(), 5] }, { headers });

    expect(reply.statusCode).toBe(401);
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'invalid_write_key' });
    expect(sqsMock.calls()).toHaveLength(0);
  });
});

describe('when SQS does not take everything', () => {
  const batch = [track(), track({ event: undefined })];
  let error: jest.SpyInstance;

  beforeEach(() => {
    error = jest.spyOn(logger, 'error').mockImplementation();
    jest.spyOn(logger, 'warn').mockImplementation();
  });

  it.each(['events', 'dead-letters'] as const)(
    'the answer is a 503 for the %s, and says when to try again',
    async (queue) => {
      refuseMessages(queue);

      const reply = await post('/v1/batch', { batch });

      expect(reply.statusCode).toBe(503);
      expect(reply.headers['retry-after']).toMatch(/^\d+$/);
      expect(JSON.parse(reply.body)).toMatchObject({ code: 'queue_unavailable' });
      expect(error.mock.calls).toEqual([
        ['SQS did not take all of a request', { requestId: 'request-1', source: 'shop', failure: 'Error' }],
      ]);
    },
  );

  it('what its answer lists as failed is sent again before anything is said', async () => {
    failFirstCall();

    expect(await post('/v1/track', track())).toMatchObject(SUCCESS);
    expect(sqsMock.calls()).toHaveLength(2);
  });

  it.each(['QUEUE_URL', 'SOURCES', 'DEAD_LETTER_QUEUE_URL'])(
    'because %s is not set, the answer is a 503 and the log says what is wrong',
    async (name) => {
      setIngestSettings({ [name]: '' });

      const reply = await post('/v1/batch', { batch });

      expect(reply.statusCode).toBe(503);
      expect(JSON.parse(reply.body)).toMatchObject({ code: 'settings_unusable' });
      expect(error.mock.calls[0]?.[1]).toMatchObject({ mistake: expect.stringContaining(name) });
      expect(sqsMock.calls()).toHaveLength(0);
    },
  );

  it('and something unexpected happens, the answer is still one that SDKs read', async () => {
    const broken = new Proxy(
      {},
      {
        get: () => {
          throw new Error('secret');
        },
      },
    );

    const reply = await ingest({ ...httpRequest({ body: '{"batch":[]}' }), queryStringParameters: broken });

    expect(reply.statusCode).toBe(503);
    expect(reply.headers['access-control-allow-origin']).toBe('*');
    expect(JSON.stringify(error.mock.calls)).not.toContain('secret');
  });
});

describe('other paths', () => {
  it('answer health without touching the queue', async () => {
    expect(await get('/health')).toMatchObject(SUCCESS);
    expect(await ingest(httpRequest({ method: 'HEAD', path: '/health' }))).toMatchObject({
      statusCode: 200,
      body: '',
    });
    expect(sqsMock.calls()).toHaveLength(0);
  });

  it('say with health what is deployed', async () => {
    setIngestSettings({ RELEASE: '1.2.3+0a1b2c3' });

    expect(JSON.parse((await get('/health')).body)).toEqual({ success: true, release: '1.2.3+0a1b2c3' });
  });

  it("discard the SDKs' telemetry", async () => {
    expect(await post('/v1/m', { series: [{}] }, { headers: {} })).toMatchObject(SUCCESS);
    expect(sqsMock.calls()).toHaveLength(0);
  });

  it('are JSON errors, never a redirect', async () => {
    const missing = await post('/v1/tracks', track());
    const wrong = await get('/v1/batch');

    expect(missing.statusCode).toBe(404);
    expect(JSON.parse(missing.body)).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('reporting webhooks are POSTed to /webhooks/customerio/{source}'),
    });
    expect(wrong).toMatchObject({ statusCode: 405, headers: { allow: 'POST, OPTIONS' } });
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'method_not_allowed' });
  });

  it('are the same behind a named stage', async () => {
    expect(await post('/prod/v1/track', track(), { stage: 'prod' })).toMatchObject(SUCCESS);
    expect((await post('/prod/v1/track', track())).statusCode).toBe(404);
  });

  it.each([
    ['BASE_PATH', 'events'],
    ['BASE_PATH', '/events/'],
    ['PUBLIC_API_HOST', 'api.example.com/events'],
  ])('are the same behind the base path of %s %s, with and without a stage', async (name, value) => {
    setIngestSettings({ [name]: value });

    expect(await post('/events/v1/track', track())).toMatchObject(SUCCESS);
    expect(await post('/prod/events/v1/track', track(), { stage: 'prod' })).toMatchObject(SUCCESS);
    expect(await post('/v1/track', track())).toMatchObject(SUCCESS);
    expect((await get(`/events/analytics.js/v1/${WRITE_KEY}/analytics.min.js`)).statusCode).toBe(200);
    expect((await get('/events/health')).statusCode).toBe(200);
    expect((await post('/elsewhere/v1/track', track())).statusCode).toBe(404);
  });

  it('behind a base path that is none are 503, and the log says which setting is wrong', async () => {
    const log = jest.spyOn(logger, 'error');
    setIngestSettings({ BASE_PATH: 'https://hush.example.com/events' });

    expect((await post('/events/v1/track', track())).statusCode).toBe(503);
    expect(log).toHaveBeenCalledWith('The settings are not usable', {
      requestId: 'request-1',
      mistake: expect.stringMatching(/^BASE_PATH must be a path /),
    });
  });
});
