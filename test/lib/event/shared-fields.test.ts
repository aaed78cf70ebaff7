import fc from 'fast-check';
import {
  readSharedFields,
  sharedBytes,
  textWithSharedFields,
  withSharedFields,
} from '../../../lib/event/shared-fields';
import { isObject, type JsonObject } from '../../../lib/json/json-object';

const merged = (event: JsonObject, shared: JsonObject, ownNames?: readonly string[]): JsonObject =>
  withSharedFields(event, readSharedFields(shared), ownNames);

describe('what a batch says of all its events', () => {
  it('is its context, its integrations and when it was sent, and nothing else that it has', () => {
    const said = { context: { a: 1 }, integrations: { All: false }, sentAt: 1_700_000_000 };

    expect(readSharedFields({ ...said, batch: [], writeKey: 'k', timestamp: '2026-01-01' })).toEqual(said);
  });

  it.each([
    {},
    { context: null, integrations: [], sentAt: 'soon' },
    { context: 'x', integrations: true, sentAt: null },
  ])('is nothing in %j', (fields) => {
    expect(readSharedFields(fields)).toBeUndefined();
  });

  it('has a size, which is that of what each event grows by', () => {
    expect(sharedBytes({ sentAt: '2026-01-01' })).toBe(0);
    expect(sharedBytes({ context: { a: 'é' } })).toBe(Buffer.byteLength('{"context":{"a":"é"}}'));
  });
});

describe('an event of a batch', () => {
  it('has the context of the batch under its own, key by key', () => {
    const context = { library: { name: 'analytics-go', version: '3' }, app: { name: 'shop' } };

    expect(merged({ context: { library: { name: 'own' }, ip: '1.1.1.1' } }, { context })).toEqual({
      context: { library: { name: 'own' }, app: { name: 'shop' }, ip: '1.1.1.1' },
    });
    expect(merged({}, { context })).toEqual({ context });
  });

  it('has what the batch says where its own says null, which is how SDKs write nothing', () => {
    const consent = { categoryPreferences: { Marketing: false } };

    expect(merged({ context: { consent: null, ip: null } }, { context: { consent } })).toEqual({
      context: { consent, ip: null },
    });
  });

  it.each([null, [], 'text', 5])('has it alone where its own is %j', (own) => {
    expect(merged({ context: own }, { context: { locale: 'en' } })).toEqual({ context: { locale: 'en' } });
  });

  it.each([
    [{ All: true }, { All: false, Mixpanel: true }, { All: true, Mixpanel: true }],
    [{ all: false }, { All: true }, { All: false }],
    [{ All: true }, { all: false }, { All: true }],
    [{ all: false, All: null }, { Mixpanel: true }, { All: false, Mixpanel: true }],
    [null, { all: false }, { All: false }],
    [[], { 'Customer.io': false }, { 'Customer.io': false }],
    [{ CIO: false }, { 'Customer.io': true, Mixpanel: true }, { CIO: false, Mixpanel: true }],
    [{ 'Customer.io': null }, { 'Customer.io': false }, { 'Customer.io': false }],
    [{ 'Customer.io': 'yes' }, { 'Customer.io': false }, { 'Customer.io': false }],
    [
      { CIO: null, All: 0 },
      { 'Customer.io': false, All: false },
      { CIO: null, 'Customer.io': false, All: false },
    ],
    [{ all: null }, { All: false }, { All: false }],
    [{ all: null }, { all: false }, { All: false }],
    [{ Mixpanel: null }, {}, { Mixpanel: null }],
  ])(
    'that says %j of its integrations under a batch that says %j says %j',
    (integrations, shared, expected) => {
      expect(merged({ integrations }, { integrations: shared }, ['CIO'])).toEqual({ integrations: expected });
    },
  );

  it.each([
    ['2026-01-02', '2026-01-02'],
    ['soon', '2026-01-01'],
    [undefined, '2026-01-01'],
  ])('that was sent at %j was sent at %j', (own, expected) => {
    expect(merged({ sentAt: own }, { sentAt: '2026-01-01' })).toEqual({ sentAt: expected });
  });

  it('is itself where the batch says nothing', () => {
    const event = { type: 'track' };

    expect(merged(event, {})).toBe(event);
  });

  it('keeps `__proto__` a key like any other', () => {
    const event = JSON.parse('{"__proto__":{"polluted":1},"context":{"__proto__":{"x":1}}}');

    expect(JSON.stringify(merged(event, { context: JSON.parse('{"__proto__":5,"a":1}') }))).toBe(
      '{"__proto__":{"polluted":1},"context":{"__proto__":{"x":1},"a":1}}',
    );
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('the text of such an event', () => {
  const integrations = fc.dictionary(
    fc.constantFrom('All', 'all', 'CIO', 'Customer.io', 'Mixpanel'),
    fc.constantFrom<unknown>(true, false, null, 'yes', {}),
  );
  const contextKey = fc.oneof(fc.constantFrom('consent', 'device', '__proto__'), fc.string());
  const own = fc.record(
    {
      type: fc.constant('track'),
      context: fc.oneof(fc.dictionary(contextKey, fc.jsonValue()), fc.jsonValue()),
      integrations: fc.oneof(integrations, fc.jsonValue()),
      sentAt: fc.constantFrom<unknown>('2026-01-02', 'soon', null),
    },
    { requiredKeys: [] },
  );
  const shared = fc.record(
    {
      context: fc.dictionary(contextKey, fc.jsonValue()),
      integrations,
      sentAt: fc.constantFrom('2026-01-01', 1_700_000_000),
    },
    { requiredKeys: [] },
  );
  const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('says what the event says', () => {
    fc.assert(
      fc.property(own.map(throughJson), shared.map(throughJson), (event, fields) => {
        if (!isObject(event) || !isObject(fields)) throw new Error('They are objects.');
        const read = readSharedFields(fields);
        const text = textWithSharedFields(JSON.stringify(event, null, 2), event, read, ['CIO']);

        expect(JSON.parse(text)).toEqual(throughJson(withSharedFields(event, read, ['CIO'])));
      }),
    );
  });

  it('keeps every digit of the event, and is that of no event as it came', () => {
    const read = readSharedFields({ context: { a: 1 } });
    const text = '{ "n": 12345678901234567890, "context": {"a": 1e20} }';

    expect(textWithSharedFields(text, JSON.parse(text), read, undefined)).toBe(
      '{"n":12345678901234567890,"context":{"a":1e20}}',
    );
    expect(textWithSharedFields('[ 1e20 ]', [1e20], read, undefined)).toBe('[ 1e20 ]');
    expect(textWithSharedFields(text, JSON.parse(text), undefined, undefined)).toBe(text);
  });
});
