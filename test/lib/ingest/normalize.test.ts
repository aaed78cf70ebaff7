import fc from 'fast-check';
import { EVENT_TYPES } from '../../../lib/event/event';
import { messageIdOf } from '../../../lib/event/message-id';
import { type Arrival, normalize } from '../../../lib/ingest/normalize';
import type { JsonObject } from '../../../lib/json/json-object';

const RECEIVED_AT = '2026-11-24T06:00:00.000Z';

const arrival: Arrival = {
  receivedAtMs: Date.parse(RECEIVED_AT),
  receivedAt: RECEIVED_AT,
  sentAtMs: undefined,
  ip: '203.0.113.7',
  isBrowser: false,
  newMessageId: () => 'generated',
};

/** What stands on the queue: fields that are undefined are not there. */
const queued = (event: JsonObject, changes: Partial<Arrival> = {}): JsonObject =>
  JSON.parse(JSON.stringify(normalize(event, 'track', { ...arrival, ...changes }).event));

describe('a normalised event', () => {
  it('carries everything that Segment fills in, and keeps every other field', () => {
    const event = {
      type: 'track',
      userId: 'u1',
      event: 'Signed Up',
      properties: { plan: 'pro', none: null },
      context: { locale: 'en' },
      messageId: 'm1',
      timestamp: '2026-11-24T05:59:00.000Z',
      sentAt: '2026-11-24T05:59:30.000Z',
      writeKey: 'secret',
      unknown: { kept: true },
    };

    expect(queued(event)).toEqual({
      type: 'track',
      userId: 'u1',
      event: 'Signed Up',
      properties: { plan: 'pro', none: null },
      context: { locale: 'en' },
      messageId: 'm1',
      originalTimestamp: '2026-11-24T05:59:00.000Z',
      timestamp: '2026-11-24T05:59:30.000Z',
      receivedAt: RECEIVED_AT,
      unknown: { kept: true },
    });
  });

  it('carries the type of its path', () => {
    expect(queued({ userId: 'u1' })).toMatchObject({ type: 'track' });
  });

  it('leaves the event that came untouched', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(...EVENT_TYPES),
        (event, type) => {
          const before = structuredClone(event);
          normalize(event, type, arrival);
          expect(event).toEqual(before);
        },
      ),
    );
  });

  it('keeps `__proto__` a key like any other', () => {
    const event = JSON.parse('{"userId":"u1","__proto__":{"polluted":1},"context":{"__proto__":{"x":1}}}');

    const json = JSON.stringify(normalize(event, 'track', arrival).event);

    expect(json).toContain('"__proto__":{"polluted":1}');
    expect(json).toContain('"context":{"__proto__":{"x":1}}');
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('ids', () => {
  it.each(['userId', 'anonymousId', 'groupId', 'previousId'])('%s becomes a string', (field) => {
    expect(queued({ [field]: 42 })).toHaveProperty(field, '42');
    expect(queued({ [field]: 'id' })).toHaveProperty(field, 'id');
  });

  it.each(['userId', 'anonymousId', 'groupId', 'previousId'])('%s is absent when null or empty', (field) => {
    expect(queued({ [field]: null })).not.toHaveProperty(field);
    expect(queued({ [field]: '' })).not.toHaveProperty(field);
  });

  it('keeps the messageId of the client, as a string', () => {
    expect(queued({ messageId: 'm1' })).toHaveProperty('messageId', 'm1');
    expect(queued({ messageId: 5 })).toHaveProperty('messageId', '5');
  });

  it.each([JSON.parse('1234567890123456789'), JSON.parse('1e400'), -(2 ** 53)])(
    'makes a messageId where that of the client is %d, whose digits are those of others too',
    (messageId) => {
      expect(queued({ messageId })).toHaveProperty('messageId', 'generated');
      expect(messageIdOf({ messageId })).toBeUndefined();
    },
  );

  it.each([undefined, null, '', {}, []])('makes a messageId where the client has %j', (messageId) => {
    expect(queued({ messageId })).toHaveProperty('messageId', 'generated');
    expect(messageIdOf({ messageId })).toBeUndefined();
  });
});

describe('times', () => {
  const sentAtMs = Date.parse('2026-11-24T05:00:10.000Z');

  it("corrects by the batch's sentAt", () => {
    expect(queued({ timestamp: '2026-11-24T05:00:00.000Z' }, { sentAtMs })).toMatchObject({
      originalTimestamp: '2026-11-24T05:00:00.000Z',
      timestamp: '2026-11-24T05:59:50.000Z',
    });
  });

  it("prefers the event's own sentAt, where it is a time", () => {
    const timestamp = '2026-11-24T05:00:00.000Z';

    expect(queued({ timestamp, sentAt: '2026-11-24T05:00:01.000Z' }, { sentAtMs })).toMatchObject({
      timestamp: '2026-11-24T05:59:59.000Z',
    });
    expect(queued({ timestamp, sentAt: '' }, { sentAtMs })).toMatchObject({
      timestamp: '2026-11-24T05:59:50.000Z',
    });
  });

  it('takes the originalTimestamp of RudderStack', () => {
    expect(queued({ originalTimestamp: '2026-11-24T05:00:00.000Z' }, { sentAtMs })).toMatchObject({
      originalTimestamp: '2026-11-24T05:00:00.000Z',
      timestamp: '2026-11-24T05:59:50.000Z',
    });
  });

  it('is the time of receipt where the client gives none', () => {
    expect(queued({})).toMatchObject({ originalTimestamp: RECEIVED_AT, timestamp: RECEIVED_AT });
  });

  it('keeps what cannot be read, beside the time of receipt', () => {
    expect(queued({ timestamp: 'yesterday' }, { sentAtMs })).toMatchObject({
      originalTimestamp: 'yesterday',
      timestamp: RECEIVED_AT,
    });
  });

  it('writes every format as UTC with milliseconds', () => {
    expect(queued({ timestamp: '2024-02-03T04:05:06.789123456+02:00' })).toMatchObject({
      originalTimestamp: '2024-02-03T04:05:06.789123456+02:00',
      timestamp: '2024-02-03T02:05:06.789Z',
    });
  });
});

describe('context', () => {
  it.each([null, [], 'text', 5])('counts as empty where it is %j', (own) => {
    expect(queued({ context: own }, { isBrowser: true })).toHaveProperty('context', own);
  });
});

describe('context.ip', () => {
  const ip = '203.0.113.7';

  it.each<[string, JsonObject, Partial<Arrival>]>([
    ['a request from a browser', {}, { isBrowser: true }],
    ['a request from a browser, ip empty', { context: { ip: '' } }, { isBrowser: true }],
    ['analytics.js', { context: { library: { name: 'analytics.js' } } }, {}],
    ['the RudderStack browser SDK', { context: { library: { name: 'RudderLabs JavaScript SDK' } } }, {}],
    ['an event that asks for it', { context: { direct: true } }, {}],
  ])('is filled in for %s', (_, event, changes) => {
    expect(queued(event, changes)).toMatchObject({ context: { ip } });
  });

  it('is never written over', () => {
    expect(queued({ context: { ip: '1.1.1.1' } }, { isBrowser: true })).toMatchObject({
      context: { ip: '1.1.1.1' },
    });
  });

  it.each<[string, JsonObject, Partial<Arrival>]>([
    ['a server', { context: { library: { name: 'analytics-python' } } }, {}],
    ['an event without context', {}, {}],
    ['a request without an address', { context: {} }, { ip: undefined, isBrowser: true }],
  ])('is left alone for %s', (_, event, changes) => {
    expect((queued(event, changes)['context'] as JsonObject | undefined)?.['ip']).toBeUndefined();
  });
});

describe('integrations', () => {
  it('know the lower-case `all` of Go', () => {
    expect(queued({ integrations: { all: false, Mixpanel: true } })).toHaveProperty('integrations', {
      All: false,
      Mixpanel: true,
    });
  });

  it('know the empty array of PHP', () => {
    expect(queued({ integrations: [] })).toHaveProperty('integrations', {});
  });

  it.each([null, 'text', true])('stay %j', (integrations) => {
    expect(queued({ integrations })).toHaveProperty('integrations', integrations);
  });
});
