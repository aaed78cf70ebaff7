// What must hold of the mapping for every input: it never throws and never changes its input, the same event gives
// the same operations, each of them is one Customer.io documents, and no key is lost.

import fc from 'fast-check';
import { MAX_EVENT_NAME_BYTES } from '../../lib/customerio/limits';
import type {
  ObjectIdentifiers,
  ObjectRelationship,
  Operation,
  PersonRelationship,
} from '../../lib/customerio/operation';
import { REASONS } from '../../lib/errors';
import { isIllegalInAlias, readId } from '../../lib/event/ids';
import { toAttributes } from '../../lib/mapping/attributes';
import { identityKeys } from '../../lib/mapping/identity';
import { translate } from '../../lib/mapping/translate';
import type { MappingSettings, Translation } from '../../lib/mapping/translation';
import { anyJson, mappingSettings, segmentEvent } from '../support/event-arbitrary';
import { metricSchema, operationSchema } from '../support/operation-schema';
import { runs } from '../support/property-runs';

type Json = Record<string, unknown>;

/** Of an object's, those to people. */
const relationshipsOf = (operation: Operation): readonly PersonRelationship[] =>
  operation.type === 'object' && 'cio_relationships' in operation ? (operation.cio_relationships ?? []) : [];

/** Of a person's, those to objects. */
const objectRelationshipsOf = (operation: Operation): readonly ObjectRelationship[] =>
  operation.type === 'person' && 'cio_relationships' in operation ? (operation.cio_relationships ?? []) : [];

/** Of a device, because a batch takes no other. */
const DELIVERY_REPORT = {
  type: 'track',
  event: 'Report Delivery Event',
  context: { device: { token: 'token' } },
};

const RUNS = { numRuns: runs(400) };
const SETTINGS: MappingSettings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true };
/** The actions of pages and screens, which may have a visit before them. */
const VIEWS: readonly string[] = ['event', 'page', 'screen'];
/** What an event may become: one operation, or it with what belongs to it. A device may be registered beside. */
const COMPANIES = [[], ['identify', 'view'], ['identify', 'add_relationships']];

const companyOf = (operations: readonly Operation[]): readonly string[] => {
  const actions = operations.map(({ action }) => action);
  const others = actions.length > 1 && actions.at(-1) === 'add_device' ? actions.slice(0, -1) : actions;
  return others.length === 1 ? [] : others.map((action) => (VIEWS.includes(action) ? 'view' : action));
};

const ANYTHING = fc.oneof(segmentEvent, anyJson);

const operationsOf = (translation: Translation): readonly Operation[] =>
  translation.outcome === 'operations' ? translation.operations : [];

type Check = (operation: Operation, event: Json, settings: MappingSettings) => void;

/** Checks every operation that an event becomes. */
const checkOperations = (check: Check): void =>
  fc.assert(
    fc.property(segmentEvent, mappingSettings, (event, settings) => {
      for (const operation of operationsOf(translate(event, settings))) check(operation, event, settings);
    }),
    RUNS,
  );

/** Checks what an event becomes, without the device beside it; `fixed` fields make it surely become something. */
const checkEvents = (check: Check, fixed: Json, isMeant = (_: Json) => true): void =>
  fc.assert(
    fc.property(segmentEvent, mappingSettings, (someEvent, settings) => {
      const event = { ...someEvent, ...fixed };
      const [operation] = operationsOf(translate(event, settings));
      if (operation !== undefined && isMeant(event)) check(operation, event, settings);
    }),
    RUNS,
  );

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};

const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectOf = (value: unknown): Json => (isJsonObject(value) ? value : {});

/** Every key with the path to it, arrays included. */
const keyPaths = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [
        `${path}/${key}`,
        ...keyPaths(inner, `${path}/${key}`),
      ])
    : [];

