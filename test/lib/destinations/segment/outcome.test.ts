import type { HttpAnswer } from '../../../../lib/delivery/connector';
import { classifySegment } from '../../../../lib/destinations/segment/outcome';

const response = (status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'response',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const STATUSES = Array.from({ length: 500 }, (_, index) => index + 100);
const expectedKind = (status: number): string => {
  if (status >= 200 && status < 300) return 'accepted';
  if ([400, 413, 422].includes(status)) return 'refused';
  if (status >= 500 || [408, 425, 429].includes(status)) return 'unavailable';
  return 'operator';
};

describe('the verdict on a status', () => {
  it.each(STATUSES)('of %i is decided by the table', (status) => {
    expect(classifySegment(response(status)).kind).toBe(expectedKind(status));
  });

  it('is throttled for 429 alone', () => {
    const throttled = STATUSES.filter((status) => {
      const verdict = classifySegment(response(status));
      return verdict.kind === 'unavailable' && verdict.throttled;
    });

    expect(throttled).toEqual([429]);
  });

  it.each([
    [401, /segmentWriteKey/],
    [403, /segmentWriteKey/],
    [300, /redirected.*segmentUrl/],
    [301, /redirected.*segmentUrl/],
    [308, /redirected.*segmentUrl/],
    [399, /redirected.*segmentUrl/],
    [199, /^Segment answered 199/],
    [404, /segmentUrl, which is an address without \/v1/],
    [405, /segmentUrl/],
    [410, /segmentUrl/],
  ])('%i tells the operator what to check', (status, advice) => {
    expect(classifySegment(response(status))).toEqual({
      kind: 'operator',
      advice: expect.stringMatching(advice),
    });
  });

  it('429 and 503 are waited out as long as Retry-After says', () => {
    expect(classifySegment(response(429, {}, { 'retry-after': '7' }))).toEqual({
      kind: 'unavailable',
      throttled: true,
      retryAfterSeconds: 7,
    });
    expect(classifySegment(response(503, {}, { 'retry-after': '7' }))).toEqual({
      kind: 'unavailable',
      throttled: false,
      retryAfterSeconds: 7,
    });
  });
});

it('A word about the write key is one where the content is refused: from a service in trouble it is none', () => {
  const body = { message: 'invalid write key' };

  expect(classifySegment(response(400, body)).kind).toBe('operator');
  expect(classifySegment(response(503, body)).kind).toBe('unavailable');
  expect(classifySegment(response(200, body)).kind).toBe('accepted');
});

describe('a request that is taken', () => {
  it.each([
    [200, { success: true }],
    [200, 'OK'],
    [200, ''],
    [200, '{"succ'],
    [200, '[]'],
    [202, 'null'],
    [204, ''],
  ])('is taken whole, as %i with the body %j says', (status, body) => {
    expect(classifySegment(response(status, body))).toEqual({ kind: 'accepted', errors: [] });
  });

  it('is not one when its answer denies it', () => {
    expect(classifySegment(response(200, { success: false, message: 'busy' }))).toEqual({
      kind: 'unavailable',
      throttled: false,
    });
  });
});

describe('a refused request', () => {
  it.each([
    ['as Segment says it', { success: false, message: 'malformed JSON' }, 'HTTP 400: malformed JSON'],
    [
      'as this relay says it',
      { success: false, code: 'payload_too_large', message: 'The body is too large.', error: 'too large' },
      'HTTP 400: The body is too large. (payload_too_large)',
    ],
    ['by an error alone', { error: 'bad batch' }, 'HTTP 400: bad batch'],
    ['by a code alone', { code: 'bad_batch' }, 'HTTP 400: bad_batch'],
    ['in fields of other types', { code: 7, message: { text: 'no' }, error: ['no'] }, 'HTTP 400'],
    ['not at all', {}, 'HTTP 400'],
    ['in a page', '<html>Bad Request</html>', 'HTTP 400'],
    ['in an array', '["no"]', 'HTTP 400'],
  ])('is described %s', (_, body, detail) => {
    expect(classifySegment(response(400, body))).toEqual({ kind: 'refused', detail });
  });

  it('has a bounded description', () => {
    const verdict = classifySegment(response(413, { message: 'x'.repeat(9_999) }));

    expect(verdict.kind === 'refused' && verdict.detail).toHaveLength(500);
  });

  it.each([
    [400, { success: false, message: 'An invalid write key was provided' }],
    [400, { error: 'missing writeKey' }],
    [422, { code: 'invalid_write_key' }],
  ])('for its write key (%i %j) waits for an operator instead of losing every event', (status, body) => {
    expect(classifySegment(response(status, body))).toEqual({
      kind: 'operator',
      advice: expect.stringMatching(/segmentWriteKey/),
    });
  });

  it('whose page happens to speak of a write key is a refusal like any other', () => {
    expect(classifySegment(response(400, '<html>write key</html>')).kind).toBe('refused');
  });
});

describe('no answer', () => {
  it.each(['timeout', 'network'] as const)('for %s is tried again later', (cause) => {
    expect(classifySegment({ kind: 'no_response', cause, code: 'X' })).toEqual({
      kind: 'unavailable',
      throttled: false,
    });
  });

  it('on a stale socket is tried again at once', () => {
    expect(classifySegment({ kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' })).toEqual({
      kind: 'reconnect',
    });
  });
});
