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

const identifyPerson = z.strictObject({
  type: z.literal('person'),
  action: z.literal('identify'),
  identifiers: addressedPersonSchema,
  timestamp: unixSeconds,
  attributes,
});

const personEvent = z.strictObject({
  type: z.literal('person'),
  action: z.enum(['event', 'page', 'screen']),
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

const relatePerson = z.strictObject({
  type: z.literal('person'),
  action: z.literal('add_relationships'),
  identifiers: addressedPersonSchema,
  cio_relationships: z
    .array(
      z.strictObject({
        identifiers: z.strictObject({ object_type_id: text, object_id: text }),
        relationship_attributes: attributes.optional(),
      }),
    )
    .length(1),
});

const mergePersons = z.strictObject({
  type: z.literal('person'),
  action: z.literal('merge'),
  primary: knownPersonSchema,
  secondary: knownPersonSchema,
});

const objectIdentifiers = z.strictObject({ object_type_id: text, object_id: text });

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

export const operationSchema = z.union([
  identifyPerson,
  personEvent,
  addDevice,
  deleteDevice,
  mergePersons,
  relatePerson,
  identifyObject,
  identifyObjectAnonymously,
]);
