import type { ActivityEvent } from '../../../../lib/mapping/to-segment/activity-event';
import { translateActivity } from '../../../../lib/mapping/to-segment/translate-activity';

type Json = Record<string, unknown>;

const SNAKE = { activityPropertyCase: 'snake' } as const;
const CAMEL = { activityPropertyCase: 'camel' } as const;

const webhook = (over: Json = {}, data: Json = {}): Json => ({
  event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
  object_type: 'email',
  metric: 'sent',
  timestamp: 1_613_063_089,
  data: { identifiers: { id: '42' }, delivery_id: 'd1', ...data },
  ...over,
});

const eventOf = (value: unknown, settings: typeof SNAKE | typeof CAMEL = SNAKE): ActivityEvent => {
  const translation = translateActivity(value, settings);
  if (translation.outcome !== 'event') throw new Error(`rejected: ${translation.detail}`);
  return translation.event;
};

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('what every webhook must have', () => {
  it.each([
    ['null', null, 'the webhook: expected an object'],
    ['an array', [webhook()], 'the webhook: expected an object'],
    ['a string', 'sent', 'the webhook: expected an object'],
    ['no event_id', webhook({ event_id: '' }), 'event_id: expected a string that is not blank'],
    [
      'an event_id beyond all numbers',
      webhook({ event_id: Infinity }),
      'event_id: expected a string that is not blank',
    ],
    ['no metric', webhook({ metric: null }), 'metric: expected a string that is not blank'],
    ['a metric that is an object', webhook({ metric: {} }), 'metric: expected a string that is not blank'],
    [
      'a metric that no text can be made of',
      { ...webhook({ metric: [{ toString: false }] }), object_type: undefined },
      'metric: expected a string that is not blank',
    ],
    [
      'no object_type',
      webhook({ object_type: undefined }),
      'object_type: expected a string that is not blank',
    ],
    ['no timestamp', webhook({ timestamp: undefined }), 'timestamp: expected Unix seconds'],
    ['an empty timestamp', webhook({ timestamp: '' }), 'timestamp: expected Unix seconds'],
    ['an ISO timestamp', webhook({ timestamp: '2021-02-11' }), 'timestamp: expected Unix seconds'],
    ['milliseconds', webhook({ timestamp: 1_613_063_089_000 }), 'timestamp: expected Unix seconds'],
    ['a time before 1970', webhook({ timestamp: -1 }), 'timestamp: expected Unix seconds'],
    ['no data', webhook({ data: undefined }), 'data: expected an object'],
    ['data that is an array', webhook({ data: [] }), 'data: expected an object'],
  ])('%s is an invalid event', (_, value, detail) => {
    expect(translateActivity(value, SNAKE)).toEqual({ outcome: 'rejected', reason: 'invalid_event', detail });
  });

  it.each([
    [1_613_063_089, '2021-02-11T17:04:49.000Z'],
    ['1613063089', '2021-02-11T17:04:49.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [253_402_300_799, '9999-12-31T23:59:59.000Z'],
  ])('the Unix time %p becomes %s', (timestamp, expected) => {
    expect(eventOf(webhook({ timestamp })).timestamp).toBe(expected);
  });

  it.each(['subscribed', 'unsubscribed', 'cio_subscription_preferences_changed'])(
    'without an object_type, %s is the customer’s',
    (metric) => {
      expect(eventOf(webhook({ object_type: undefined, metric })).event).toMatch(/^Customer /);
    },
  );
});

describe('whom activity is about', () => {
  const person = (data: Json, over: Json = {}) => {
    const { userId, anonymousId, context } = eventOf({ ...webhook(over), data });
    return { userId, anonymousId, traits: context.traits };
  };

  it('the id is the userId, and the email a trait', () => {
    const data = { identifiers: { id: '42', email: 'a@example.com', cio_id: 'c1' } };

    expect(person(data)).toEqual({ userId: '42', traits: { email: 'a@example.com', cio_id: 'c1' } });
  });

  it('an id that is a number becomes a string', () => {
    expect(person({ identifiers: { id: 42 } })).toEqual({ userId: '42' });
  });

  it.each([
    [
      'number whose last digits are lost',
      { identifiers: { id: 2 ** 60, email: 'a@example.com' } },
      /too large/,
    ],
    ['list', { identifiers: { id: ['42'], email: 'a@example.com' } }, /got array/],
    ['boolean', { identifiers: { id: true, cio_id: 'c1' } }, /got boolean/],
  ])('an id that is a %s is nobody’s, and the email does not stand in for it', (_, data, detail) => {
    expect(translateActivity(webhook({}, data), SNAKE)).toEqual({
      outcome: 'rejected',
      reason: 'invalid_event',
      detail: expect.stringMatching(detail),
    });
  });

  it('a deprecated customer_id of such a kind is nobody’s either', () => {
    const data = { identifiers: undefined, customer_id: 2 ** 60, email_address: 'a@example.com' };

    expect(translateActivity(webhook({}, data), SNAKE)).toMatchObject({
      reason: 'invalid_event',
      detail: expect.stringMatching(/^data\.customer_id: /),
    });
  });

  it('a number whose last digits are lost is no event_id: two events would be one', () => {
    expect(translateActivity(webhook({ event_id: 2 ** 60 }), SNAKE)).toMatchObject({
      reason: 'invalid_event',
      detail: expect.stringMatching(/^event_id: /),
    });
  });

  it('without an id, the email is the anonymousId', () => {
    const data = { identifiers: { id: null, email: 'a@example.com' } };

    expect(person(data)).toEqual({ anonymousId: 'a@example.com', traits: { email: 'a@example.com' } });
  });

  it('the email_address of a subscription counts as the email', () => {
    const data = { identifiers: { id: '', email: '' }, email_address: 'a@example.com' };

    expect(person(data, { object_type: 'sms' })).toEqual({
      anonymousId: 'a@example.com',
      traits: { email: 'a@example.com' },
    });
  });

  it('without id and email, the cio_id is the anonymousId', () => {
    const data = { identifiers: { id: null, email: null, cio_id: 'c1' } };

    expect(person(data)).toEqual({ anonymousId: 'c1', traits: { cio_id: 'c1' } });
  });

  it('customer_id is asked only where there are no identifiers at all', () => {
    expect(person({ customer_id: '42' })).toEqual({ userId: '42' });
    expect(person({ customer_id: '42', identifiers: { id: null, email: 'a@example.com' } }).userId).toBe(
      undefined,
    );
  });

  it.each([
    ['email', 'a@example.com', 'a@example.com'],
    ['email', 'Ann <a@example.com>', undefined],
    ['email', 'Ann a@example.com', undefined],
    ['email', 'a@example.com (work)', undefined],
    ['email', '#general', undefined],
    ['in_app', 'a@example.com', undefined],
    ['slack', 'a@example.com', undefined],
  ])('the recipient of %s, %s, gives the email %p', (object_type, recipient, email) => {
    const { traits } = person({ identifiers: { id: '42' }, recipient }, { object_type });

    expect(traits?.['email']).toBe(email);
  });

  it.each([
    ['identifiers without a value', { identifiers: { id: '', email: null, cio_id: ' ' }, customer_id: '' }],
    ['identifiers that are no object', { identifiers: 'x' }],
    ['no identifiers', {}],
    ['a phone number alone', { recipient: '+15551234567' }],
  ])('%s: nobody to attach the event to', (_, data) => {
    expect(translateActivity({ ...webhook(), data }, SNAKE)).toEqual({
      outcome: 'rejected',
      reason: 'missing_identifier',
      detail: 'data.identifiers: expected an id, an email or a cio_id; the person may have been deleted',
    });
  });

  it.each([
    ['data.identifiers.id', { identifiers: { id: {} }, customer_id: '42' }],
    ['data.customer_id', { customer_id: {} }],
  ])('an id that can be none is told by its place: %s', (place, data) => {
    expect(translateActivity({ ...webhook(), data }, SNAKE)).toMatchObject({
      outcome: 'rejected',
      detail: expect.stringMatching(`^${place}: `),
    });
  });

  it('an identifier Customer.io may add later is a trait', () => {
    expect(person({ identifiers: { id: '42', phone: '+1555', other_id: null } }).traits).toEqual({
      phone: '+1555',
    });
  });
});

describe('properties', () => {
  it('a new field of the webhook or of its data is kept as it is', () => {
    const { properties } = eventOf(webhook({ workspace: 7 }, { new_field: { deep_field: [1, null] } }));

    expect(properties).toMatchObject({ workspace: 7, new_field: { deep_field: [1, null] } });
  });

  it('without identifiers in the data there is no such property', () => {
    const { properties } = eventOf(webhook({}, { identifiers: undefined, customer_id: '42' }));

    expect(properties).not.toHaveProperty('identifiers');
  });

  it('in camel case a digit counts as a letter', () => {
    const { properties } = eventOf(webhook({}, { step_1_name: 'a', step_2: 'b', 'c_-d': 'e' }), CAMEL);

    expect(properties).toMatchObject({ step1Name: 'a', step2: 'b', 'c_-d': 'e' });
  });

  it('identifiers of a shape not known are a property like any other', () => {
    const { userId, properties } = eventOf(webhook({}, { identifiers: ['42'], customer_id: '42' }));

    expect(userId).toBe('42');
    expect(properties['identifiers']).toEqual(['42']);
  });

  it('a name that Customer.io itself sends is never overwritten by a renamed one', () => {
    const data = { subject: 's', email_subject: 'e', href: 'h', link_url: 'l', email_id: 'i' };

    expect(eventOf(webhook({}, data)).properties).toMatchObject({ ...data, delivery_id: 'd1' });
  });

  it('two names that are one in camelCase both stay', () => {
    const data = { a_b_c: 1, a__b_c: 2, aB_c: 3, a_bC: 4, aBC: 5, link: 'own', href: 'h', link_id: 1 };

    const { properties } = eventOf(webhook({}, data), CAMEL);

    expect(properties).toMatchObject({ a_b_c: 1, a__b_c: 2, aB_c: 3, a_bC: 4, aBC: 5 });
    expect(properties).toMatchObject({ link: 'own', linkUrl: 'h', linkId: 1 });
  });

  it('the first of two names that are one in camelCase takes it', () => {
    const { properties } = eventOf(webhook({}, { a_b_c: 1, aB_c: 2 }), CAMEL);

    expect(properties).toMatchObject({ aBC: 1, aB_c: 2 });
  });

  it.each([
    [{ href: 'h' }, { url: 'h' }],
    [{ link_id: 1 }, { id: 1 }],
    [
      { href: 'h', link_id: null },
      { url: 'h', id: null },
    ],
  ])('RudderStack’s link of %p is %p', (data, link) => {
    expect(eventOf(webhook({}, data), CAMEL).properties['link']).toStrictEqual(link);
  });

  it('only an email has email_id and email_subject', () => {
    const { properties } = eventOf(webhook({ object_type: 'push' }, { subject: 's' }));

    expect(properties).toMatchObject({ delivery_id: 'd1', subject: 's' });
    expect(properties).not.toHaveProperty('email_id');
  });

  it('an email without a delivery_id has no email_id', () => {
    expect(eventOf(webhook({}, { delivery_id: null })).properties).not.toHaveProperty('email_id');
  });

  it('a key that would reach an object’s prototype is a key like any other', () => {
    const value: unknown = JSON.parse(
      '{"event_id":"e","object_type":"constructor","metric":"toString","timestamp":1,' +
        '"data":{"identifiers":{"id":"42"},"__proto__":{"polluted":true}}}',
    );

    const event = eventOf(value);

    expect(event.event).toBe('Constructor To String');
    expect(JSON.stringify(event.properties)).toContain('"__proto__":{"polluted":true}');
    expect(({} as Json)['polluted']).toBe(undefined);
  });
});

describe('an event over Segment’s 32 KB', () => {
  const LIMIT_BYTES = 32_768;
  const padded = (field: string, bytes: number): Json => {
    const empty = jsonBytes(eventOf(webhook({}, { [field]: '' })));
    return webhook({}, { [field]: 'x'.repeat(bytes - empty) });
  };

  it('exactly the limit stays whole', () => {
    const event = eventOf(padded('content', LIMIT_BYTES));

    expect(jsonBytes(event)).toBe(LIMIT_BYTES);
    expect(event.properties).not.toHaveProperty('content_truncated');
  });

  it('one byte more loses the message content and says so', () => {
    const { properties } = eventOf(padded('content', LIMIT_BYTES + 1));

    expect(properties).not.toHaveProperty('content');
    expect(properties).toMatchObject({ content_truncated: true, delivery_id: 'd1' });
  });

  it('the limit counts UTF-8 bytes', () => {
    const { properties } = eventOf(webhook({}, { content: '€'.repeat(11_000) }));

    expect(properties['content_truncated']).toBe(true);
  });

  it('headers go only when the content was not enough', () => {
    const large = 'x'.repeat(LIMIT_BYTES);

    const both = eventOf(webhook({}, { content: large, headers: { X: [large] } })).properties;
    const content = eventOf(webhook({}, { content: large, headers: { X: ['1'] } })).properties;
    const headers = eventOf(webhook({}, { headers: { X: [large] } })).properties;

    expect(both).toMatchObject({ content_truncated: true, headers_truncated: true });
    expect(content).toMatchObject({ content_truncated: true, headers: { X: ['1'] } });
    expect(headers).toMatchObject({ headers_truncated: true });
    expect(headers).not.toHaveProperty('content_truncated');
  });

  it('in camelCase the property says it in camelCase', () => {
    expect(eventOf(padded('content', 2 * LIMIT_BYTES), CAMEL).properties['contentTruncated']).toBe(true);
  });

  it('what is not message content is never shortened: the event is rejected', () => {
    const value = webhook({}, { content: 'x', subject: 'x'.repeat(LIMIT_BYTES) });

    expect(translateActivity(value, SNAKE)).toEqual({
      outcome: 'rejected',
      reason: 'event_too_large',
      detail: 'over 32768 bytes even without content and headers',
    });
  });
});
