import type { Operation } from '../../../lib/customerio/operation';
import { fitAttributes } from '../../../lib/mapping/fit-attributes';
import { fitOperations } from '../../../lib/mapping/fit-operations';
import { type MappingSettings, translated, translatedAll } from '../../../lib/mapping/translation';

const SETTINGS: MappingSettings = {
  workspaceIdentifiers: 'email_or_id',
  convertTimestamps: true,
  limits: { attributes: 2, attributeNameBytes: 10, attributeValueBytes: 20 },
};
const LONG = 'x'.repeat(21);
const fitted = (operation: Operation) => fitOperations(translated(operation), SETTINGS);

const VISITOR = { type: 'person', identifiers: { anonymous_id: 'a1' } } as const;
const RELATED = { identifiers: { object_type_id: '1', object_id: 'acme' } };

describe('fitOperations', () => {
  it.each<[string, Operation, object]>([
    [
      'the attributes of an object',
      {
        type: 'object',
        action: 'identify',
        identifiers: { object_type_id: '1', object_id: 'acme' },
        attributes: { plan: 'pro', note: LONG },
      },
      { attributes: { plan: 'pro' } },
    ],
    [
      'the attributes of an object whose people are unknown',
      {
        type: 'object',
        action: 'identify_anonymous',
        identifiers: { object_type_id: '1', object_id: 'acme' },
        attributes: { plan: 'pro', note: LONG },
      },
      { attributes: { plan: 'pro' } },
    ],
    [
      'the attributes of a device',
      {
        ...{ type: 'person', action: 'add_device', identifiers: { id: 'u1' } },
        device: { token: 't', platform: 'ios', last_used: 1, attributes: { theme: 'dark', note: LONG } },
      },
      { device: { token: 't', platform: 'ios', last_used: 1, attributes: { theme: 'dark' } } },
    ],
    ...(['add_relationships', 'delete_relationships'] as const).map((action): [string, Operation, object] => [
      `the attributes of a relationship in ${action}`,
      {
        ...{ type: 'person', action, identifiers: { id: 'u1' } },
        cio_relationships: [{ ...RELATED, relationship_attributes: { role: 'admin', note: LONG } }],
      },
      { cio_relationships: [{ relationship_attributes: { role: 'admin' } }] },
    ]),
  ])('drops what is too long of %s', (_, operation, expected) => {
    const translation = fitted(operation);

    expect(translation).toMatchObject({
      operations: [expected],
      adjustments: [{ attribute: 'note', did: 'dropped' }],
    });
    expect(JSON.stringify(translation)).not.toContain(LONG);
  });

  it('looks at each of several operations, and leaves an event among them its attributes', () => {
    const device = { token: 't', platform: 'ios', last_used: 1, attributes: {} } as const;
    const event: Operation = {
      ...VISITOR,
      ...{ action: 'event', name: 'Order', id: 'ulid', timestamp: 1, attributes: { order: LONG } },
    };
    const translation = translatedAll([
      { type: 'person', action: 'add_device', identifiers: { id: 'u1' }, device },
      {
        ...{ type: 'person', action: 'identify', identifiers: { id: 'u1' }, timestamp: 1 },
        attributes: { note: LONG },
      },
      event,
    ]);

    expect(fitOperations(translation, SETTINGS)).toMatchObject({
      operations: [{}, { attributes: {} }, event],
      adjustments: [{ attribute: 'note', did: 'dropped' }],
    });
  });

  it('leaves a relationship without attributes as it is', () => {
    const translation = fitted({
      ...{ type: 'object', action: 'identify', identifiers: RELATED.identifiers },
      attributes: { note: LONG },
      cio_relationships: [{ identifiers: { id: 'u1' } }],
    });

    const [operation] = translation.outcome === 'operations' ? translation.operations : [];
    expect(operation).toStrictEqual({
      ...{ type: 'object', action: 'identify', identifiers: RELATED.identifiers },
      attributes: {},
      cio_relationships: [{ identifiers: { id: 'u1' } }],
    });
  });

  it('keeps a relationship to an object whose id is as long as Customer.io takes', () => {
    const related = { identifiers: { object_type_id: '1', object_id: 'x'.repeat(150) } };
    const translation = translated({
      ...{ type: 'person', action: 'identify', identifiers: { id: 'u1' }, timestamp: 1, attributes: {} },
      cio_relationships: [related],
    });

    expect(fitOperations(translation, SETTINGS)).toBe(translation);
  });

  it('looks at each of several relationships', () => {
    const roles = [{ role: 'admin' }, { note: LONG }].map((relationship_attributes, index) => ({
      ...{ identifiers: { id: `u${index}` }, relationship_attributes },
    }));
    const translation = translated({
      ...{ type: 'object', action: 'add_relationships', identifiers: RELATED.identifiers },
      cio_relationships: roles,
    });

    expect(fitOperations(translation, SETTINGS)).toMatchObject({
      operations: [
        { cio_relationships: [roles[0], { identifiers: { id: 'u1' }, relationship_attributes: {} }] },
      ],
      adjustments: [{ attribute: 'note', did: 'dropped' }],
    });
  });

  it('leaves a relationship as it is that Customer.io cannot have, where nothing else is to be saved', () => {
    const translation = translated({
      ...{ type: 'person', action: 'add_relationships', identifiers: { id: 'u1' } },
      cio_relationships: [{ identifiers: { object_type_id: '1', object_id: 'x'.repeat(151) } }],
    });

    expect(fitOperations(translation, SETTINGS)).toBe(translation);
  });

  it('leaves an event as it is, whose attributes have no limit', () => {
    const event: Operation = {
      ...VISITOR,
      ...{ action: 'event', name: 'Order', id: 'ulid', timestamp: 1 },
      attributes: { note: LONG, two: 2, three: 3 },
    };
    const translation = translated(event);

    expect(fitOperations(translation, SETTINGS)).toBe(translation);
  });
});

