import { parseOperation } from '../../../../../infra/local/sandbox/parse/parse-operation';
import { event, identify, type Json, object, person } from '../client';

/** Two bytes in UTF-8, one UTF-16 unit: a limit in bytes is not one in characters. */
const bytes = (count: number): string => 'é'.repeat(Math.floor(count / 2)) + 'x'.repeat(count % 2);

const SETTINGS = { givenIdentifiers: ['id', 'email'] } as const;
const WITH_PHONE = { givenIdentifiers: ['id', 'email', 'phone'] } as const;
const ULID = '01HF7YAT0000000000000000ZZ';
const DEVICE = { token: 't1', platform: 'ios', last_used: 1_700_000_000 };
const attributes = (count: number): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, index]));

const device = (changes: Json): Json =>
  person({ id: 'u1' }, 'add_device', { device: { ...DEVICE, ...changes } });
const related = (relationship: unknown): Json =>
  object('acme', 'identify', { cio_relationships: [relationship] });
const merge = (rest: Json): Json => ({ type: 'person', action: 'merge', ...rest });
const metric = (changes: Json): Json => ({
  type: 'delivery',
  action: 'event',
  identifiers: { id: 'd1' },
  name: 'opened',
  attributes: { device_token: 't1' },
  ...changes,
});

describe('taken is', () => {
  it.each<[string, unknown]>([
    ['an id of 150 bytes', event({ id: bytes(150) })],
    ['an id that is a number', event({ id: 42 })],
    ['an email', identify({ email: 'jane@example.com' }, {})],
    ['an anonymous id for an event', event({ anonymous_id: 'a1' })],
    ['an event name of 100 bytes', event({ id: 'u1' }, bytes(100))],
    ['an event name that spaces make longer', event({ id: 'u1' }, `  ${bytes(100)}  `)],
    ['an event with a ULID', event({ id: 'u1' }, 'e', { id: ULID })],
    ['a ULID in lower case', event({ id: 'u1' }, 'e', { id: ULID.toLowerCase() })],
    ['an event of 32,768 bytes', sized(32_768)],
    ['a page', person({ id: 'u1' }, 'page', { name: 'Home' })],
    ['a screen', person({ id: 'u1' }, 'screen', { name: 'Home' })],
    [
      'a content event of somebody anonymous',
      person({ anonymous_id: 'a1' }, 'viewed_content', { name: 'viewed_content' }),
    ],
    ['an id of 150 bytes as attribute', identify({ email: 'jane@example.com' }, { id: bytes(150) })],
    ['an attribute name of 150 bytes', identify({ id: 'u1' }, { [bytes(150)]: 1 })],
    ['an attribute value of 1000 bytes', identify({ id: 'u1' }, { a: bytes(1_000) })],
    ['an array of any size, which no limit speaks of', identify({ id: 'u1' }, { a: [bytes(2_000)] })],
    ['an object of any size', identify({ id: 'u1' }, { a: { b: bytes(2_000) } })],
    ['300 attributes', identify({ id: 'u1' }, attributes(300))],
    ['the id as attribute too', identify({ id: 'u1' }, { id: 'u1' })],
    ['an identify without attributes and timestamp', person({ id: 'u1' }, 'identify')],
    ['a device', device({ attributes: { app_version: '1', push_enabled: 'true' } })],
    [
      'a device without last_used',
      person({ id: 'u1' }, 'add_device', { device: { token: 't', platform: 'android' } }),
    ],
    ['the deletion of a device', person({ id: 'u1' }, 'delete_device', { device: { token: 't1' } })],
    ['a merge', merge({ primary: { id: 'u1' }, secondary: { email: 'a@b.co' } })],
    ['an object of 150 bytes', object(bytes(150), 'identify')],
    ['a relationship', related({ identifiers: { id: 'u1' }, relationship_attributes: { role: 'admin' } })],
    ['a metric of a delivery', metric({})],
  ])('%s', (_, operation) => {
    expect(parseOperation(operation, SETTINGS)).toEqual({
      ok: true,
      operation: expect.objectContaining({ kind: expect.any(String) }),
    });
  });
});

