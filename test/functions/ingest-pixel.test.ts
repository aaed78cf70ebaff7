// Segment's tracking pixel: an image in an email. Whatever becomes of the event, the answer is the image.

import { tellSums } from '../../lib/http/minute-tally';
import { readPixel } from '../../lib/ingest/pixel';
import { logger } from '../../lib/observability';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  deadLetterTexts,
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
import { captureLogs } from '../support/log-output';

/** A GIF of one pixel by one. */
const GIF_HEAD = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0]);

const opened = (changes: object = {}) => ({
  writeKey: WRITE_KEY,
  userId: 'u1',
  event: 'Email Opened',
  properties: { subject: 'Grüße? >>> ~~~ 👋' },
  ...changes,
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const load = (query: Readonly<Record<string, string>>, options: RequestOptions = {}): Promise<Reply> =>
  ingest(httpRequest({ method: 'GET', path: '/v1/pixel/track', query, ...options }));

const expectImage = ({ statusCode, headers, body, isBase64Encoded }: Reply): void => {
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'image/gif',
    // An image that is kept is an email that is opened once.
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  });
  expect(isBase64Encoded).toBe(true);
  expect(Buffer.from(body, 'base64').subarray(0, GIF_HEAD.length)).toEqual(GIF_HEAD);
};

beforeEach(() => {
  setIngestSettings();
  resetQueues();
  jest.spyOn(logger, 'warn').mockImplementation();
});

afterEach(() => jest.restoreAllMocks());

it.each(['track', 'page'])(
  'takes one event at /pixel/v1/%s, where RudderStack has its pixels',
  async (type) => {
    const query = {
      writeKey: WRITE_KEY,
      anonymousId: 'visitor-1',
      event: 'Email Opened',
      name: 'Newsletter',
      'properties.campaign': 'spring',
      'context.page.url': 'https://shop.example.com/',
    };

    expectImage(await load(query, { path: `/pixel/v1/${type}` }));

    expect(queuedEvents()).toMatchObject([
      {
        type,
        anonymousId: 'visitor-1',
        properties: { campaign: 'spring' },
        context: { page: { url: 'https://shop.example.com/' } },
      },
    ]);
  },
);

it.each(['//v1/pixel/track', '/v1//pixel/track', '/pixel//v1/track/'])(
  'takes an event at %s, where slashes that stand together are one',
  async (path) => {
    expectImage(await load({ writeKey: WRITE_KEY, userId: 'u1', event: 'Email Opened' }, { path }));

    expect(queuedEvents()).toMatchObject([{ userId: 'u1', event: 'Email Opened' }]);
  },
);

it('answers with the image at a path of RudderStack’s pixels whose type is none, and keeps the event', async () => {
  expectImage(await load({ writeKey: WRITE_KEY, event: 'Lost' }, { path: '/pixel/v1/open' }));

  expect(deadLetters()).toMatchObject([{ attributes: { reason: 'invalid_event' } }]);
});

it.each(['identify', 'track', 'page', 'screen', 'group', 'alias'])(
  'takes one event at /v1/pixel/%s',
  async (type) => {
    const data = base64(opened({ groupId: 'g1', previousId: 'p1' }));

    expectImage(await load({ data }, { path: `/v1/pixel/${type}` }));

    expect(queuedMessages()).toEqual([expect.objectContaining({ attributes: { source: 'shop' } })]);
    expect(queuedEvents()).toEqual([
      expect.objectContaining({
        type,
        userId: 'u1',
        properties: opened().properties,
        messageId: expect.any(String),
      }),
    ]);
    expect(queuedEvents()[0]).not.toHaveProperty('writeKey');
  },
);

it.each([
  ['base64', base64(opened())],
  ['base64 whose plus signs a browser took for blanks', base64(opened()).replaceAll('+', ' ')],
  ['base64 without its padding', base64(opened()).replace(/=+$/, '')],
  ['base64url', Buffer.from(JSON.stringify(opened())).toString('base64url')],
  ['JSON as it is', JSON.stringify(opened())],
])('reads %s', async (_, data) => {
  expectImage(await load({ data }));

  expect(queuedEvents()).toEqual([
    expect.objectContaining({ event: 'Email Opened', properties: opened().properties }),
  ]);
});

it('a name of more than ten parts is one field: nobody chooses how deep an event goes', async () => {
  const [ten, eleven] = ['a.b.c.d.e.f.g.h.i.j', 'a.b.c.d.e.f.g.h.i.j.k'];

  expectImage(await load({ writeKey: WRITE_KEY, userId: 'u1', event: 'E', [ten]: 'x', [eleven]: 'y' }));

  const a = { b: { c: { d: { e: { f: { g: { h: { i: { j: 'x' } } } } } } } } };
  expect(queuedEvents()).toEqual([expect.objectContaining({ a, [eleven]: 'y' })]);
});

it('reads an event that stands in the query itself, as Segment does', async () => {
  const query = {
    writeKey: WRITE_KEY,
    userId: 'u1',
    event: 'Email Opened',
    'properties.subject': 'Hello',
    'properties.campaign.name': 'Spring',
    'properties.__proto__.polluted': 'yes',
  };

  expectImage(await load(query));

  expect(queuedEvents()).toEqual([
    expect.objectContaining({
      type: 'track',
      userId: 'u1',
      event: 'Email Opened',
      properties: expect.objectContaining({ subject: 'Hello', campaign: { name: 'Spring' } }),
    }),
  ]);
  expect({}).not.toHaveProperty('polluted');
});

