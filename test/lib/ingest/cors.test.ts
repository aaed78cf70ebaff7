import { ALLOWED_HEADERS, corsHeaders, preflightHeaders } from '../../../lib/ingest/cors';

const ORIGIN = 'https://shop.example.com';

describe('corsHeaders', () => {
  it('let every origin read the answer and its Retry-After by default, without credentials', () => {
    expect(corsHeaders(ORIGIN, ['*'])).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
    });
    expect(corsHeaders(undefined, ['*'])).toHaveProperty('access-control-allow-origin', '*');
  });

  it('name the origin that asks when it is on the list, which may send credentials', () => {
    expect(corsHeaders(ORIGIN, ['https://other.example.com', ORIGIN])).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Retry-After',
      vary: 'Origin',
    });
  });

  it.each(['https://evil.example.com', 'https://shop.example.com.evil.com', 'null', undefined])(
    'name no origin for %p, which is not on the list',
    (origin) => {
      expect(corsHeaders(origin, [ORIGIN])).toEqual({ vary: 'Origin' });
    },
  );
});

describe('preflightHeaders', () => {
  it("allow what every SDK sends, its retries' headers too", () => {
    const headers = preflightHeaders(undefined);

    expect(headers['access-control-allow-headers']?.split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'x-retry-count', 'anonymousid', 'sentat']),
    );
    expect(headers['access-control-allow-methods']).toBe('GET, POST, OPTIONS');
    expect(headers['access-control-max-age']).toBe('7200');
  });

  it('allow the headers that a page adds itself', () => {
    expect(preflightHeaders('authorization,content-type,x-custom')).toHaveProperty(
      'access-control-allow-headers',
      'authorization,content-type,x-custom',
    );
  });

  it.each(['', 'a\r\nset-cookie: x', 'a b', `a${',a'.repeat(1_000)}`])(
    'give nothing back but names',
    (requested) => {
      expect(preflightHeaders(requested)['access-control-allow-headers']).toBe(ALLOWED_HEADERS.join(', '));
    },
  );
});
