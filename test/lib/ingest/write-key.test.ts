import { parseSources } from '../../../lib/config/parse-sources';
import { basicUser, findSource } from '../../../lib/ingest/write-key';

const sources = parseSources(
  JSON.stringify(
    ['first', 'second'].map((name) => ({ name, writeKey: `key-${name}`, siteId: 'site', apiKey: 'key' })),
  ),
);

describe('basicUser', () => {
  it.each([
    ['with a colon', `Basic ${btoa('key-first:')}`],
    ['without a colon', `Basic ${btoa('key-first')}`],
    ['with a password', `Basic ${btoa('key-first:password:x')}`],
    ['in lower case', `basic ${btoa('key-first:')}`],
    ['with more blanks', `Basic   ${btoa('key-first:')}`],
  ])('is the write key %s', (_, header) => {
    expect(basicUser(header)).toBe('key-first');
  });

  it('is UTF-8', () => {
    expect(basicUser(`Basic ${Buffer.from('schlüssel:').toString('base64')}`)).toBe('schlüssel');
  });

  it('is nothing without the header or with another scheme', () => {
    expect(basicUser(undefined)).toBeUndefined();
    expect(basicUser('Bearer a-token')).toBeUndefined();
    expect(basicUser('Basic')).toBeUndefined();
  });

  it('survives what is no base64', () => {
    expect(findSource(sources, [basicUser('Basic %%%'), basicUser('Basic ')])).toBeUndefined();
  });
});

describe('findSource', () => {
  it('finds the source of each key', () => {
    expect(findSource(sources, ['key-first'])?.name).toBe('first');
    expect(findSource(sources, ['key-second'])?.name).toBe('second');
  });

  it.each(['', 'key-', 'key-firs', 'key-first ', 'KEY-FIRST', 'x'.repeat(100_000), '\uD800'])(
    'finds none for an unknown key',
    (key) => {
      expect(findSource(sources, [key])).toBeUndefined();
    },
  );

  it('takes the first candidate that is a key of some source', () => {
    expect(findSource(sources, [undefined, null, 5, {}, 'unknown', 'key-second', 'key-first'])?.name).toBe(
      'second',
    );
    expect(findSource(sources, [])).toBeUndefined();
  });

  it('looks at the sources it is given, not at earlier ones', () => {
    const rotated = parseSources('[{"name":"first","writeKey":"rotated","siteId":"site","apiKey":"key"}]');

    expect(findSource(rotated, ['rotated'])?.name).toBe('first');
    expect(findSource(rotated, ['key-first'])).toBeUndefined();
  });
});
