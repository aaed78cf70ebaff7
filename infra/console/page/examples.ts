// What Try it offers to begin with: the repository's own examples of every call, one for each kind of rule and for the
// settings that change most, and one for each thing that keeps an event from Customer.io.

import alias from '../../../examples/alias.json';
import batch from '../../../examples/batch.json';
import deviceInstalled from '../../../examples/device-installed.json';
import deviceUninstalled from '../../../examples/device-uninstalled.json';
import group from '../../../examples/group.json';
import audience from '../../../examples/identify-audience.json';
import byEmail from '../../../examples/identify-by-email.json';
import byId from '../../../examples/identify-by-id.json';
import changeEmail from '../../../examples/identify-change-email.json';
import unsubscribe from '../../../examples/identify-unsubscribe.json';
import page from '../../../examples/page.json';
import screen from '../../../examples/screen.json';
import track from '../../../examples/track.json';
import anonymous from '../../../examples/track-anonymous.json';
import type { JsonObject } from '../../../lib/json/json-object';

export interface Example {
  readonly event: unknown;
  /** Of its source, as they would be written; absent: none. */
  readonly settings?: JsonObject;
}

const order = {
  type: 'track',
  userId: 'u-42',
  event: 'Order Completed',
  properties: {
    order_id: '1001',
    total: 27.5,
    email: 'Ada@Example.com',
    utm_source: 'news',
    products: [{ sku: 'q-77', price: 27.5 }],
  },
  context: { app: { version: '2.4.1', environment: 'production' }, ip: '203.0.113.42' },
};

const person = {
  type: 'identify',
  userId: 'u-42',
  traits: {
    email: 'ada@example.com',
    plan: 'pro',
    ssn: '078-05-1120',
    address: { city: 'London', country: 'GB' },
    born: '1815-12-10T00:00:00Z',
    joined: '2026-01-01T00:00:00Z',
  },
  context: { ip: '203.0.113.42' },
};

const withRule = (event: object, rule: JsonObject, more: JsonObject = {}): Example => ({
  event,
  settings: { rules: [{ name: 'mine', ...rule }], ...more },
});

const consenting = (isAgreed: boolean): Example => ({
  event: { ...order, context: { consent: { categoryPreferences: { Marketing: isAgreed } } } },
  settings: { consent: { require: ['Marketing'] } },
});

export const EXAMPLE_GROUPS: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  Calls: {
    track: { event: track },
    'track: anonymous': { event: anonymous },
    identify: { event: byId },
    'identify: by email': { event: byEmail },
    'identify: another email': { event: changeEmail },
    'identify: unsubscribe': { event: unsubscribe },
    'identify: audience': { event: audience },
    page: { event: page },
    screen: { event: screen },
    group: { event: group },
    alias: { event: alias },
    'device: installed': { event: deviceInstalled },
    'device: uninstalled': { event: deviceUninstalled },
    'a reserved name: User Deleted': { event: { type: 'track', userId: 'u-42', event: 'User Deleted' } },
    batch: { event: batch },
  },
  Rules: {
    'include: only production': withRule(
      { ...order, context: { app: { environment: 'staging' } } },
      { include: { when: { field: 'context.app.environment', equals: 'production' } } },
    ),
    'exclude: no test users': withRule(
      { ...order, userId: 'qa-1' },
      { exclude: { when: { field: 'userId', oneOf: ['qa-1', 'qa-2'] } } },
    ),
    'rename an event': withRule(order, { rename: { 'Order Completed': 'Purchase' } }),
    'drop fields': withRule(order, { drop: ['properties.utm_*', 'properties.email'] }),
    'keep some fields': withRule(order, { keep: ['properties.order_id', 'properties.total'] }),
    'hash an email': withRule(
      order,
      { hash: ['properties.email'] },
      { hashSalt: 'a salt for this page alone' },
    ),
    'set a field': withRule(order, { for: { event: 'Order *' }, set: { 'properties.currency': 'EUR' } }),
    'move a field': withRule(order, { move: { 'context.app.version': 'properties.app_version' } }),
    'prefix fields': withRule(order, { prefix: { properties: 'shop_' } }),
    'consent given': consenting(true),
    'consent refused': consenting(false),
    'privacy: keys that never leave': {
      event: person,
      settings: { privacy: { deny: ['ssn'], ip: 'truncate' } },
    },
  },
  'Presets and settings': {
    'preset segment-classic': { event: group, settings: { preset: 'segment-classic' } },
    'preset segment-actions': { event: screen, settings: { preset: 'segment-actions' } },
    'preset rudderstack': { event: person, settings: { preset: 'rudderstack' } },
    'dates stay as they are': { event: person, settings: { convertTimestamps: false } },
    'visitors are skipped': { event: anonymous, settings: { anonymousEvents: 'skip' } },
    'long names are rejected': {
      event: { ...order, event: 'A name that is longer than Customer.io takes '.repeat(3) },
      settings: { longNames: 'reject' },
    },
  },
  'Not delivered': {
    'skipped: not for Customer.io': {
      event: {
        type: 'track',
        userId: 'u-42',
        event: 'Internal Note',
        integrations: { 'Customer.io': false },
      },
    },
    'skipped: alias to itself': { event: { type: 'alias', userId: 'u-42', previousId: 'u-42' } },
    'rejected: nobody': { event: { type: 'track', event: 'Signed Up' } },
    'rejected: id that is a bug': {
      event: { type: 'identify', userId: 'undefined', traits: { plan: 'pro' } },
    },
    'rejected: no name': { event: { type: 'track', userId: 'u-42' } },
    'rejected: no type': { event: { batch: [{ userId: 'u-42', event: 'Signed Up' }] } },
    'refused by Customer.io: value too long': {
      event: { type: 'identify', userId: 'u-42', traits: { bio: 'x'.repeat(1_200) } },
      settings: { oversizedAttributes: 'send' },
    },
  },
};

export const EXAMPLES: Readonly<Record<string, Example>> = Object.assign(
  {},
  ...Object.values(EXAMPLE_GROUPS),
);
