// What a person's deletion, suppression or merge does to the order of what comes before and after it: nothing, by
// whatever the events name the person.

import { groupByKey } from '../../../../lib/delivery/group-by-key';
import { prepareForCustomerIo } from '../../../../lib/destinations/customerio/prepare';
import { parseSources } from '../../../support/sources';

const [source] = parseSources(JSON.stringify([{ name: 'n', writeKey: 'w', siteId: 's', apiKey: 'a' }]));

const at = (second: number, event: object) => ({
  messageId: `m${second}`,
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  ...event,
});

const itemsOf = (event: object) => {
  if (source === undefined) throw new Error('There is no source.');
  const prepared = prepareForCustomerIo(event, source);
  if (prepared.kind !== 'items') throw new Error(`It became ${prepared.kind}.`);
  return prepared.items;
};

/** The actions of each group that keeps its order, in that order. */
const orderOf = (events: readonly object[]): string[][] => {
  const items = events.flatMap(itemsOf);
  return groupByKey(items).map((group) =>
    group.map((position) => JSON.parse(items[position]?.json.toString() ?? '').action as string),
  );
};

const identify = { type: 'identify', userId: 'u1' };
const track = (event: string, fields: object = {}) => ({ type: 'track', userId: 'u1', event, ...fields });
const DEVICE = { context: { device: { token: 't1', type: 'ios' } } };
const OBJECT = { properties: { objectId: 'acme' } };

it.each<[string, object, string]>([
  ['a deletion', track('User Deleted'), 'delete'],
  ['a suppression', track('User Suppressed'), 'suppress'],
  ['the end of a suppression', track('User Unsuppressed'), 'unsuppress'],
  ['a device', track('Device Created or Updated', DEVICE), 'add_device'],
  ['the end of a device', track('Device Deleted', DEVICE), 'delete_device'],
  ['the end of a relationship', track('Relationship Deleted', OBJECT), 'delete_relationships'],
  [
    'content',
    track('Report Content Event', { properties: { actionType: 'viewed_content' } }),
    'viewed_content',
  ],
  ['a merge', { type: 'alias', userId: 'u2', previousId: 'u1' }, 'merge'],
])('%s keeps its place among what the person does, however it arrives', (_, event, action) => {
  const before = at(1, identify);
  const between = at(2, event);
  const after = at(3, track('Ordered'));

  for (const arrival of [
    [before, between, after],
    [after, between, before],
    [between, after, before],
  ]) {
    expect(orderOf(arrival)).toEqual([['identify', action, 'event']]);
  }
});

it('a deletion by email keeps its place among what names the person by id, where one event names both', () => {
  const events = [
    at(3, identify),
    at(2, track('User Deleted', { userId: 'Ada@example.com' })),
    at(1, { ...identify, traits: { email: 'ada@example.com' } }),
  ];

  expect(orderOf(events)).toEqual([['identify', 'delete', 'identify']]);
});

it('what names a person by email alone and by id alone cannot be known to be one', () => {
  const events = [at(2, track('User Deleted', { userId: 'ada@example.com' })), at(1, identify)];

  expect(orderOf(events)).toEqual([['delete'], ['identify']]);
});

it('an object keeps the order of what makes it, relates to it and ends it', () => {
  const group = { type: 'group', groupId: 'acme' };
  const events = [
    at(3, track('Object Deleted', { ...OBJECT, userId: 'admin' })),
    at(1, { ...group, userId: 'u1' }),
    at(2, track('Relationship Deleted', { userId: 'u2', context: { groupId: 'acme' } })),
  ];

  expect(orderOf(events)).toEqual([['identify', 'delete_relationships', 'delete']]);
});

it('what the people of a group do besides needs no order among them', () => {
  const context = { groupId: 'acme' };
  const events = [
    at(1, track('Ordered', { userId: 'u1', context })),
    at(2, track('Ordered', { userId: 'u2', context })),
  ];

  expect(orderOf(events)).toHaveLength(2);
});