describe('refused, and named by its field, is', () => {
  it.each<[string, string, unknown]>([
    ['a scalar', '', 'person'],
    ['an operation without a type', 'type', { action: 'event' }],
    ['a type that is none', 'type', { type: 'constructor', action: 'event' }],
    ['an action that is none', 'action', person({ id: 'u1' }, 'track')],
    ['an action of another type', 'action', object('acme', 'merge')],
    ['an operation of 32,769 bytes', '', sized(32_769)],
    ['no identifiers', 'identifiers', { type: 'person', action: 'event', name: 'e' }],
    ['empty identifiers', 'identifiers', event({})],
    ['two identifiers', 'identifiers', event({ id: 'u1', email: 'a@b.co' })],
    ['an unknown identifier', 'identifiers', event({ user_id: 'u1' })],
    ['a phone, which the workspace does not identify by', 'identifiers', event({ phone: '+14155552671' })],
    ['an anonymous id for identify', 'identifiers', identify({ anonymous_id: 'a1' }, {})],
    [
      'an anonymous id for a device',
      'identifiers',
      person({ anonymous_id: 'a' }, 'add_device', { device: DEVICE }),
    ],
    ['an id of 151 bytes', 'identifiers.id', event({ id: bytes(151) })],
    ['an empty id', 'identifiers.id', event({ id: '' })],
    ['an id that is an object', 'identifiers.id', event({ id: {} })],
    ['an event without a name', 'name', person({ id: 'u1' }, 'event')],
    ['an event name of spaces', 'name', event({ id: 'u1' }, '   ')],
    ['an event name that is an object', 'name', person({ id: 'u1' }, 'event', { name: {} })],
    ['an event name of 101 bytes', 'name', event({ id: 'u1' }, bytes(101))],
    ['a page without a name', 'name', person({ id: 'u1' }, 'page')],
    ['an id that is no ULID', 'id', event({ id: 'u1' }, 'e', { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' })],
    ['a ULID beyond its range', 'id', event({ id: 'u1' }, 'e', { id: `8${ULID.slice(1)}` })],
    ['a timestamp with a fraction', 'timestamp', event({ id: 'u1' }, 'e', { timestamp: 1_700_000_000.5 })],
    [
      'a timestamp that is a string',
      'timestamp',
      person({ id: 'u1' }, 'identify', { timestamp: '1700000000' }),
    ],
    ['a timestamp in milliseconds', 'timestamp', event({ id: 'u1' }, 'e', { timestamp: 1_700_000_000_000 })],
    ['a timestamp that is null', 'timestamp', event({ id: 'u1' }, 'e', { timestamp: null })],
    ['event attributes that are an array', 'attributes', event({ id: 'u1' }, 'e', { attributes: [] })],
    ['attributes that are null', 'attributes', person({ id: 'u1' }, 'identify', { attributes: null })],
    [
      'an attribute name of 151 bytes',
      `attributes.${bytes(151)}`,
      identify({ id: 'u1' }, { [bytes(151)]: 1 }),
    ],
    ['an attribute value of 1001 bytes', 'attributes.a', identify({ id: 'u1' }, { a: bytes(1_001) })],
    ['301 attributes', 'attributes', identify({ id: 'u1' }, attributes(301))],
    ['another id as attribute', 'attributes.id', identify({ id: 'u1' }, { id: 'u2' })],
    [
      'an id of 151 bytes as attribute',
      'attributes.id',
      identify({ email: 'jane@example.com' }, { id: bytes(151) }),
    ],
    ['an _update that is no boolean', 'attributes._update', identify({ id: 'u1' }, { _update: 'yes' })],
    ['a device without an object', 'device', person({ id: 'u1' }, 'add_device', { device: 't1' })],
    ['a device without a token', 'device.token', device({ token: undefined })],
    ['a device without a platform', 'device.platform', device({ platform: undefined })],
    ['a platform that is none', 'device.platform', device({ platform: 'iOS' })],
    ['a browser, as web push registers it', 'device.platform', device({ platform: 'web' })],
    ['a last_used in words', 'device.last_used', device({ last_used: 'now' })],
    [
      'a device attribute that is no string',
      'device.attributes.build',
      device({ attributes: { build: 1234 } }),
    ],
    [
      'a push_enabled of other words',
      'device.attributes.push_enabled',
      device({ attributes: { push_enabled: 'yes' } }),
    ],
    ...['token', 'id', 'platform', 'last_used'].map((name): [string, string, Json] => [
      `${name} among the attributes of a device`,
      `device.attributes.${name}`,
      device({ attributes: { [name]: '1' } }),
    ]),
    [
      'the deletion of a device without a token',
      'device.token',
      person({ id: 'u1' }, 'delete_device', { device: {} }),
    ],
    ['a merge without primary', 'primary', merge({ secondary: { id: 'u1' } })],
    [
      'a merge of an anonymous id',
      'secondary',
      merge({ primary: { id: 'u1' }, secondary: { anonymous_id: 'a' } }),
    ],
    ['a relationship of a person to nothing', 'cio_relationships', person({ id: 'u1' }, 'add_relationships')],
    [
      'an object without an id',
      'identifiers.object_id',
      { type: 'object', action: 'identify', identifiers: { object_type_id: '1' } },
    ],
    [
      'an object type that is no number',
      'identifiers.object_type_id',
      { type: 'object', action: 'identify', identifiers: { object_type_id: 'companies', object_id: 'a' } },
    ],
    [
      'an object type that is no string',
      'identifiers.object_type_id',
      { type: 'object', action: 'identify', identifiers: { object_type_id: 1, object_id: 'a' } },
    ],
    [
      'an object with a cio_object_id and another',
      'identifiers',
      { type: 'object', action: 'identify', identifiers: { cio_object_id: 'ob1', object_id: 'a' } },
    ],
    ['an object id of 151 bytes', 'identifiers.object_id', object(bytes(151), 'identify')],
    [
      'an object attribute of 1001 bytes',
      'attributes.a',
      object('acme', 'identify', { attributes: { a: bytes(1_001) } }),
    ],
    [
      'relationships that are no array',
      'cio_relationships',
      object('acme', 'identify', { cio_relationships: {} }),
    ],
    ['a relationship that is no object', 'cio_relationships[0]', related('u1')],
    [
      'a relationship to two people',
      'cio_relationships[0].identifiers',
      related({ identifiers: { id: 'u1', email: 'e' } }),
    ],
    [
      'a known person where anonymous ones belong',
      'cio_relationships[0].identifiers',
      object('acme', 'identify_anonymous', { cio_relationships: [{ identifiers: { id: 'u1' } }] }),
    ],
    [
      'an anonymous id of 151 bytes beside an object',
      'anonymous_id',
      object('acme', 'identify_anonymous', { anonymous_id: bytes(151) }),
    ],
    [
      'a relationship attribute of 1001 bytes',
      'cio_relationships[0].relationship_attributes.a',
      related({ identifiers: { id: 'u1' }, relationship_attributes: { a: bytes(1_001) } }),
    ],
    ['a delivery without an id', 'identifiers.id', metric({ identifiers: {} })],
    ['a metric that is none', 'name', metric({ name: 'sent' })],
    ['a metric without a device token', 'attributes.device_token', metric({ attributes: {} })],
  ])('%s (%s)', (_, field, operation) => {
    expect(parseOperation(operation, SETTINGS)).toEqual({
      ok: false,
      problems: [{ reason: expect.any(String), field, message: expect.any(String) }],
    });
  });
});

/** An event whose JSON has exactly this many bytes. */
function sized(total: number): Json {
  const operation = (padding: string) => event({ id: 'u1' }, 'e', { attributes: { padding } });
  return operation(bytes(total - Buffer.byteLength(JSON.stringify(operation('')))));
}

it('takes no email as identifier in a workspace that knows people by id alone', () => {
  const operation = identify({ email: 'jane@example.com' }, {});

  expect(parseOperation(operation, { givenIdentifiers: ['id'] })).toMatchObject({
    ok: false,
    problems: [{ field: 'identifiers', message: expect.stringContaining('exactly one of id, cio_id') }],
  });
});

it('resolves what it reads: one identifier as a string, a trimmed name, a ULID in upper case', () => {
  const operation = event({ id: 42 }, ' Signed Up ', { id: ULID.toLowerCase(), timestamp: 7 });

  expect(parseOperation(operation, SETTINGS)).toEqual({
    ok: true,
    operation: {
      kind: 'event',
      person: { by: 'id', value: '42' },
      name: 'Signed Up',
      id: ULID,
      timestamp: 7,
      attributes: {},
    },
  });
});

it('says of a token among the attributes of a device what Customer.io says', () => {
  const operation = device({ attributes: { token: 't1' } });

  expect(parseOperation(operation, SETTINGS)).toEqual({
    ok: false,
    problems: [
      {
        reason: 'invalid',
        field: 'device.attributes.token',
        message: 'must be in the top-level device object',
      },
    ],
  });
});

describe('in a workspace that identifies by phone', () => {
  const PHONE = { phone: '+14155552671' };

  it.each<[string, Json]>([
    ['identify', identify(PHONE, {})],
    ['an event', event(PHONE)],
    ['a device', person(PHONE, 'add_device', { device: DEVICE })],
    ['a deletion', person(PHONE, 'delete')],
  ])('%s takes one', (_, operation) => {
    expect(parseOperation(operation, WITH_PHONE)).toMatchObject({
      ok: true,
      operation: { person: { by: 'phone', value: '+14155552671' } },
    });
  });

  it.each<[string, string, Json]>([
    ['without a plus', 'identifiers.phone', event({ phone: '14155552671' })],
    ['with spaces', 'identifiers.phone', event({ phone: '+1 415 555 2671' })],
    ['of 16 digits', 'identifiers.phone', event({ phone: '+1234567890123456' })],
    ['for a merge', 'primary', merge({ primary: PHONE, secondary: { id: 'u2' } })],
    ['of somebody related to an object', 'cio_relationships[0].identifiers', related({ identifiers: PHONE })],
  ])('one %s is refused', (_, field, operation) => {
    expect(parseOperation(operation, WITH_PHONE)).toMatchObject({ ok: false, problems: [{ field }] });
  });
});
