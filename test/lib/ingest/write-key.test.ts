import fc from 'fast-check';
import { parseSettings } from '../../../lib/config/parse-settings';
import type { Settings } from '../../../lib/config/settings';
import { basicUser, lookUpHeader, lookUpKey } from '../../../lib/ingest/write-key';

const sourceOf = (name: string) => ({ name, writeKey: `key-${name}`, siteId: 'site', apiKey: 'key' });
const settingsOf = (sources: readonly unknown[], over: Partial<Settings> = {}): Settings => ({
  ...parseSettings(JSON.stringify(sources), 'SOURCES'),
  readAtMs: 0,
  mayBeOutdated: false,
  ...over,
});
const settings = settingsOf(['first', 'second'].map(sourceOf));
const UNKNOWN = { kind: 'unknown' };
const found = (name: string) =>
  expect.objectContaining({ kind: 'source', source: expect.objectContaining({ name }) });

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
    expect(lookUpKey(settings, [basicUser('Basic %%%'), basicUser('Basic ')])).toEqual(UNKNOWN);
  });
});

describe('lookUpKey', () => {
  it('finds the source of each key', () => {
    expect(lookUpKey(settings, ['key-first'])).toEqual(found('first'));
    expect(lookUpKey(settings, ['key-second'])).toEqual(found('second'));
  });

  it.each(['', 'key-', 'key-firs', 'key-first ', 'KEY-FIRST', 'x'.repeat(100_000), '\uD800'])(
    'finds none for an unknown key',
    (key) => {
      expect(lookUpKey(settings, [key])).toEqual(UNKNOWN);
    },
  );

  it('takes the first candidate that is a key of some source', () => {
    expect(lookUpKey(settings, [undefined, null, 5, {}, 'unknown', 'key-second', 'key-first'])).toEqual(
      found('second'),
    );
    expect(lookUpKey(settings, [])).toEqual(UNKNOWN);
  });

  it('looks at the settings it is given, not at earlier ones', () => {
    const rotated = settingsOf([{ ...sourceOf('first'), writeKey: 'rotated' }]);

    expect(lookUpKey(rotated, ['rotated'])).toEqual(found('first'));
    expect(lookUpKey(rotated, ['key-first'])).toEqual(UNKNOWN);
  });

  it('knows the key of a source that is left out for a mistake', () => {
    const mistaken = settingsOf([{ ...sourceOf('first'), region: 'uk' }, sourceOf('second')]);

    expect(lookUpKey(mistaken, ['key-first'])).toMatchObject({ kind: 'left_out', name: 'first' });
    expect(lookUpKey(mistaken, ['key-second'])).toEqual(found('second'));
    expect(lookUpKey(mistaken, ['unknown'])).toEqual(UNKNOWN);
  });

  it('decides nothing of an unknown key while a key cannot be read, or newer settings cannot', () => {
    const keyless = settingsOf([{ ...sourceOf('first'), writeKey: 7 }, sourceOf('second')]);
    const outdated = settingsOf(['first'].map(sourceOf), { mayBeOutdated: true });

    for (const uncertain of [keyless, outdated]) {
      expect(lookUpKey(uncertain, ['unknown'])).toEqual({ kind: 'undecided' });
      expect(lookUpKey(uncertain, [undefined, ''])).toEqual(UNKNOWN);
    }
  });
});

describe('lookUpHeader', () => {
  const headerOf = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

  it('finds the source of the header that SDKs send', () => {
    expect(lookUpHeader(settings, headerOf('key-second:'))).toEqual(found('second'));
  });

  it.each([
    ['without a header', undefined],
    ['of an unknown key', headerOf('key-third:')],
    ['with a password, which has to be read', headerOf('key-first:secret')],
  ])('finds none %s', (_, header) => {
    expect(lookUpHeader(settings, header)).toBeUndefined();
  });

  it('never finds another source than who reads the header does', () => {
    const anyKey = fc.oneof(fc.constantFrom('a', 'a:b', ':', 'ü:', 'schlüssel', '\u0080'), fc.string());
    fc.assert(
      fc.property(fc.array(anyKey, { minLength: 1, maxLength: 5 }), anyKey, (keys, sent) => {
        const entries = keys.map((writeKey) => ({ kind: 'left_out' as const, name: 'shop', writeKey }));
        const several = { ...settings, entries };
        const header = headerOf(`${sent}:`);
        const read = lookUpKey(several, [basicUser(header)]);
        expect([undefined, read]).toContain(lookUpHeader(several, header));
      }),
    );
  });

  it('leaves a key with a colon to who reads the header, for whom it ends there', () => {
    const both = settingsOf([
      { ...sourceOf('first'), writeKey: 'a' },
      { ...sourceOf('second'), writeKey: 'a:b' },
    ]);

    expect(lookUpHeader(both, headerOf('a:b:'))).toBeUndefined();
    expect(lookUpHeader(both, headerOf('a:'))).toEqual(found('first'));
  });
});
