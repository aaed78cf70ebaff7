// What the golden catalogue cannot show as files: tables of small variations, hostile input, and what must not be
// in a detail.

import { MAX_NESTING } from '../../../lib/json/json-object';
import { translate } from '../../../lib/mapping/translate';
import type { MappingSettings, Translation } from '../../../lib/mapping/translation';

const SETTINGS: MappingSettings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true };
const TOKEN = 'ff15bc0c20c4aa6cd50854ff165fd265c838e5405bfeb9571066395b8c9da449';

const base = { messageId: 'm1', timestamp: '2024-05-06T07:08:09.123Z', userId: 'u1' };

const operationOf = (translation: Translation): Record<string, unknown> => {
  if (translation.outcome !== 'operations')
    throw new Error(`expected operations, got ${translation.outcome}`);
  expect(translation.operations).toHaveLength(1);
  return { ...translation.operations[0] };
};

const operation = (event: Record<string, unknown>): Record<string, unknown> =>
  operationOf(translate({ ...base, ...event }, SETTINGS));

describe('translate', () => {
  it('carries the time of the event in milliseconds, finer than the operation can', () => {
    const translation = translate({ ...base, type: 'track', event: 'Signed Up' }, SETTINGS);

    expect(translation).toMatchObject({ outcome: 'operations', timestampMs: 1714979289123 });
  });

  it('orders what has no readable time last', () => {
    const alias = { type: 'alias', userId: 'u1', previousId: 'u0' };
    const device = {
      type: 'track',
      userId: 'u1',
      event: 'Application Uninstalled',
      context: { device: { token: TOKEN, type: 'ios' } },
    };

    for (const event of [alias, { type: 'group', groupId: 'g1' }, device]) {
      expect(translate(event, SETTINGS)).toMatchObject({
        outcome: 'operations',
        timestampMs: Number.MAX_SAFE_INTEGER,
      });
    }
  });

  it.each([
    ['null', null],
    ['string', 'track'],
    ['number', 7],
    ['boolean', true],
    ['array', []],
    ['nothing', undefined],
  ])('rejects %s as an event', (name, event) => {
    expect(translate(event, SETTINGS)).toEqual({
      outcome: 'rejected',
      reason: 'invalid_event',
      detail: `event: expected an object, got ${name}`,
    });
  });

  it.each([
    ['Track', 'another string'],
    ['toString', 'another string'],
    ['__proto__', 'another string'],
    ['', 'another string'],
    [undefined, 'nothing'],
    [null, 'null'],
    [7, 'number'],
    [{}, 'object'],
    [['track'], 'array'],
  ])('rejects the type %p and says what it got', (type, got) => {
    expect(translate({ ...base, type }, SETTINGS)).toEqual({
      outcome: 'rejected',
      reason: 'invalid_event',
      detail: `type: expected one of identify, track, page, screen, group, alias; got ${got}`,
    });
  });

  it('never puts a value of the event into a detail', () => {
    const secret = 'jane.doe@example.com';
    const events = [
      { type: secret },
      { type: 'track', event: [secret], userId: secret },
      { type: 'track', event: secret, userId: { secret } },
      { type: 'identify', anonymousId: secret, traits: { name: secret } },
      { type: 'identify', userId: secret, timestamp: secret, traits: { name: secret } },
      { type: 'track', event: secret, userId: secret, timestamp: '2024-05-06', messageId: [secret] },
      { type: 'group', groupId: [secret], traits: { name: secret } },
      { type: 'alias', userId: [secret], previousId: secret },
      { type: 'alias', userId: secret, previousId: [secret] },
    ];

    const translations = events.map((event) => translate(event, SETTINGS));

    expect(translations.map(({ outcome }) => outcome)).toEqual(events.map(() => 'rejected'));
    expect(JSON.stringify(translations)).not.toContain('jane');
  });

  it('takes an event nested as deep as JSON.parse allows', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);

    for (const type of ['identify', 'track', 'page', 'screen', 'group', 'alias']) {
      const event = {
        ...base,
        type,
        event: 'Application Opened',
        groupId: 'g1',
        previousId: 'u0',
        properties: deep,
        traits: deep,
        context: deep,
      };
      expect(translate(event, SETTINGS).outcome).toBe('operations');
    }
  });
});