describe('fitAttributes', () => {
  it('answers the very attributes where all of them fit, to the last one', () => {
    const attributes = { name1234567: undefined, plan: 'x'.repeat(20) };
    const fitting = { name123456: 1, plan: 'x'.repeat(20) };

    expect(fitAttributes(fitting, SETTINGS).attributes).toBe(fitting);
    expect(fitAttributes(attributes, SETTINGS).attributes).toEqual({ plan: 'x'.repeat(20) });
  });

  it('drops one too many', () => {
    const { attributes, adjustments } = fitAttributes({ one: 1, two: 2, three: 3 }, SETTINGS);

    expect(attributes).toEqual({ one: 1, two: 2 });
    expect(adjustments).toEqual([{ attribute: 'three', did: 'dropped' }]);
  });

  it('drops none for their number where few enough are left of those too long', () => {
    const { attributes, adjustments } = fitAttributes({ one: 1, note: LONG, three: 3 }, SETTINGS);

    expect(attributes).toEqual({ one: 1, three: 3 });
    expect(adjustments).toEqual([{ attribute: 'note', did: 'dropped' }]);
  });

  it.each([
    'id',
    'email',
    'phone',
    'anonymous_id',
    'created_at',
    'unsubscribed',
    'cio_subscription_preferences',
    'cio_subscription_preferences.topics.topic_1',
    '_update',
  ])('drops the last of the others before %s', (name) => {
    const limits = { attributes: 2, attributeNameBytes: 100, attributeValueBytes: 20 };

    const { attributes } = fitAttributes({ one: 1, two: 2, [name]: 3 }, { limits });

    expect(attributes).toEqual({ one: 1, [name]: 3 });
  });

  it.each(['id', 'email', 'phone', 'anonymous_id'])('cuts text where that is set, but never %s', (name) => {
    const limits = { attributes: 2, attributeNameBytes: 100, attributeValueBytes: 20 };
    const text = 'x'.repeat(151);

    const fitting = fitAttributes({ note: text, [name]: text }, { oversizedAttributes: 'truncate', limits });

    expect(fitting.attributes).toEqual({ note: 'x'.repeat(20) });
    expect(fitting.adjustments).toEqual([
      { attribute: name, did: 'dropped' },
      { attribute: 'note', did: 'cut' },
    ]);
  });

  it('goes by the documented limits where the source has none of its own', () => {
    const many = Object.fromEntries(Array.from({ length: 301 }, (_, index) => [`a${index}`, index]));
    const { a300: _, ...most } = many;

    expect(fitAttributes(many, {}).attributes).toEqual(most);
    expect(fitAttributes({ ['n'.repeat(151)]: 1, note: 'x'.repeat(1_001) }, {}).attributes).toEqual({});
  });
});
