import type { Source } from '../../../../lib/config/source';
import { customerIoConnector } from '../../../../lib/destinations/customerio/destination';
import { prepareForCustomerIo, unlessUnsendable } from '../../../../lib/destinations/customerio/prepare';
import { translateByRules } from '../../../../lib/mapping/translate-by-rules';
import { parseSources } from '../../../support/sources';

const EVENT = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm1',
  timestamp: '2026-01-02T03:04:05.000Z',
  userId: 'u1',
  properties: { customer: 'u2', ssn: 1 },
};

const sourceWith = (settings: object): Source => {
  const required = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };
  const [source] = parseSources(JSON.stringify([{ ...required, ...settings }]));
  if (source === undefined) throw new Error('There is no source.');
  return source;
};

it('An event that a rule keeps out is skipped by the name of the rule', () => {
  const source = sourceWith({ rules: [{ name: 'no orders', exclude: { event: 'Order *' } }] });

  expect(prepareForCustomerIo(EVENT, source)).toEqual({
    kind: 'skipped',
    reason: 'excluded_by_rule',
    rule: 'no orders',
  });
});

it('An event without consent is skipped without a rule', () => {
  const source = sourceWith({ consent: { require: ['Ads'], onMissing: 'skip' } });

  expect(prepareForCustomerIo(EVENT, source)).toEqual({ kind: 'skipped', reason: 'consent_refused' });
});

it('The order of its operations is kept for those whom the rules have made it speak of', () => {
  const rules = [
    { name: 'who', drop: ['userId'] },
    { name: 'whom', move: { 'properties.customer': 'userId' } },
  ];

  expect(prepareForCustomerIo(EVENT, sourceWith({ rules }))).toMatchObject({ items: [{ keys: ['u2'] }] });
});

it('A dead letter is cleaned as the source says', () => {
  const { asDeadLetter } = customerIoConnector(1);
  const source = sourceWith({ privacy: { deny: ['ssn'], deadLetters: 'cleaned' } });

  expect(asDeadLetter?.(JSON.stringify(EVENT), source)).toBe(
    JSON.stringify({ ...EVENT, properties: { customer: 'u2' } }),
  );
});

const identify = (traits: object) =>
  prepareForCustomerIo(
    { type: 'identify', userId: 'u1', timestamp: '2026-01-01T00:00:00Z', traits },
    sourceWith({}),
  );

it('Attributes that Customer.io would refuse are named, and not their values', () => {
  const prepared = identify({ plan: 'pro', bio: 'x'.repeat(1_001), ['y'.repeat(151)]: 1 });

  expect(prepared).toMatchObject({ kind: 'items', adjustedAttributes: ['bio', 'y'.repeat(151)] });
  const [item] = prepared.kind === 'items' ? prepared.items : [];
  expect(JSON.parse(String(item?.json))).toMatchObject({ attributes: { plan: 'pro' } });
});

it('Where all of them fit, there is nothing to name', () => {
  expect(identify({ plan: 'pro' })).not.toHaveProperty('adjustedAttributes');
});

const acting = { properties: { objectId: 'o1' }, traits: { action: 'delete_relationships' }, groupId: 'o1' };

it.each([
  ['User Deleted', true],
  ['User Suppressed', true],
  ['User Unsuppressed', true],
  ['Object Deleted', true],
  ['Relationship Deleted', true],
  ['Device Deleted', false],
  ['Ordered', false],
])('What follows must not arrive before what removes it or lets it in: %s', (event, isBarrier) => {
  const context = { device: { token: 't1' } };
  const prepared = prepareForCustomerIo(
    { ...EVENT, event, context, properties: acting.properties },
    sourceWith({}),
  );

  expect(prepared).toMatchObject({ items: [{ isBarrier }] });
});

it.each([
  ['group', true],
  ['alias', false],
  ['identify', false],
])('What follows must not arrive before a call that ends a relationship: %s', (type, isBarrier) => {
  const { event: _, ...call } = { ...EVENT, ...acting, type, previousId: 'u0' };

  expect(prepareForCustomerIo(call, sourceWith({}))).toMatchObject({ items: [{ isBarrier }] });
});

describe('What is shown of an event before it is sent', () => {
  const outcomeOf = (event: object) => translateByRules(event, sourceWith({}));
  const textOf = (length: number) => 'x'.repeat(length);

  it.each([
    [
      'too large',
      { ...EVENT, properties: Object.fromEntries([...'abcde'].map((key) => [key, textOf(9_000)])) },
    ],
    [
      'nested too deeply',
      { ...EVENT, properties: { deep: JSON.parse(`${'['.repeat(9_000)}${']'.repeat(9_000)}`) } },
    ],
  ])('is the rejection that it meets when it is %s', (_, event) => {
    const { kind, ...met } = prepareForCustomerIo(event, sourceWith({}));

    expect(kind).toBe('rejected');
    expect(unlessUnsendable(outcomeOf(event))).toEqual({ outcome: 'rejected', ...met });
  });

  it.each([
    ['an operation', EVENT],
    [
      'a metric',
      { ...EVENT, event: 'Report Delivery Event', properties: { deliveryId: 'd', metric: 'opened' } },
    ],
    ['nothing', { ...EVENT, integrations: { All: false } }],
  ])('is what becomes of it when that is %s', (_, event) => {
    const outcome = outcomeOf(event);
    expect(unlessUnsendable(outcome)).toBe(outcome);
  });
});
