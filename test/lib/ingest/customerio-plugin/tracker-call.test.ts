import { toTrackerCall } from '../../../../lib/ingest/customerio-plugin/tracker-call';
import type { JsonObject } from '../../../../lib/json/json-object';

const call = (event: JsonObject) => toTrackerCall(event, true);
const traitsOf = (traits: unknown) => call({ type: 'identify', userId: 'u1', traits });

describe('identify', () => {
  it('is the traits with the id, dates in Unix seconds', () => {
    const since = new Date('2024-05-06T07:08:09Z');

    expect(traitsOf({ plan: 'pro', since, renewed: '2024-05-06', born: '1960-01-02', id: 'other' })).toEqual({
      method: 'identify',
      traits: { plan: 'pro', since: 1714979289, renewed: 1714953600, born: '1960-01-02', id: 'u1' },
    });
  });

  it.each([
    [{ createdAt: new Date(1_000) }, 1],
    [{ created: '1970-01-01T00:00:02Z' }, 2],
    [{ created_at: 3, createdAt: 4, created: 5 }, 3],
    [{ createdAt: 4, created: 5 }, 4],
  ])('has %j as created_at', (traits, createdAt) => {
    expect(traitsOf(traits)).toEqual({ method: 'identify', traits: { id: 'u1', created_at: createdAt } });
  });

  it.each([undefined, null, [], 'text'])('without traits (%j) is the id alone', (traits) => {
    expect(traitsOf(traits)).toEqual({ method: 'identify', traits: { id: 'u1' } });
  });

  it.each(['email', 'phone', 'anonymous_id'])(
    'leaves out a bug in the place of %s, as the relay does',
    (name) => {
      expect(traitsOf({ [name]: 'undefined', plan: 'pro' })).toEqual({
        method: 'identify',
        traits: { id: 'u1', plan: 'pro' },
      });
    },
  );

  it('makes a numeric id text', () => {
    expect(call({ type: 'identify', userId: 7 })).toMatchObject({ traits: { id: '7' } });
  });
});

it('track has the trimmed name and the properties', () => {
  const event = { type: 'track', event: ' Ordered ', properties: { at: new Date(7_000), total: 12.5 } };

  expect(call(event)).toEqual({ method: 'track', name: 'Ordered', properties: { at: 7, total: 12.5 } });
  expect(toTrackerCall(event, false)).toMatchObject({ properties: { at: '1970-01-01T00:00:07.000Z' } });
  expect(toTrackerCall(event, { except: ['properties.at'] })).toMatchObject({
    properties: { at: '1970-01-01T00:00:07.000Z' },
  });
});

describe('page', () => {
  it.each<[string, JsonObject]>([
    ['Home', { name: ' Home ', properties: { url: 'https://a.example/' } }],
    ['https://a.example/', { properties: { url: 'https://a.example/' } }],
    ['https://b.example/', { name: ' ', properties: {}, context: { page: { url: 'https://b.example/' } } }],
    ['Page View', { context: {} }],
  ])('is named %j', (name, event) => {
    expect(call({ type: 'page', ...event })).toMatchObject({ method: 'page', name });
  });

  it('has the properties', () => {
    expect(call({ type: 'page', properties: { section: 'lamps' } })).toMatchObject({
      properties: { section: 'lamps' },
    });
  });
});

it('group names the traits of the group on the person', () => {
  const event = {
    type: 'group',
    userId: 'u1',
    groupId: 'g1',
    traits: { name: 'Acme', founded: '2024-05-06' },
  };

  expect(call(event)).toEqual({
    method: 'identify',
    traits: { 'Group name': 'Acme', 'Group founded': 1714953600, 'Group id': 'g1', id: 'u1' },
  });
});

it('An object that is none as JSON counts as empty', () => {
  expect(call({ type: 'track', event: 'Ordered', properties: new Date(0) })).toMatchObject({
    properties: {},
  });
});