describe('translate, for every JSON value', () => {
  it('never throws, and answers with operations, a skip, or a documented reason that names a field', () => {
    fc.assert(
      fc.property(ANYTHING, mappingSettings, (event, settings) => {
        const translation = translate(event, settings);

        if (translation.outcome === 'operations') {
          expect(COMPANIES).toContainEqual(companyOf(translation.operations));
          expect(Number.isInteger(translation.timestampMs)).toBe(true);
        } else if (translation.outcome === 'metric') {
          expect(Number.isInteger(translation.timestampMs)).toBe(true);
        } else if (translation.outcome === 'rejected') {
          expect(Object.keys(REASONS)).toContain(translation.reason);
          expect(translation.detail).toMatch(/^[\w. ]+: \w/);
        } else {
          expect(['integrations_disabled', 'alias_to_itself', 'anonymous_event']).toContain(
            translation.reason,
          );
        }
      }),
      RUNS,
    );
  });

  it('never changes the event', () => {
    fc.assert(
      fc.property(ANYTHING, mappingSettings, (event, settings) => {
        const before = JSON.stringify(event);

        translate(deepFreeze(event), settings);

        expect(JSON.stringify(event)).toBe(before);
      }),
      RUNS,
    );
  });

  it('gives the same answer for the same event', () => {
    fc.assert(
      fc.property(ANYTHING, mappingSettings, (event, settings) => {
        const again = JSON.parse(JSON.stringify(event));

        expect(JSON.stringify(translate(again, settings))).toBe(JSON.stringify(translate(event, settings)));
      }),
      RUNS,
    );
  });

  it('skips what is not for Customer.io, valid or not', () => {
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (event, settings) => {
        const translation = translate({ ...event, integrations: { 'Customer.io': false } }, settings);

        expect(translation).toEqual({ outcome: 'skipped', reason: 'integrations_disabled' });
      }),
    );
  });
});