describe('a device event', () => {
  const opened = { type: 'track', event: 'Application Opened' };

  it.each([
    ['ios', 'ios'],
    ['iOS', 'ios'],
    [' iOS ', 'ios'],
    ['iPhone', 'ios'],
    ['iPhoneOS', 'ios'],
    ['iPad', 'ios'],
    ['iPadOS', 'ios'],
    ['tvOS', 'ios'],
    ['watchOS', 'ios'],
    ['visionOS', 'ios'],
    ['macOS', 'ios'],
    ['Android', 'android'],
  ])('of the type %s is on %s, in the type or the name of the system', (type, platform) => {
    const byType = operation({
      ...opened,
      context: { device: { token: TOKEN, type }, os: { name: 'Windows' } },
    });
    const bySystem = operation({ ...opened, context: { device: { token: TOKEN }, os: { name: type } } });

    expect(byType).toMatchObject({ action: 'add_device', device: { platform } });
    expect(bySystem).toMatchObject({ action: 'add_device', device: { platform } });
  });

  it.each([
    ['no token', { device: { type: 'ios' } }],
    ['a blank token', { device: { type: 'ios', token: ' ' } }],
    ['a token that is no text', { device: { type: 'ios', token: 7 } }],
    ['no platform', { device: { token: TOKEN } }],
    ['another platform', { device: { token: TOKEN, type: 'web' }, os: { name: 'Linux' } }],
    ['a device that is no object', { device: TOKEN }],
    ['no context', undefined],
  ])('with %s is an ordinary event', (_, context) => {
    for (const event of ['Application Installed', 'Application Opened']) {
      expect(operation({ type: 'track', event, context, properties: { build: 1 } })).toMatchObject({
        action: 'event',
        name: event,
        attributes: { build: 1 },
      });
    }
  });

  it.each([
    ['no platform', { device: { token: TOKEN } }],
    ['another platform', { device: { token: TOKEN, type: 'web' }, os: { name: 'Linux' } }],
  ])('that takes the device away needs its token alone, with %s', (_, context) => {
    expect(operation({ type: 'track', event: 'Application Uninstalled', context })).toEqual({
      type: 'person',
      action: 'delete_device',
      identifiers: { id: 'u1' },
      device: { token: TOKEN },
    });
  });

  it.each([
    ['no token', { device: { type: 'ios' } }],
    ['a blank token', { device: { type: 'ios', token: ' ' } }],
    ['a device that is no object', { device: TOKEN }],
    ['no context', undefined],
  ])('that takes the device away is an ordinary event with %s', (_, context) => {
    expect(operation({ type: 'track', event: 'Application Uninstalled', context })).toMatchObject({
      action: 'event',
      name: 'Application Uninstalled',
    });
  });

  it('nested too deep to be text is an ordinary event', () => {
    const withNested = (levels: number) => ({
      ...opened,
      context: { device: { token: TOKEN, type: 'ios' } },
      properties: { nested: JSON.parse('['.repeat(levels) + ']'.repeat(levels)) },
    });

    expect(operation(withNested(MAX_NESTING - 1))).toMatchObject({ action: 'add_device' });
    expect(operation(withNested(MAX_NESTING))).toMatchObject({ action: 'event', name: 'Application Opened' });
  });

  it('without a readable time is rejected like any other', () => {
    const event = {
      ...base,
      ...opened,
      timestamp: 'soon',
      context: { device: { token: TOKEN, type: 'ios' } },
    };

    expect(translate(event, SETTINGS)).toMatchObject({ outcome: 'rejected', reason: 'invalid_event' });
  });

  it('leaves undefined out and keeps a key called __proto__', () => {
    const properties = { ...JSON.parse('{"__proto__":1}'), gone: undefined };

    const { device } = operation({
      ...opened,
      context: { device: { token: TOKEN, type: 'ios' } },
      properties,
    });

    expect(JSON.stringify((device as { attributes: unknown }).attributes)).toBe('{"__proto__":"1"}');
  });

  it('leaves the dates of its properties alone where the settings say so', () => {
    const event = {
      ...base,
      ...opened,
      context: { device: { token: TOKEN, type: 'ios' } },
      properties: { at: '2024-06-01' },
    };

    const translated = operationOf(translate(event, { ...SETTINGS, convertTimestamps: false }));

    expect(translated).toMatchObject({ device: { last_used: 1714979289, attributes: { at: '2024-06-01' } } });
  });
});

describe('a device in the context', () => {
  const context = { device: { token: TOKEN, type: 'ios' } };
  const actionsOf = (event: Record<string, unknown>, settings: Partial<MappingSettings> = {}) => {
    const translation = translate({ ...base, ...event, context }, { ...SETTINGS, ...settings });
    return translation.outcome === 'operations' ? translation.operations.map(({ action }) => action) : [];
  };

  it('is registered with an identify alone where the source says nothing', () => {
    expect(actionsOf({ type: 'identify' })).toEqual(['identify', 'add_device']);
    expect(actionsOf({ type: 'track', event: 'Signed Up' })).toEqual(['event']);
  });

  it('is registered with the tracks that a source lists, and with nothing else of that name', () => {
    const settings = { deviceEvents: ['Signed Up'] };

    expect(actionsOf({ type: 'track', event: 'Signed Up' }, settings)).toEqual(['event', 'add_device']);
    expect(actionsOf({ type: 'page', event: 'Signed Up', name: 'Home' }, settings)).toEqual(['page']);
  });

  it.each(['add_relationships', 'delete_relationships'])('is not registered with %s', (action) => {
    const group = { type: 'group', groupId: 'g1', traits: { action } };

    expect(actionsOf(group, { deviceEvents: 'any' })).toEqual([action]);
  });
});

