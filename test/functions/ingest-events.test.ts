import { REASONS, type Reason } from '../../lib/errors';
import { logger } from '../../lib/observability';
import { httpRequest } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  deadLetterTexts,
  ingest,
  NOW,
  post,
  queuedEvents,
  queuedMessages,
  type Reply,
  SUCCESS,
  setIngestSettings,
  sqsMock,
  startAfresh,
  track,
  WRITE_KEY,
} from '../support/ingest';

beforeEach(startAfresh);
afterEach(() => jest.useRealTimers());

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

  it('meets the rules of its source before it is told what is wrong with it', async () => {
    const source = { name: 'shop', writeKey: WRITE_KEY, siteId: 's', apiKey: 'a' };
    const settings = {
      consent: { require: ['Marketing'] },
      rules: [{ name: 'crm', move: { 'traits.crm': 'userId' } }],
    };
    setIngestSettings({ SOURCES: JSON.stringify([{ ...source, ...settings }]) });
    const visitor = { type: 'identify', anonymousId: 'a1' };
    const refused = { consent: { categoryPreferences: { Marketing: false } } };

    const replies = [
      await post('/v1/identify', { ...visitor, traits: { crm: 'u1' } }),
      await post('/v1/batch', { batch: [{ ...visitor, context: refused }] }),
      await post('/v1/identify', visitor),
    ];

    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 400]);
    expect(queuedEvents()).toHaveLength(2);
    expect(deadLetters()).toEqual([]);
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