describe('every operation', () => {
  it('has the shape that the Track API documents', () => {
    checkOperations((operation) => {
      expect(operationSchema.safeParse(JSON.parse(JSON.stringify(operation))).error).toBeUndefined();
    });
  });

  it('or metric has the shape that its endpoint takes, and is of an event of that name', () => {
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (someEvent, settings) => {
        const translation = translate({ ...someEvent, ...DELIVERY_REPORT }, settings);
        if (translation.outcome !== 'metric') return;
        expect(settings.reservedEvents).toBe(true);
        expect(metricSchema.safeParse(translation.metric).error).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('names each person by exactly one identifier, and by none that the workspace does not know', () => {
    checkOperations((operation, _, { workspaceIdentifiers }) => {
      for (const person of peopleOf(operation)) {
        expect(Object.keys(person)).toHaveLength(1);
        if (workspaceIdentifiers === 'id') expect(person).not.toHaveProperty('email');
        if (workspaceIdentifiers !== 'email_phone_or_id') expect(person).not.toHaveProperty('phone');
      }
    });
  });

  it('beside another registers a device of the same person', () => {
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (event, settings) => {
        const [operation, ...others] = operationsOf(translate(event, settings));
        const registration = others.find(({ action }) => action === 'add_device');
        if (operation !== undefined && registration !== undefined) {
          expect(peopleOf(registration)).toEqual(peopleOf(operation));
        }
      }),
      RUNS,
    );
  });

  it('has whole seconds for a time', () => {
    checkOperations((operation) => {
      if ('timestamp' in operation) expect(Number.isInteger(operation.timestamp)).toBe(true);
      if (operation.action === 'add_device') expect(Number.isInteger(operation.device.last_used)).toBe(true);
    });
  });

  it('shares a key with whoever it speaks of, so that their operations keep their order', () => {
    checkOperations((operation, event) => {
      const keys = identityKeys(event);
      // An email is a key in whatever case, also in a workspace that takes it for an id.
      const accepted = peopleOf(operation).map((person) =>
        Object.entries(person).flatMap(([kind, id]) => [
          kind === 'cio_id' ? `cio_id:${id}` : id,
          id.toLowerCase(),
        ]),
      );

      for (const candidates of accepted) expect(keys.some((key) => candidates.includes(key))).toBe(true);
      for (const { object_id: id } of objectsOf(operation)) expect(keys).toContain(`object:${id}`);
    });
  });

  const objectsOf = (operation: Operation): readonly ObjectIdentifiers[] => {
    if (operation.type === 'object') return [operation.identifiers];
    return objectRelationshipsOf(operation).map(({ identifiers }) => identifiers);
  };

  const peopleOf = (operation: Operation): Record<string, string>[] => {
    if (operation.type === 'object') return relationshipsOf(operation).map(({ identifiers }) => identifiers);
    if (operation.type === 'delivery') return [];
    return operation.action === 'merge' ? [operation.primary, operation.secondary] : [operation.identifiers];
  };
});

describe('no key is lost', () => {
  const WHOLE = { messageId: 'm1', timestamp: '2024-05-06T07:08:09.123Z', userId: 'u1', integrations: {} };
  const TRACK = { ...WHOLE, type: 'track', event: 'Signed Up' };
  const DEVICE = {
    ...TRACK,
    event: 'Application Opened',
    context: { device: { token: 'token', type: 'ios' } },
  };
  /** Traits that steer the mapping, or that it has another name for. */
  const STEERING = ['id', 'created_at', 'createdAt', 'created', 'anonymous_id', '_update'];
  /** Fields of the device itself, which Customer.io refuses among its attributes. */
  const DEVICE_FIELDS = ['token', 'id', 'platform', 'last_used'];
  /** Traits of an identify that relates its person to an object. */
  const OBJECT_STEERING = ['objectId', 'objectTypeId', 'object_type_id', 'relationshipAttributes'];
  const GROUP_STEERING = ['object_type_id', 'objectTypeId', 'objectAttributes', 'relationshipAttributes'];

  const ACTIONS: readonly unknown[] = ['identify', 'delete', 'add_relationships', 'delete_relationships'];

  const without = (object: Json, names: readonly string[]): Json =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)));

  const ROOT = ['name', 'category', 'user_properties'];
  /** And what the operation of another type is made of. */
  const OTHERS = [...ROOT, 'properties', 'event'];
  const saysMore = (value: unknown, name?: unknown): boolean =>
    typeof value === 'string' ? value.trim() !== '' && value.trim() !== name : (value ?? null) !== null;
  const isMore = (key: string, event: Json, name?: string): boolean =>
    key === 'properties' || key === 'traits'
      ? Object.keys(objectOf(event[key])).length > 0
      : saysMore(event[key], key === 'event' ? event['type'] : name);
  const spell = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

  /** What is to arrive: the event's own, and what stands beside it at the root, under a name that is free. */
  const withRoot = (own: Json, event: Json, name?: string): Json => {
    const all = { ...own };
    const keys = event['type'] === 'track' ? [...ROOT, 'traits'] : OTHERS;
    for (const key of keys.filter((one) => isMore(one, event, name))) {
      const names = [key, ...Array.from({ length: 9 }, (_, index) => `${key}_${index + 2}`)];
      const free = names.find((one) => !Object.hasOwn(all, one) || isSameJson(all[one], event[key])) ?? '';
      if (!Object.hasOwn(all, free)) all[free] = event[key];
    }
    return all;
  };
  const isSameJson = (one: unknown, other: unknown): boolean =>
    JSON.stringify(spell(one)) === JSON.stringify(spell(other));

  const sorted = (given: string[]): string[] => given.sort();

  /** Where the address is taken apart, its parts count the same inside and outside of it. */
  const paths = (attributes: Json, isFlat: boolean): string[] => {
    const all = keyPaths(attributes);
    if (!isFlat) return sorted(all);
    const flat = all.filter((path) => path !== '/address').map((path) => path.replace('/address/', '/'));
    return sorted(flat);
  };

  /** The operation has one of the actions, or the test would pass without looking at anything. */
  const attributesOf = (operation: Operation): unknown => {
    if (operation.action === 'add_device') return operation.device.attributes;
    if ('attributes' in operation) return operation.attributes;
    throw new Error(`an operation without attributes: ${operation.action}`);
  };

  it('of the properties of an event, at any depth', () => {
    checkEvents((operation, event) => {
      const expected = withRoot(objectOf(event['properties']), event, 'Signed Up');
      expect(sorted(keyPaths(attributesOf(operation)))).toEqual(sorted(keyPaths(expected)));
    }, TRACK);
  });

  it('of the properties of a device', () => {
    checkEvents((operation, event, { reservedEvents, oversizedAttributes }) => {
      // As text an object may be over the limit.
      if (!reservedEvents || oversizedAttributes === 'drop') return;
      const expected = withRoot(objectOf(event['properties']), event, 'Application Opened');
      const attributes = objectOf(attributesOf(operation));
      expect(sorted(Object.keys(attributes))).toEqual(sorted(Object.keys(without(expected, DEVICE_FIELDS))));
    }, DEVICE);
  });

  /** What Customer.io finds people by: a bug in its place is left out, as golden cases show. A date counts as its seconds. */
  const bugsIn = (traits: Json, settings: MappingSettings): string[] => {
    const { email, phone } = toAttributes(traits, settings, 'traits');
    const isBug = (value: unknown): boolean => {
      const id = readId(value);
      return id === undefined ? typeof value === 'string' : isIllegalInAlias(id, settings);
    };
    return Object.entries({ email, phone }).flatMap(([name, value]) => (isBug(value) ? [name] : []));
  };

  it('of the traits of a person', () => {
    checkEvents(
      (operation, event, settings) => {
        const { flattenAddress, createPeople } = settings;
        const traits = isJsonObject(event['traits'])
          ? event['traits']
          : objectOf(objectOf(event['context'])['traits']);
        const steering = objectRelationshipsOf(operation)
          .flatMap(() => OBJECT_STEERING)
          .concat(STEERING, bugsIn(traits, settings));
        const attributes = without(objectOf(attributesOf(operation)), steering);
        const expected = without(withRoot(traits, event), steering);
        const isFlat = flattenAddress === true && isJsonObject(expected['address']);
        expect(paths(attributes, isFlat)).toEqual(paths(expected, isFlat));
        if (createPeople === 'never') expect(objectOf(attributesOf(operation))['_update']).toBe(true);
        for (const { relationship_attributes: described } of objectRelationshipsOf(operation)) {
          expect(keyPaths(described)).toEqual(keyPaths(objectOf(traits['relationshipAttributes'])));
        }
      },
      { ...WHOLE, type: 'identify' },
    );
  });

  it('of the traits of an object, nor of its relationship', () => {
    checkEvents(
      (operation, event, { groups }) => {
        if (groups === 'person_attributes') return;
        const traits = objectOf(event['traits']);
        const others = without(withRoot(traits, event), GROUP_STEERING);
        const expected = { ...others, ...objectOf(traits['objectAttributes']) };
        expect(sorted(keyPaths(attributesOf(operation)))).toEqual(sorted(keyPaths(expected)));
        const [relationship] = relationshipsOf(operation);
        const attributes = keyPaths(objectOf(traits['relationshipAttributes']));
        expect(keyPaths(relationship?.relationship_attributes)).toEqual(attributes);
      },
      { ...WHOLE, type: 'group', groupId: 'g1' },
      ({ traits }) => !ACTIONS.includes(objectOf(traits)['action']),
    );
  });

  it('of a group that stands on its person', () => {
    checkEvents(
      (operation, event, { groups }) => {
        if (groups !== 'person_attributes') return;
        const traits = withRoot(objectOf(event['traits']), event);
        const expected = ['id', ...Object.keys(traits)].map((name) => `Group ${name}`);
        const attributes = without(objectOf(attributesOf(operation)), ['_update']);
        expect(new Set(Object.keys(attributes))).toEqual(new Set(expected));
      },
      { ...WHOLE, type: 'group', groupId: 'g1' },
    );
  });

  it('and no value is changed where dates stay as they are', () => {
    checkEvents((operation, event, settings) => {
      if (settings.convertTimestamps !== false) return;
      const expected = withRoot(objectOf(event['properties']), event, 'Signed Up');
      expect(attributesOf(operation)).toEqual(expected);
    }, TRACK);
  });
});

