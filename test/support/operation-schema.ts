// The operations as Customer.io's Track API v2 description shapes them, strict: a key it does not name fails.
// Beyond it only `anonymous_id` is allowed, where the workspace's anonymous events take it.

import { z } from 'zod';

const text = z.string().min(1);
const unixSeconds = z.int();
const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const attributes = z.record(z.string(), z.unknown());

const id = z.strictObject({ id: text });
const email = z.strictObject({ email: text });
const cioId = z.strictObject({ cio_id: text });
const phone = z.strictObject({ phone: z.string().regex(/^\+\d{1,15}$/) });
const anonymousId = z.strictObject({ anonymous_id: text });

/** Strict objects of one key each: two identifiers at once match none. */
export const knownPersonSchema = z.union([id, email, cioId]);
/** Merges and the relationships of an object take no phone. */
const addressedPersonSchema = z.union([knownPersonSchema, phone]);
export const anyPersonSchema = z.union([addressedPersonSchema, anonymousId]);

const objectIdentifiers = z.strictObject({ object_type_id: text, object_id: text });

const objectRelationships = z
  .array(z.strictObject({ identifiers: objectIdentifiers, relationship_attributes: attributes.optional() }))
  .min(1);

const identifyPerson = z.strictObject({
  type: z.literal('person'),
  action: z.literal('identify'),
  identifiers: addressedPersonSchema,
  timestamp: unixSeconds,
  attributes,
  cio_relationships: objectRelationships.optional(),
});

const personEvent = z.strictObject({
  type: z.literal('person'),
  action: z.enum(['event', 'page', 'screen', 'viewed_content', 'clicked_content']),
  identifiers: anyPersonSchema,
  name: text,
  id: ulid,
  timestamp: unixSeconds,
  attributes,
});

const addDevice = z.strictObject({
  type: z.literal('person'),
  action: z.literal('add_device'),
  identifiers: addressedPersonSchema,
  device: z.strictObject({
    token: text,
    platform: z.enum(['ios', 'android']),
    last_used: unixSeconds,
    attributes: z
      .record(z.string(), z.string())
      .refine(
        (given) => !['token', 'id', 'platform', 'last_used'].some((name) => Object.hasOwn(given, name)),
      ),
  }),
});

const deleteDevice = z.strictObject({
  type: z.literal('person'),
  action: z.literal('delete_device'),
  identifiers: addressedPersonSchema,
  device: z.strictObject({ token: text }),
});

const mergePersons = z.strictObject({
  type: z.literal('person'),
  action: z.literal('merge'),
  primary: knownPersonSchema,
  secondary: knownPersonSchema,
});

const identifyObject = z.strictObject({
  type: z.literal('object'),
  action: z.literal('identify'),
  identifiers: objectIdentifiers,
  attributes,
  cio_relationships: z
    .array(z.strictObject({ identifiers: knownPersonSchema, relationship_attributes: attributes.optional() }))
    .length(1)
    .optional(),
});

const identifyObjectAnonymously = z.strictObject({
  type: z.literal('object'),
  action: z.literal('identify_anonymous'),
  identifiers: objectIdentifiers,
  attributes,
  cio_relationships: z
    .array(z.strictObject({ identifiers: anonymousId, relationship_attributes: attributes.optional() }))
    .length(1),
});

const removePerson = z.strictObject({
  type: z.literal('person'),
  action: z.enum(['delete', 'suppress', 'unsuppress']),
  identifiers: addressedPersonSchema,
});

const relatePerson = z.strictObject({
  type: z.literal('person'),
  action: z.enum(['add_relationships', 'delete_relationships']),
  identifiers: addressedPersonSchema,
  cio_relationships: objectRelationships,
});

const deleteObject = z.strictObject({
  type: z.literal('object'),
  action: z.literal('delete'),
  identifiers: objectIdentifiers,
});

const relateObject = z.strictObject({
  type: z.literal('object'),
  action: z.enum(['add_relationships', 'delete_relationships']),
  identifiers: objectIdentifiers,
  cio_relationships: z
    .array(z.strictObject({ identifiers: knownPersonSchema, relationship_attributes: attributes.optional() }))
    .min(1),
});

const deliveryEvent = z.strictObject({
  type: z.literal('delivery'),
  action: z.literal('event'),
  identifiers: z.strictObject({ id: text }),
  name: z.enum(['opened', 'converted', 'delivered']),
  attributes: z.strictObject({ device_token: text }),
});

/** The body of `POST /api/v1/metrics`, as Segment's own destination sends it. */
export const metricSchema = z.strictObject({
  delivery_id: text,
  metric: z.enum([
    'bounced',
    'clicked',
    'converted',
    'deferred',
    'delivered',
    'dropped',
    'opened',
    'spammed',
  ]),
  timestamp: unixSeconds,
  recipient: text.optional(),
  reason: text.optional(),
  href: text.optional(),
  metadata: z.strictObject({ action_name: text.optional(), action_value: text.optional() }).optional(),
});

export const operationSchema = z.union([
  identifyPerson,
  personEvent,
  addDevice,
  deleteDevice,
  mergePersons,
  identifyObject,
  identifyObjectAnonymously,
  removePerson,
  relatePerson,
  deleteObject,
  relateObject,
  deliveryEvent,
]);
