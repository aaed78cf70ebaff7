import { gunzipSync, gzipSync } from 'node:zlib';
import { REASONS, type Reason } from '../../lib/errors';
import { logger } from '../../lib/observability';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  deadLetterTexts,
  failFirstCall,
  ingest,
  queuedEvents,
  queuedMessages,
  type Reply,
  refuseMessages,
  resetQueues,
  setIngestSettings,
  sqsMock,
  WRITE_KEY,
} from '../support/ingest';
import {
  asApiGatewayEvent,
  RECORDED_CLIENTS,
  recordedBatch,
  recordedRequests,
} from '../support/recorded-request';

const NOW = new Date('2026-11-24T06:00:00.000Z');
const SUCCESS = { statusCode: 200, body: '{"success":true}' };

const track = (changes: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Signed Up',
  messageId: 'm1',
  ...changes,
});

const post = (path: string, body: unknown, options: RequestOptions = {}): Promise<Reply> =>
  ingest(httpRequest({ path, headers: AUTHORIZED, body: JSON.stringify(body), ...options }));

const get = (path: string, options: RequestOptions = {}): Promise<Reply> =>
  ingest(httpRequest({ method: 'GET', path, ...options }));

beforeEach(() => {
  setIngestSettings();
  resetQueues();
  jest.useFakeTimers({ now: NOW, doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'] });
});

afterEach(() => jest.useRealTimers());

describe('an event with a `batch` of its own', () => {
  const packed = track({ event: 'Shipment Packed', batch: [] });

  it.each<[string, unknown]>([
    ['/v1/track', packed],
    ['/v1/track', track({ batch: [track({ timestamp: '2099-01-01T00:00:00Z' })] })],
    ['/v1/batch', packed],
    ['/v1/batch', { ...packed, type: undefined, action: 'track' }],
    ['/v1/batch', { batch: [packed] }],
  ])('sent to %s is that event and nothing else: %j', async (path, body) => {
    expect(await post(path, body)).toMatchObject(SUCCESS);

    const [event] = (body as { type?: string; batch: object[] }).batch;
    const expected = path === '/v1/batch' && !('event' in (body as object)) ? event : body;
    expect(queuedEvents()).toEqual([expect.objectContaining({ ...(expected as object), type: 'track' })]);
    expect(deadLetters()).toEqual([]);
  });

  it('is in an envelope on the queue, alone or not', async () => {
    await post('/v1/track', packed);
    await post('/v1/batch', { batch: [packed, packed] });

    for (const { body } of queuedMessages()) expect(Object.keys(JSON.parse(body))).toEqual(['batch']);
  });

  it('and no type is dead-lettered as it is', async () => {
    await post('/v1/batch', { batch: [{ batch: [track()] }] });

    expect(queuedEvents()).toEqual([]);
    expect(deadLetters()).toMatchObject([
      { event: { batch: [track()] }, attributes: { reason: 'invalid_event' } },
    ]);
  });
});

describe('a batch of which much can never work', () => {
  const postZeros = (count: number): Promise<Reply> => {
    return ingest(
      httpRequest({
        headers: AUTHORIZED,
        body: `{"batch":[${JSON.stringify(track())},${'0 ,'.repeat(count - 1)} 1e20]}`,
      }),
    );
  };

  it('is a dead letter for each, up to a hundred', async () => {
    expect(await postZeros(100)).toMatchObject(SUCCESS);

    expect(queuedEvents()).toHaveLength(1);
    expect(deadLetters()).toHaveLength(100);
    expect(sqsMock.calls()).toHaveLength(1 + 10);
  });

  it.each([101, 9_999])('is one dead letter for all of %i, with a reason that says so', async (count) => {
    expect(await postZeros(count)).toMatchObject(SUCCESS);

    expect(queuedEvents()).toHaveLength(1);
    expect(sqsMock.calls()).toHaveLength(1 + 1);
    expect(deadLetters()).toEqual([
      {
        event: [...Array.from({ length: count - 1 }, () => 0), 1e20],
        attributes: {
          reason: 'too_many_events',
          detail: `${count} events of one request can never work: ${count} invalid_event; the first: event: expected an object`,
          source: 'shop',
          messageId: 'request-1',
          timestamp: NOW.toISOString(),
          failedAt: NOW.toISOString(),
        },
      },
    ]);
  });

  it('has what their batch says of all of them, so that each means the same when it is replayed', async () => {
    const said = {
      context: { traits: { plan: 'pro' } },
      integrations: { all: true },
      sentAt: NOW.toISOString(),
    };
    const bad = '{"type":"track","event":"A","n":1e20,"context":{"locale":"en"}}';
    const post = (count: number) => {
      const body = `{"batch":[${Array.from({ length: count }, () => bad)}],${JSON.stringify(said).slice(1)}`;
      return ingest(httpRequest({ headers: AUTHORIZED, body }));
    };

    await post(1);
    await post(101);

    expect(deadLetterTexts().map(({ body }) => body)).toEqual([
      `{"type":"track","event":"A","n":1e20,"context":{"traits":{"plan":"pro"},"locale":"en"},"integrations":{"All":true},"sentAt":"${said.sentAt}"}`,
      `{"batch":[${Array.from({ length: 101 }, () => bad)}],${JSON.stringify(said).slice(1)}`,
    ]);
    for (const { attributes } of deadLetterTexts()) expect(attributes['timestamp']).toBe(NOW.toISOString());
  });

  it('and part of which cannot be read is two', async () => {
    const body = `{"batch":[${JSON.stringify(track())},${'{},'.repeat(200)}{"type":"tra`;

    const reply = await ingest(httpRequest({ headers: AUTHORIZED, body }));

    expect(reply.statusCode).toBe(400);
    expect(queuedEvents()).toHaveLength(1);
    expect(deadLetterTexts().map((letter) => [letter.body, letter.attributes['reason']])).toEqual([
      [`[${Array.from({ length: 200 }, () => '{}')}]`, 'too_many_events'],
      [body, 'invalid_json'],
    ]);
  });
});

describe('a single event', () => {
  it.each([
    ['/v1/identify', 'identify'],
    ['/v1/i', 'identify'],
    ['/v1/track', 'track'],
    ['/v1/t', 'track'],
    ['/v1/page', 'page'],
    ['/v1/p', 'page'],
    ['/v1/screen', 'screen'],
    ['/v1/s', 'screen'],
    ['/v1/group', 'group'],
    ['/v1/g/', 'group'],
    ['/v1/alias', 'alias'],
    ['/v1/a', 'alias'],
  ])('sent to %s is queued as %s', async (path, type) => {
    const reply = await post(path, track({ type: undefined, groupId: 'g1', previousId: 'p1' }));

    expect(reply).toMatchObject(SUCCESS);
    expect(queuedEvents()).toEqual([expect.objectContaining({ type, userId: 'u1', messageId: 'm1' })]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['identify', { anonymousId: 'a1' }, 'missing_identifier'],
    ['identify', { traits: { email: 'nobody' } }, 'missing_identifier'],
    ['track', { event: 'Signed Up', traits: { email: 'nobody' } }, 'missing_identifier'],
    ['alias', { userId: 'u1' }, 'missing_identifier'],
    ['alias', { previousId: 'p1', anonymousId: 'a1' }, 'missing_identifier'],
    ['group', { userId: 'u1' }, 'missing_identifier'],
    ['identify', { userId: ' Undefined ' }, 'illegal_identifier'],
    ['track', { event: 'Signed Up', userId: '"null"', anonymousId: 'a1' }, 'illegal_identifier'],
    ['group', { userId: 'u1', groupId: '[object Object]' }, 'illegal_identifier'],
    ['alias', { userId: 'u1', previousId: 'anonymous' }, 'illegal_identifier'],
    ['track', { event: 'Signed Up', userId: { id: 'u1' }, anonymousId: 'a1' }, 'invalid_event'],
    ['page', { userId: 'u1', anonymousId: false }, 'invalid_event'],
  ])(
    'that can never work, %s %j, is refused with its reason; in a batch it is dead-lettered',
    async (type, fields, reason) => {
      jest.spyOn(logger, 'warn').mockImplementation();

      const alone = await post(`/v1/${type}`, fields);
      const inBatch = await post('/v1/batch', { batch: [{ type, ...fields }, track()] });

      expect(alone.statusCode).toBe(400);
      expect(JSON.parse(alone.body)).toMatchObject({
        code: reason,
        message: expect.stringContaining(REASONS[reason as Reason]),
      });
      expect(inBatch).toMatchObject(SUCCESS);
      expect(queuedEvents()).toHaveLength(1);
      expect(deadLetters()).toMatchObject([{ event: { type, ...fields }, attributes: { reason } }]);
    },
  );

  it('is measured by the settings of its source: what they allow is taken, what they forbid waits', async () => {
    const source = { name: 'shop', writeKey: WRITE_KEY, siteId: 's', apiKey: 'a' };
    const settings = { workspaceIdentifiers: 'id', allowIdentifiers: ['None'], longNames: 'reject' };
    setIngestSettings({ SOURCES: JSON.stringify([{ ...source, ...settings }]) });

    const replies = [
      await post('/v1/track', track({ userId: 'None' })),
      await post('/v1/identify', { traits: { email: 'ada@example.com' } }),
      await post('/v1/track', track({ event: 'x'.repeat(101) })),
    ];

    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(queuedEvents()).toHaveLength(3);
  });

  it('is taken once for all workspaces of its source, where one of them can take it', async () => {
    const destinations = [
      { name: 'us', siteId: 'us', apiKey: 'a' },
      { name: 'eu', siteId: 'eu', apiKey: 'a', allowIdentifiers: ['None'] },
    ];
    setIngestSettings({ SOURCES: JSON.stringify([{ name: 'shop', writeKey: WRITE_KEY, destinations }]) });

    const { statusCode } = await post('/v1/track', track({ userId: 'None' }));

    expect(statusCode).toBe(200);
    expect(queuedEvents()).toHaveLength(1);
  });

  it('overrules what its batch says of us, in whatever spelling', async () => {
    const source = {
      name: 'shop',
      writeKey: WRITE_KEY,
      siteId: 's',
      apiKey: 'a',
      integrationNames: ['Mail'],
    };
    setIngestSettings({ SOURCES: JSON.stringify([source]) });

    await post('/v1/batch', {
      integrations: { 'Customer.io': true, Amplitude: true },
      batch: [{ 'Actions Customerio': false }, { mail: false }, { Amplitude: false }].map((integrations) =>
        track({ integrations }),
      ),
    });

    expect(queuedEvents().map(({ integrations }) => integrations)).toEqual([
      { Amplitude: true, 'Actions Customerio': false },
      { Amplitude: true, mail: false },
      { 'Customer.io': true, Amplitude: false },
    ]);
  });

  it('is one message that names its source, with everything Segment fills in', async () => {
    await post(
      '/v1/track',
      track({ timestamp: '2026-11-24T05:00:00Z', sentAt: '2026-11-24T05:00:09Z', writeKey: 'x' }),
    );

    expect(queuedMessages()).toEqual([{ body: expect.any(String), attributes: { source: 'shop' } }]);
    expect(queuedEvents()).toEqual([
      {
        ...track(),
        originalTimestamp: '2026-11-24T05:00:00Z',
        timestamp: '2026-11-24T05:59:51.000Z',
        receivedAt: '2026-11-24T06:00:00.000Z',
      },
    ]);
  });

  it('gets a messageId where it has none', async () => {
    await post('/v1/track', track({ messageId: undefined }));

    expect(queuedEvents()[0]?.['messageId']).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/,
    );
  });

  it.each<[string, object, string]>([
    ['unknown type', { type: 'delete' }, 'invalid_event'],
    ['no identifier', { userId: null }, 'missing_identifier'],
    ['no event name', { event: '' }, 'missing_event_name'],
    ['more than 32 KiB', { properties: { filler: 'x'.repeat(32_768) } }, 'payload_too_large'],
  ])('of %s is a 400 that says so, and costs nothing', async (_, changes, code) => {
    const reply = await post('/v1/track', track(changes));

    expect(reply.statusCode).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({ success: false, code, error: expect.any(String) });
    expect(sqsMock.calls()).toHaveLength(0);
  });
});

describe('a batch', () => {
  it.each([
    '/v1/batch',
    '/v1/batch/',
    '/v1/b',
    '/v1/import',
    '/v1/import/',
    '/',
    '/v1',
    '/v1/',
    '/b',
    '/batch/',
  ])('sent to %s is queued', async (path) => {
    const reply = await post(path, { batch: [track({ messageId: 'a' }), track({ messageId: 'b' })] });

    expect(reply).toMatchObject(SUCCESS);
    expect(queuedEvents().map(({ messageId }) => messageId)).toEqual(['a', 'b']);
  });

  it.each(['/v1/batch', '/v1/b', '/', '/v1/track', '/v1/i'])(
    'that is a bare array is queued at %s, as Segment’s webhooks send it',
    async (path) => {
      const reply = await post(path, [track({ messageId: 'a' }), track({ messageId: 'b', type: 'page' })]);

      expect(reply).toMatchObject(SUCCESS);
      expect(queuedEvents().map(({ messageId, type }) => [messageId, type])).toEqual([
        ['a', 'track'],
        ['b', 'page'],
      ]);
    },
  );

  it('that is a bare array has its write key in its first event', async () => {
    const reply = await post('/v1/batch', [track({ writeKey: WRITE_KEY }), track()], { headers: {} });

    expect(reply).toMatchObject(SUCCESS);
    expect(queuedEvents()).toHaveLength(2);
  });

  it('that is a bare array has its bad events dead-lettered, on a path for one event too', async () => {
    jest.spyOn(logger, 'warn').mockImplementation();

    expect(await post('/v1/track', [track({ type: undefined }), track({ event: '' }), 5])).toMatchObject(
      SUCCESS,
    );

    expect(queuedEvents()).toEqual([expect.objectContaining({ type: 'track', messageId: 'm1' })]);
    expect(deadLetters().map(({ attributes }) => attributes['reason'])).toEqual([
      'missing_event_name',
      'invalid_event',
    ]);
  });

  it('that is one event without an envelope is queued, whatever else the event holds', async () => {
    expect(await post('/v1/batch', track({ batch: [track({ messageId: 'inside' })] }))).toMatchObject(
      SUCCESS,
    );

    expect(queuedEvents()).toEqual([expect.objectContaining({ messageId: 'm1' })]);
  });

  it('of small events is one message', async () => {
    await post('/v1/batch', { batch: Array.from({ length: 100 }, () => track()) });

    expect(queuedMessages()).toHaveLength(1);
    expect(queuedEvents()).toHaveLength(100);
  });

  it('of a large size is as few messages as fit, and no event is lost', async () => {
    const batch = Array.from({ length: 100 }, (_, index) =>
      track({ messageId: `m${index}`, properties: { filler: 'ü'.repeat(2_000) } }),
    );

    await post('/v1/batch', { batch });

    expect(queuedMessages()).toHaveLength(7);
    expect(queuedEvents().map(({ messageId }) => messageId)).toEqual(batch.map(({ messageId }) => messageId));
  });

  it('without events is a success that queues nothing', async () => {
    expect(await post('/v1/batch', { batch: [] })).toMatchObject(SUCCESS);
    expect(sqsMock.calls()).toHaveLength(0);
  });

  it('with bad events is a success: those are dead-lettered as they came, the others queued', async () => {
    const warn = jest.spyOn(logger, 'warn').mockImplementation();
    const nameless = track({ event: undefined, messageId: 'bad', sentAt: 'x', writeKey: 'y' });

    const reply = await post('/v1/batch', { batch: [track(), nameless, 5] });

    expect(reply).toMatchObject(SUCCESS);
    expect(queuedEvents().map(({ messageId }) => messageId)).toEqual(['m1']);
    expect(deadLetters()).toEqual([
      {
        event: JSON.parse(JSON.stringify(nameless)),
        attributes: {
          reason: 'missing_event_name',
          detail: 'event: expected a string that is not blank, got nothing',
          source: 'shop',
          messageId: 'bad',
          timestamp: NOW.toISOString(),
          failedAt: NOW.toISOString(),
        },
      },
      expect.objectContaining({ event: 5 }),
    ]);
    expect(warn.mock.calls.map(([, fields]) => fields)).toEqual([
      { requestId: 'request-1', source: 'shop', reason: 'missing_event_name', events: 1 },
      { requestId: 'request-1', source: 'shop', reason: 'invalid_event', events: 1 },
    ]);
  });

  it('with bad events of a source that cleans its dead letters stores them without what never leaves', async () => {
    jest.spyOn(logger, 'warn').mockImplementation();
    const privacy = { deny: ['ssn'], deadLetters: 'cleaned' };
    const shop = { name: 'shop', writeKey: WRITE_KEY, siteId: 'site', apiKey: 'key', privacy };
    setIngestSettings({ SOURCES: JSON.stringify([shop]) });
    const nameless = { type: 'track', userId: 'u1', messageId: 'bad', properties: { ssn: 1, plan: 'pro' } };

    await post('/v1/batch', { batch: [nameless] });

    expect(deadLetters()).toMatchObject([{ event: { ...nameless, properties: { plan: 'pro' } } }]);
    expect(JSON.stringify(deadLetters())).not.toContain('ssn');
  });

  it.each([
    ['no object', '5', 'malformed_json'],
    ['no batch', '{}', 'malformed_json'],
    ['nothing', undefined, 'malformed_json'],
    [
      'more than 512 KiB',
      JSON.stringify({ batch: [track({ filler: 'x'.repeat(524_288) })] }),
      'payload_too_large',
    ],
  ])('that is %s is a 400', async (_, body, code) => {
    const reply = await ingest(httpRequest({ path: '/v1/batch', headers: AUTHORIZED, body }));

    expect(reply.statusCode).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({ code });
    expect(sqsMock.calls()).toHaveLength(0);
  });
});

describe('a body that is not JSON', () => {
  const send = (body: string, options: RequestOptions = {}): Promise<Reply> =>
    ingest(httpRequest({ path: '/v1/batch', headers: AUTHORIZED, body, ...options }));
  const sendBytes = (bytes: Buffer): Promise<Reply> =>
    send(bytes.toString('base64'), { isBase64Encoded: true });
  const whole = JSON.stringify(track({ messageId: 'whole' }));

  it.each([
    ['NaN of a data frame', `{"batch":[${whole.replace('}', ',"properties":{"price":NaN}}')}]}`],
    ['a comma too many', `{"batch":[,${whole},],"sentAt":"2026-11-24T06:00:00Z"}`],
    ['a lost end', `{"batch":[${whole}`],
    ['NULs between its events', `{"batch":[\0\0${whole}\0]}`],
  ])('for %s is taken: nothing of it is lost', async (_, body) => {
    expect(await send(body)).toMatchObject(SUCCESS);
    expect(queuedEvents()).toMatchObject([{ messageId: 'whole', userId: 'u1' }]);
    expect(deadLetters()).toEqual([]);
  });

  it('reads joined envelopes one after the other, each with its own clock', async () => {
    const envelope = (id: string, sentAt: string): string =>
      JSON.stringify({ batch: [track({ messageId: id, timestamp: '2026-11-24T05:00:00Z' })], sentAt });

    expect(
      await send(envelope('a', '2026-11-24T05:00:10Z') + envelope('b', '2026-11-24T05:00:20Z')),
    ).toMatchObject(SUCCESS);

    expect(queuedEvents()).toMatchObject([
      { messageId: 'a', timestamp: '2026-11-24T05:59:50.000Z' },
      { messageId: 'b', timestamp: '2026-11-24T05:59:40.000Z' },
    ]);
  });

  it('and not whole either: what is read is queued, the bytes are a dead letter, and the sender is told', async () => {
    const body = `{"batch":[${whole},{"type":"track","userId":"u2","event":"Cut`;

    const reply = await send(body);

    expect(reply.statusCode).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({
      code: 'malformed_json',
      message: expect.stringContaining('1 event of it could be read and was taken'),
    });
    expect(queuedEvents()).toMatchObject([{ messageId: 'whole' }]);
    expect(deadLetterTexts()).toEqual([
      { body, attributes: expect.objectContaining({ reason: 'invalid_json', source: 'shop' }) },
    ]);
  });

  it('beside an event that can never work: both are dead letters, for the answer can name but one', async () => {
    const illegal = '{"userId":"undefined","event":"A"}';

    expect((await send(`${illegal}{"userId":"u2","event":"Cut`, { path: '/v1/track' })).statusCode).toBe(400);

    expect(deadLetterTexts().map(({ attributes }) => attributes['reason'])).toEqual([
      'illegal_identifier',
      'invalid_json',
    ]);
  });

  it('because its gzip lost its end is read as far as it goes', async () => {
    const body = `{"batch":[${whole},{"type":"track","userId":"u2","event":"${'Cut'.repeat(50)}"}]}`;

    expect((await sendBytes(gzipSync(body).subarray(0, -20))).statusCode).toBe(400);

    expect(queuedEvents()).toMatchObject([{ messageId: 'whole' }]);
    expect(deadLetterTexts()).toEqual([
      {
        body: expect.stringContaining(`${whole},{"type":`),
        attributes: expect.objectContaining({ reason: 'invalid_json', source: 'shop' }),
      },
    ]);
  });

  it('because its gzip lost no more than its checksum is whole', async () => {
    expect(await sendBytes(gzipSync(`{"batch":[${whole}]}`).subarray(0, -8))).toMatchObject(SUCCESS);
    expect(queuedEvents()).toMatchObject([{ messageId: 'whole' }]);
  });

  it('because its gzip is damaged is a dead letter of the bytes', async () => {
    const bytes = gzipSync(`{"batch":[${whole}]}`);
    bytes.writeUInt32LE(7, bytes.length - 8);

    const reply = await sendBytes(bytes);

    expect(reply.statusCode).toBe(400);
    expect(JSON.parse(reply.body).message).toContain('its gzip is damaged');
    expect(queuedEvents()).toEqual([]);
    expect(deadLetterTexts()).toEqual([
      {
        body: bytes.toString('base64'),
        attributes: expect.objectContaining({
          reason: 'invalid_json',
          detail: expect.stringContaining('its gzip is damaged'),
        }),
      },
    ]);
  });

  it('is nobody known: nothing is kept', async () => {
    const reply = await send('{"batch":[', { headers: {} });

    expect(reply.statusCode).toBe(401);
    expect(sqsMock.calls()).toHaveLength(0);
  });

  it('shows its key in a part that can be read', async () => {
    const body = `{"batch":[${whole},{"cut],"writeKey":"${WRITE_KEY}"}`;

    expect((await send(body, { headers: {} })).statusCode).toBe(400);
    expect(queuedEvents()).toMatchObject([{ messageId: 'whole' }]);
  });

  it('of a single event is read as well', async () => {
    const body = whole.replace('}', ',"properties":{"price":Infinity}}');

    expect(await send(body, { path: '/v1/track' })).toMatchObject(SUCCESS);
    expect(queuedEvents()).toMatchObject([{ properties: { price: null } }]);
  });

  it('is sent again when the queue does not take it all', async () => {
    refuseMessages('dead-letters');

    expect((await send('{"batch":[{"cut')).statusCode).toBe(503);
  });
});

describe('a body', () => {
  const text = JSON.stringify({ batch: [track()] });

  it.each([
    'application/json',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('is JSON whatever the content type ("%s") says', async (type) => {
    const headers = { ...AUTHORIZED, 'content-type': type };

    expect(await ingest(httpRequest({ headers, body: text }))).toMatchObject(SUCCESS);
    expect(queuedEvents()).toHaveLength(1);
  });

  it.each([
    ['as base64', Buffer.from(text)],
    ['compressed', gzipSync(text)],
  ])('is read %s', async (_, bytes) => {
    const headers = { ...AUTHORIZED, 'content-encoding': 'gzip' };
    const body = bytes.toString('base64');

    expect(await ingest(httpRequest({ headers, body, isBase64Encoded: true }))).toMatchObject(SUCCESS);
    expect(queuedEvents()).toHaveLength(1);
  });
});

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
    expect(JSON.parse(missing.body)).toMatchObject({ code: 'not_found' });
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

describe.each(RECORDED_CLIENTS)('%s', (client) => {
  const requests = recordedRequests(client);

  beforeEach(() =>
    setIngestSettings({
      SOURCES: JSON.stringify([
        { name: 'recorded', writeKey: 'recorded-write-key', siteId: 'site', apiKey: 'key' },
      ]),
    }),
  );

  it('is understood in every request it made, byte for byte', async () => {
    for (const recorded of requests) {
      expect(await ingest(asApiGatewayEvent(recorded))).toMatchObject(SUCCESS);
    }

    const sent = requests.flatMap(recordedBatch) as Record<string, unknown>[];
    expect(deadLetters()).toEqual([]);
    expect(queuedEvents()).toHaveLength(sent.length);
    for (const [index, { sentAt, timestamp, originalTimestamp, ...event }] of sent.entries()) {
      expect(queuedEvents()[index]).toMatchObject(event);
      expect(queuedEvents()[index]).toHaveProperty('originalTimestamp', timestamp ?? originalTimestamp);
    }
    expect(
      queuedEvents()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['alias', 'group', 'identify', 'page', 'screen', 'track', 'track']);
  });

  it('keeps its own messageId and the time the caller gave', async () => {
    for (const recorded of requests) await ingest(asApiGatewayEvent(recorded));

    const event = queuedEvents().find(({ messageId }) => messageId === 'my-own-message-id');
    expect(event).toMatchObject({ event: 'Grüße 🎉', originalTimestamp: '2024-02-03T04:05:06.789Z' });
    expect(event?.['timestamp']).toMatch(/^2024-/);
  });
});