describe('settings that change the mapping', () => {
  const VIEW = { messageId: 'm1', timestamp: '2024-05-06T07:08:09.123Z', integrations: {} };
  const translations = (check: (event: Json, settings: MappingSettings, is: Translation) => void): void =>
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (someEvent, settings) => {
        const event = { ...someEvent, ...VIEW };
        check(event, settings, translate(event, settings));
      }),
      RUNS,
    );

  it('leave what is excepted from conversion as it came', () => {
    const kept = ['properties.id', 'properties.platform'];
    translations((event, settings) => {
      const track = {
        ...VIEW,
        type: 'track',
        userId: 'u1',
        event: 'Signed Up',
        properties: event['properties'],
      };
      const [operation] = operationsOf(
        translate(track, { ...settings, convertTimestamps: { except: kept } }),
      );
      const properties = objectOf(event['properties']);
      const { id, platform } = objectOf(
        operation !== undefined && 'attributes' in operation && operation.attributes,
      );
      expect({ id, platform }).toEqual({ id: properties['id'], platform: properties['platform'] });
    });
  });

  /** Whatever a type may be: some are no text, and cannot become one. */
  const isOneOf = (type: unknown, ...types: readonly unknown[]): boolean => types.includes(type);

  it('skip what is of visitors alone, and nothing of anybody known', () => {
    translations((event, settings, translation) => {
      if (!isOneOf(event['type'], 'track', 'page', 'screen')) return;
      const delivered = translate(event, { ...settings, anonymousEvents: 'deliver' });
      const [last] = operationsOf(delivered).slice(-1);
      const isAnonymous =
        last?.type === 'person' && 'identifiers' in last && 'anonymous_id' in last.identifiers;
      const isSkipped = translation.outcome === 'skipped' && translation.reason === 'anonymous_event';
      if (isAnonymous) expect(isSkipped).toBe(settings.anonymousEvents === 'skip');
      if (operationsOf(delivered).length > 0 && !isAnonymous) expect(isSkipped).toBe(false);
    });
  });

  it('set the last visit of whoever is seen, and of nobody who is only written about', () => {
    translations((event, settings, translation) => {
      const visits = operationsOf(translation).filter(
        (operation) => 'attributes' in operation && '_last_visit' in operation.attributes,
      );
      if (settings.lastVisit !== true || !isOneOf(event['type'], 'page', 'screen')) {
        expect(visits).toEqual([]);
      }
      for (const visit of visits) {
        const [view] = operationsOf(translation).slice(-1);
        expect(visit).toHaveProperty(
          'identifiers',
          view !== undefined && 'identifiers' in view && view.identifiers,
        );
      }
    });
  });
});