describe('created_at', () => {
  it.each([
    [{ created_at: 5 }, { created_at: 5 }],
    [{ created_at: '9999-12-31T23:59:59Z' }, { created_at: 253402300799 }],
    [{ createdAt: null }, { created_at: null }],
    [{ created: null }, { created_at: null }],
    [{ created_at: null, createdAt: 5 }, { created_at: 5 }],
    [{ created_at: 5, createdAt: null, created: 6 }, { created_at: 5 }],
    [{ created_at: '', createdAt: 5 }, { created_at: 5 }],
    [
      { createdAt: 5, created: 'by hand' },
      { created: 'by hand', created_at: 5 },
    ],
    [{ createdAt: 'garbage' }, { createdAt: 'garbage' }],
    [{ created_at: '', createdAt: ' ' }, {}],
    [{ created_at: '', createdAt: null }, { created_at: null }],
    [{ created_at: '1969-01-01' }, { created_at: '1969-01-01' }],
    [{ created_at: { at: 5 } }, { created_at: { at: 5 } }],
  ])('of the traits %p is %p', (traits, attributes) => {
    expect(operation({ type: 'identify', traits })).toMatchObject({ attributes });
    expect(Object.keys(operation({ type: 'identify', traits })['attributes'] as object)).toEqual(
      Object.keys(attributes),
    );
  });
});

describe('a group', () => {
  it.each([
    [{ object_type_id: 3, objectTypeId: 2 }, '3'],
    [{ object_type_id: '', objectTypeId: '2' }, '2'],
    [{ object_type_id: null, objectTypeId: ' 2 ' }, '2'],
    [{ object_type_id: ' ', objectTypeId: '12' }, '12'],
    [undefined, '1'],
  ])(
    'with the traits %p is an object of the type %s, and these are none of its attributes',
    (traits, type) => {
      expect(operation({ type: 'group', groupId: 'g1', traits })).toEqual({
        type: 'object',
        action: 'identify',
        identifiers: { object_type_id: type, object_id: 'g1' },
        attributes: {},
        cio_relationships: [{ identifiers: { id: 'u1' } }],
      });
    },
  );

  it.each(['x1', '1x', '0', '01', 1.5, true, {}])('of the type %j is rejected', (objectTypeId) => {
    const translation = translate(
      { ...base, type: 'group', groupId: 'g1', traits: { objectTypeId } },
      SETTINGS,
    );

    expect(translation).toMatchObject({ outcome: 'rejected', reason: 'invalid_event' });
  });

  it('keeps a date of the relationship as text where the source says so', () => {
    const relationshipAttributes = { since: '2024-06-01', until: '2024-06-02' };
    const event = { ...base, type: 'group', groupId: 'g1', traits: { relationshipAttributes } };
    const convertTimestamps = { except: ['traits.relationshipAttributes.since'] };

    expect(operationOf(translate(event, { ...SETTINGS, convertTimestamps }))).toMatchObject({
      cio_relationships: [{ relationship_attributes: { since: '2024-06-01', until: 1717286400 } }],
    });
  });

  it('counts objectAttributes and relationshipAttributes that are no objects as empty', () => {
    const traits = { name: 'Acme', objectAttributes: ['x'], relationshipAttributes: 'admin' };

    expect(operation({ type: 'group', groupId: 'g1', traits })).toMatchObject({
      attributes: { name: 'Acme' },
      cio_relationships: [{ identifiers: { id: 'u1' } }],
    });
  });
});

describe('integrations', () => {
  it.each([
    [undefined, 'operations'],
    [null, 'operations'],
    [[], 'operations'],
    [{}, 'operations'],
    [{ All: true }, 'operations'],
    [{ All: null, all: false }, 'skipped'],
    [{ All: false }, 'skipped'],
    [{ All: true, all: false }, 'operations'],
    [{ All: false, 'Customer.io': null }, 'skipped'],
    [{ All: false, 'Customer.io': 'yes' }, 'skipped'],
    [{ All: false, 'customer.io': true }, 'operations'],
    [{ All: false, 'Customer.io': true }, 'operations'],
    [{ All: false, 'Customer.io': {} }, 'operations'],
    [{ All: false, 'Customer.io': [] }, 'operations'],
    [{ 'Customer.io': false }, 'skipped'],
    [{ All: true, 'Customer.io': false }, 'skipped'],
    [{ All: true, 'Customer.io': null }, 'operations'],
  ])('of %p make it %s', (integrations, outcome) => {
    expect(translate({ ...base, type: 'track', event: 'Signed Up', integrations }, SETTINGS).outcome).toBe(
      outcome,
    );
  });
});
