import { gzipSync } from 'node:zlib';
import { httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  deadLetterTexts,
  ingest,
  queuedEvents,
  type Reply,
  refuseMessages,
  SUCCESS,
  sqsMock,
  startAfresh,
  track,
  WRITE_KEY,
} from '../support/ingest';

beforeEach(startAfresh);
afterEach(() => jest.useRealTimers());

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