it.each<[string, RequestOptions]>([
  ['the event', { query: { data: base64(opened()) } }],
  ['the query', { query: { data: base64(opened({ writeKey: undefined })), writeKey: WRITE_KEY } }],
  ['Basic authentication', { query: { data: base64(opened({ writeKey: undefined })) }, headers: AUTHORIZED }],
])('finds the write key in %s', async (_, options) => {
  expectImage(await load({}, options));

  expect(queuedMessages()).toEqual([expect.objectContaining({ attributes: { source: 'shop' } })]);
});

it('keeps an event that can never work as a dead letter: nobody reads an answer that says so', async () => {
  expectImage(await load({ data: base64(opened({ event: '' })) }));

  expect(queuedEvents()).toEqual([]);
  expect(deadLetters()).toEqual([
    {
      event: { ...opened({ event: '' }), type: 'track' },
      attributes: expect.objectContaining({ reason: 'missing_event_name', source: 'shop' }),
    },
  ]);
});

it.each(['delete', 'Track', 't', '%E0%A4%A'])(
  'keeps an event whose path says %s, which is no type, as it came, or takes it for what it says itself',
  async (type) => {
    expectImage(await load({ data: base64(opened()) }, { path: `/v1/pixel/${type}` }));
    expectImage(await load({ data: base64(opened({ type: 'track' })) }, { path: `/v1/pixel/${type}/` }));

    expect(deadLetters()).toMatchObject([{ event: opened(), attributes: { reason: 'invalid_event' } }]);
    expect(queuedEvents()).toMatchObject([{ type: 'track', userId: opened()['userId'] }]);
  },
);

it('keeps data that cannot be read as a dead letter once the key is known', async () => {
  expectImage(await load({ data: Buffer.from('{"userId":').toString('base64'), writeKey: WRITE_KEY }));

  expect(deadLetterReasons()).toEqual(['invalid_json']);
});

it.each(['!!!!', 'hello, world', '%7B%22userId%22'])(
  'keeps data that is neither base64 nor JSON as it came: %s',
  async (data) => {
    expectImage(await load({ data, writeKey: WRITE_KEY }));

    expect(deadLetterTexts()).toMatchObject([
      { body: data, attributes: { reason: 'invalid_json', source: 'shop' } },
    ]);
  },
);

it.each([42, null, 'hello', ['not an event']])(
  'keeps data that is no event (%j) as a dead letter',
  async (data) => {
    expectImage(await load({ data: base64(data), writeKey: WRITE_KEY }));

    expect(queuedEvents()).toEqual([]);
    expect(deadLetterReasons()).toEqual(['invalid_event']);
  },
);

it.each([undefined, null])('reads a query that is %j as nothing', (query) => {
  expect(readPixel(query)).toBe('');
});

const deadLetterReasons = () =>
  sqsMock
    .calls()
    .flatMap(({ args }) => (args[0].input as { Entries: { MessageAttributes: unknown }[] }).Entries)
    .map(
      ({ MessageAttributes }) =>
        (MessageAttributes as { reason?: { StringValue: string } }).reason?.StringValue,
    );

describe('when there is nothing to take', () => {
  it('says so in a header beside the image', async () => {
    const reply = await load({ data: base64(opened({ writeKey: 'wrong' })) });

    expectImage(reply);
    expect(reply.headers).toHaveProperty('x-refused', '401 invalid_write_key');
    expect((await load({ data: base64(opened()) })).headers).not.toHaveProperty('x-refused');
  });

  const codesOf = async (query: Readonly<Record<string, string>>, options: RequestOptions = {}) => {
    jest.restoreAllMocks();
    jest.useFakeTimers({
      now: nextMinute(),
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    });
    // What the tests before have left is told now.
    tellSums();
    jest.setSystemTime(nextMinute());
    const output = captureLogs();
    expectImage(await load(query, options));
    output.release();
    jest.useRealTimers();
    return output.lines
      .filter((line) => line.includes('"RequestsRefused":'))
      .map((line) => JSON.parse(line).code);
  };

  let minute = Date.parse('2026-11-24T06:00:00.000Z');
  const nextMinute = (): number => {
    minute += 60_000;
    return minute;
  };

  it.each<[string, Readonly<Record<string, string>>, string, RequestOptions]>([
    ['an unknown key', { data: base64(opened({ writeKey: 'unknown' })) }, 'invalid_write_key', {}],
    ['no data', {}, 'malformed_json', {}],
    ['empty data', { data: '' }, 'malformed_json', {}],
  ])(
    'because of %s, the answer is the image, and the request is counted as refused',
    async (_, query, code, options) => {
      expect(await codesOf(query, options)).toEqual([code]);
      expect(sqsMock.calls()).toHaveLength(0);
    },
  );

  it('because SQS is away, too', async () => {
    refuseMessages('events');

    expect(await codesOf({ data: base64(opened()) })).toContain('queue_unavailable');
  });

  it('because a HEAD only asks what is there, nothing is queued or counted', async () => {
    const reply = await ingest(
      httpRequest({ method: 'HEAD', path: '/v1/pixel/track', query: { data: base64(opened()) } }),
    );

    expect(reply).toMatchObject({ statusCode: 200, body: '', headers: { 'content-type': 'image/gif' } });
    expect(sqsMock.calls()).toHaveLength(0);
  });

  it('because it is a POST, the answer says which method to use', async () => {
    const reply = await ingest(httpRequest({ path: '/v1/pixel/track', query: { data: base64(opened()) } }));

    expect(reply.statusCode).toBe(405);
  });
});
