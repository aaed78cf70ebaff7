import type { HttpAnswer } from '../../../../lib/delivery/connector';
import { classifyCustomerIo, classifyMetricsAnswer } from '../../../../lib/destinations/customerio/outcome';

const OPERATIONS = 3;

const response = (status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'response',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const classify = (answer: HttpAnswer, operations = OPERATIONS) => classifyCustomerIo(answer, operations);

const STATUSES = Array.from({ length: 500 }, (_, index) => index + 100);
const expectedKind = (status: number): string => {
  if (status >= 200 && status < 300) return 'accepted';
  if ([400, 413, 422].includes(status)) return 'refused';
  if (status >= 500 || [408, 425, 429].includes(status)) return 'unavailable';
  return 'operator';
};

describe('the verdict on a status', () => {
  it.each(STATUSES)('of %i is decided by the table', (status) => {
    expect(classify(response(status)).kind).toBe(expectedKind(status));
  });

  it('is throttled for 429 alone', () => {
    const throttled = STATUSES.filter((status) => {
      const verdict = classify(response(status));
      return verdict.kind === 'unavailable' && verdict.throttled;
    });

    expect(throttled).toEqual([429]);
  });

  it.each([
    [401, /siteId and apiKey/],
    [403, /siteId and apiKey/],
    [301, /region and trackUrl/],
    [307, /region and trackUrl/],
    [399, /region and trackUrl/],
    [300, /region and trackUrl/],
    [404, /check trackUrl/],
    [402, /account/],
    [199, /account/],
  ])('%i tells the operator what to check', (status, advice) => {
    expect(classify(response(status))).toEqual({ kind: 'operator', advice: expect.stringMatching(advice) });
  });
});

describe('an accepted request', () => {
  it.each([200, 202, 207])('carries the item errors of a %i answer', (status) => {
    const errors = [{ batch_index: 1, reason: 'invalid', field: 'attributes.x', message: 'too long' }];

    const verdict = classify(response(status, { errors }));

    expect(verdict).toEqual({
      kind: 'accepted',
      errors: [{ index: 1, detail: 'attributes.x: too long (invalid)' }],
    });
  });

  it('keeps several errors of one operation', () => {
    const errors = [
      { batch_index: 2, field: 'a', message: 'is bad' },
      { batch_index: 2, field: 'b', message: 'is worse' },
    ];

    expect(classify(response(207, { errors }))).toEqual({
      kind: 'accepted',
      errors: [
        { index: 2, detail: 'a: is bad' },
        { index: 2, detail: 'b: is worse' },
      ],
    });
  });

  it.each([
    [{ batch_index: 0, reason: 'required' }, 'required'],
    [{ batch_index: 0, field: 'name' }, 'name'],
    [{ batch_index: 0, message: 'is missing' }, 'is missing'],
    [{ batch_index: 0 }, 'no reason given'],
  ])('describes %j with what there is', (error, detail) => {
    expect(classify(response(207, { errors: [error] }))).toEqual({
      kind: 'accepted',
      errors: [{ index: 0, detail }],
    });
  });

  it.each([
    [{ batch_index: 1, reason: 'invalid', field: null, message: 7 }, 'invalid'],
    [{ batch_index: 1, reason: {}, field: 'name', message: ['x'] }, 'name'],
  ])(
    'reads of %j what is as documented, so that the other operations are known to be taken',
    (error, detail) => {
      expect(classify(response(207, { errors: [error] }))).toEqual({
        kind: 'accepted',
        errors: [{ index: 1, detail }],
      });
    },
  );

  it.each(['something is wrong', null, 7])(
    'that refuses something in another form (%j) is searched for it',
    (error) => {
      expect(classify(response(207, { errors: [error] }))).toEqual({
        kind: 'refused',
        detail: 'no reason given',
      });
    },
  );

  it('bounds what it repeats of an error', () => {
    const verdict = classify(response(207, { errors: [{ batch_index: 0, message: 'x'.repeat(9_999) }] }));

    expect(verdict.kind === 'accepted' && verdict.errors[0]?.detail).toHaveLength(500);
  });

  it.each([{}, { errors: [] }, { errors: null }])('has no errors when the body is %j', (body) => {
    expect(classify(response(207, body))).toEqual({ kind: 'accepted', errors: [] });
  });

  it.each(['', '  \n'])('may have an empty body on 200 (%j)', (body) => {
    expect(classify(response(200, body))).toEqual({ kind: 'accepted', errors: [] });
  });

  it.each([
    [207, ''],
    [207, '{"errors":[{"batch_index":0,"rea'],
    [200, '{"errors":'],
    [200, '<html>'],
    [200, '[]'],
    [200, 'null'],
    [207, { errors: 'none' }],
  ])('%i with the body %j is tried again: it does not say what was taken', (status, body) => {
    expect(classify(response(status, body))).toEqual({ kind: 'unavailable', throttled: false });
  });

  it.each([
    [{ message: 'something is wrong' }],
    [{ batch_index: OPERATIONS, message: 'something is wrong' }],
    [{ batch_index: 'one', message: 'something is wrong' }],
    [{ batch_index: -1, message: 'something is wrong' }],
    [{ batch_index: 0.5, message: 'something is wrong' }],
  ])('that refuses an operation it does not name (%j) is searched for it', (error) => {
    expect(classify(response(207, { errors: [error] }))).toEqual({
      kind: 'refused',
      detail: 'something is wrong',
    });
  });

  it('with one operation needs no index to know which one is meant', () => {
    const verdict = classify(
      response(207, { errors: [{ batch_index: 7, message: 'no' }, { message: 'nor this' }] }),
      1,
    );

    expect(verdict).toEqual({
      kind: 'accepted',
      errors: [
        { index: 0, detail: 'no' },
        { index: 0, detail: 'nor this' },
      ],
    });
  });

  it('bounds the description of errors without an index', () => {
    const errors = Array.from({ length: 40 }, () => ({ message: 'x'.repeat(40) }));
    const verdict = classify(response(200, { errors }));

    expect(verdict.kind === 'refused' && verdict.detail).toMatch(/^x{40}; x{40}; .{416}$/);
  });
});

describe('a refused request', () => {
  it.each([
    [{ errors: [{ field: 'batch', message: 'is required' }] }, 'HTTP 400: batch: is required'],
    [{ errors: [{ message: 'a' }, { message: 'b' }] }, 'HTTP 400: a; b'],
    [{ meta: { errors: ['malformed'] } }, 'HTTP 400: malformed'],
    [{ meta: { error: 'malformed' } }, 'HTTP 400: malformed'],
    [{}, 'HTTP 400'],
    ['not json', 'HTTP 400'],
  ])('is described by its body %j', (body, detail) => {
    expect(classify(response(400, body))).toEqual({ kind: 'refused', detail });
  });

  it('has a bounded description', () => {
    const verdict = classify(response(400, { meta: { errors: ['x'.repeat(9_999)] } }));

    expect(verdict.kind === 'refused' && verdict.detail).toHaveLength(500);
  });
});

it('Of thousands of errors the first twenty are told', () => {
  const errors = Array.from({ length: 40 }, () => 'x');
  const described = Array(20).fill('x').join('; ');

  for (const body of [{ errors: errors.map((message) => ({ message })) }, { meta: { errors } }]) {
    expect(classify(response(400, body))).toEqual({ kind: 'refused', detail: `HTTP 400: ${described}` });
  }
});

describe('an answer of the metrics endpoint', () => {
  it('that does not know the delivery refuses the metric, and keeps no other event waiting', () => {
    expect(classifyMetricsAnswer(response(404))).toEqual({
      kind: 'refused',
      detail: 'Customer.io answered 404 to the metric: it does not know the delivery',
    });
  });

  it.each<[HttpAnswer, string]>([
    [response(200), 'accepted'],
    [response(400), 'refused'],
    [response(401), 'operator'],
    [response(503), 'unavailable'],
    [{ kind: 'no_response', cause: 'timeout', code: 'X' }, 'unavailable'],
    [{ kind: 'no_response', cause: 'network', code: 'X', status: 404 } as HttpAnswer, 'unavailable'],
  ])('else means what it means elsewhere: %j is %s', (answer, kind) => {
    expect(classifyMetricsAnswer(answer).kind).toBe(kind);
  });
});

describe('Retry-After', () => {
  const DATE = 'Tue, 24 Nov 2026 07:00:00 GMT';
  it.each([
    ['7', {}, 7],
    ['0', {}, 0],
    ['100000', {}, 900],
    ['Tue, 24 Nov 2026 07:00:10 GMT', { date: DATE }, 10],
    ['Tue, 24 Nov 2026 06:59:00 GMT', { date: DATE }, 0],
    ['Wed, 25 Nov 2026 07:00:00 GMT', { date: DATE }, 900],
  ])('of %j is read as seconds', (value, headers, seconds) => {
    expect(classify(response(503, {}, { ...headers, 'retry-after': value }))).toEqual({
      kind: 'unavailable',
      throttled: false,
      retryAfterSeconds: seconds,
    });
  });

  it.each([...['soon', '-1', '1.5', '7 s', 'x7', '5, 5', '2026-11-25', ''], '24 Nov 2026 07:00:10 GMT'])(
    'of %j is ignored',
    (value) => {
      for (const date of ['never', DATE])
        expect(classify(response(429, {}, { 'retry-after': value, date }))).toStrictEqual({
          kind: 'unavailable',
          throttled: true,
        });
    },
  );

  it.each(['Tuesday, 24-Nov-26 07:00:10 GMT', 'Tue Nov 24 07:00:10 2026'])(
    'is read in the older form of a date %j as well',
    (value) => {
      expect(classify(response(429, {}, { 'retry-after': value, date: DATE }))).toEqual({
        kind: 'unavailable',
        throttled: true,
        retryAfterSeconds: 10,
      });
    },
  );

  it.each([
    ['a date is ignored without the time of the answer', 'Tue, 24 Nov 2026 07:00:10 GMT', {}],
    ['what only begins like a date is ignored', 'Tue, someday', { date: DATE }],
  ])('%s', (_, value, headers) => {
    expect(classify(response(429, {}, { ...headers, 'retry-after': value }))).toStrictEqual({
      kind: 'unavailable',
      throttled: true,
    });
  });

  it.each([[['1', '2']], [['7']]])('as the list %j is ignored', (values) => {
    const answer = { ...response(429), headers: { 'retry-after': values } } as HttpAnswer;

    expect(classify(answer)).toEqual({ kind: 'unavailable', throttled: true });
  });
});

describe('no answer', () => {
  it.each(['timeout', 'network'] as const)('for %s is tried again later', (cause) => {
    expect(classify({ kind: 'no_response', cause, code: 'X' })).toEqual({
      kind: 'unavailable',
      throttled: false,
    });
  });

  it('on a stale socket is tried again at once', () => {
    expect(classify({ kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' })).toEqual({
      kind: 'reconnect',
    });
  });
});