describe('the ULID of an event', () => {
  const idOf = (event: Json): string | undefined => {
    const [operation] = operationsOf(translate(event, SETTINGS));
    return operation !== undefined && 'id' in operation ? operation.id : undefined;
  };
  const date = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
  const sent = fc.record({
    type: fc.constantFrom('track', 'page', 'screen'),
    messageId: fc.uuid(),
    originalTimestamp: date.map((value) => value.toISOString()),
    userId: fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((id) => id.trim() !== ''),
    event: fc.constant('Signed Up'),
  });

  it('is the same on every attempt, whatever the server adds', () => {
    fc.assert(
      fc.property(sent, date, date, (event, first, second) => {
        const received = (at: Date) => ({
          ...event,
          timestamp: at.toISOString(),
          receivedAt: at.toISOString(),
        });

        expect(idOf(received(first))).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
        expect(idOf(received(second))).toBe(idOf(received(first)));
      }),
    );
  });

  it('differs for another message', () => {
    fc.assert(
      fc.property(sent, fc.uuid(), (event, messageId) => {
        fc.pre(messageId !== event.messageId);

        expect(idOf({ ...event, messageId })).not.toBe(idOf(event));
      }),
    );
  });
});

describe('the name of an event, page or screen', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
  const named = fc
    .tuple(fc.constantFrom('track', 'page', 'screen'), fc.constantFrom('name', 'url'), text)
    .filter(([, , value]) => value.trim() !== '')
    .map(([type, name, value]) => ({
      type,
      userId: 'u1',
      messageId: 'm1',
      timestamp: '2026-01-01T00:00:00Z',
      ...(type === 'track' && { event: value }),
      ...(type === 'screen' || name === 'name' ? { name: value } : { context: { page: { url: value } } }),
      value: value.trim(),
    }));

  it('is within Customer.io’s limit whatever it is made of, and what was cut is an attribute', () => {
    fc.assert(
      fc.property(named, ({ value, ...event }) => {
        const [operation] = operationsOf(translate(event, SETTINGS));

        if (operation?.type !== 'person' || !('name' in operation)) throw new Error('It has no name.');
        expect(Buffer.byteLength(operation.name)).toBeLessThanOrEqual(MAX_EVENT_NAME_BYTES);
        expect(operation.name.trim()).not.toBe('');
        if (!operation.name.includes(value)) expect(Object.values(operation.attributes)).toContain(value);
      }),
    );
  });

  it('is whole or rejected where the source wants it so', () => {
    fc.assert(
      fc.property(named, ({ value, ...event }) => {
        const translation = translate(event, { ...SETTINGS, longNames: 'reject' });

        const [operation] = operationsOf(translation);
        if (operation !== undefined) expect('name' in operation && operation.name).toContain(value);
        else expect(translation).toMatchObject({ outcome: 'rejected', reason: 'invalid_event' });
      }),
    );
  });
});

describe('the events these properties are tried on', () => {
  it('become every kind of operation, are skipped and are rejected for every reason of the mapping', () => {
    const report = segmentEvent.map((event) => ({ ...event, ...DELIVERY_REPORT }));
    const seen = fc
      .sample(fc.oneof({ weight: 5, arbitrary: segmentEvent }, report), { numRuns: 3_000, seed: 1 })
      .map((event) => translate(event, SETTINGS))
      .flatMap((translation) => {
        if (translation.outcome === 'metric') return ['metric'];
        if (translation.outcome !== 'operations') return [translation.reason];
        return translation.operations.map(({ type, action }) => `${type} ${action}`);
      });

    expect([...new Set(seen)].sort()).toEqual([
      'alias_to_itself',
      'delivery event',
      'illegal_identifier',
      'integrations_disabled',
      'invalid_event',
      'metric',
      'missing_event_name',
      'missing_identifier',
      'object add_relationships',
      'object delete',
      'object delete_relationships',
      'object identify',
      'object identify_anonymous',
      'person add_device',
      'person clicked_content',
      'person delete',
      'person delete_device',
      'person delete_relationships',
      'person event',
      'person identify',
      'person merge',
      'person page',
      'person suppress',
      'person unsuppress',
      'person viewed_content',
    ]);
  });
});
