// The settings of a source that decide what its events become. Each has its default, its consequence in README's
// table, and its folders under test/golden. Those that a preset sets stand in presets.ts.

import * as z from 'zod/mini';
import {
  MAX_ATTRIBUTE_NAME_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_REQUESTS_PER_SECOND,
} from '../customerio/limits';
import { PRESET_NAMES } from './presets';
import { choice, flag, oneOf, requiredText, wholeNumber } from './setting-types';

/** Paths from `traits` or `properties` down, keys joined by dots; what is in an array counts as in what holds it. */
const datePath = requiredText.check(
  z.regex(/^(traits|properties)\../, 'must begin with `traits.` or `properties.`'),
  z.regex(/^[^*]*$/, 'must not have a `*`: what is named is spared with all in it'),
);

const convertTimestamps = z.union(
  [z.boolean(), z.strictObject({ except: z.array(datePath).check(z.minLength(1, 'must name a path')) })],
  'must be true, false, or `{"except": […]}`',
);

const raised = (documented: number) =>
  z._default(
    wholeNumber.check(z.minimum(documented, `must be at least ${documented}, the documented limit`)),
    documented,
  );

/** The limits of the workspace itself, where Customer.io has raised them. */
const limits = {
  requestsPerSecond: raised(MAX_REQUESTS_PER_SECOND),
  attributes: raised(MAX_ATTRIBUTES),
  attributeNameBytes: raised(MAX_ATTRIBUTE_NAME_BYTES),
  attributeValueBytes: raised(MAX_ATTRIBUTE_VALUE_BYTES),
};

const DOCUMENTED_LIMITS = {
  requestsPerSecond: MAX_REQUESTS_PER_SECOND,
  attributes: MAX_ATTRIBUTES,
  attributeNameBytes: MAX_ATTRIBUTE_NAME_BYTES,
  attributeValueBytes: MAX_ATTRIBUTE_VALUE_BYTES,
};

export const mappingFields = {
  /** How the product behaves that the source comes from. What is set beside it wins. */
  preset: z.optional(z.enum(PRESET_NAMES, `must be ${oneOf(PRESET_NAMES)}`)),
  workspaceIdentifiers: choice('email_or_id', 'id', 'email_phone_or_id'),
  convertTimestamps: z._default(convertTimestamps, true),
  /** More names of ours in `integrations`. */
  integrationNames: z._default(
    z.array(
      requiredText.check(z.regex(/[\p{L}\p{N}]/u, 'must have a letter or digit')),
      'must be an array of names',
    ),
    [],
  ),
  /** Ids that look like a sender's bug and are real here. */
  allowIdentifiers: z._default(z.array(requiredText, 'must be an array of ids'), []),
  /** What becomes of an event with a longer name than Customer.io takes. */
  longNames: choice('cut', 'reject'),
  /** `device`: what browsers have delivered themselves, by Customer.io's own tracker, is skipped. */
  connectionMode: choice('cloud', 'device'),
  /** Whether `User Deleted` and its like act, or are events like any other. */
  reservedEvents: flag(true),
  /** What becomes of a group: an object with the person related to it, or attributes of the person. */
  groups: choice('objects', 'person_attributes'),
  /** Which events register the device in their context; the names are of tracks. */
  deviceEvents: z._default(
    z.union(
      [z.enum(['lifecycle', 'any']), z.array(requiredText)],
      'must be `lifecycle`, `any` or an array of event names',
    ),
    'lifecycle',
  ),
  /** `event`: an event `Viewed {name} Screen`; `screen`: Customer.io's own screen view. */
  screens: choice('event', 'screen'),
  /** What a page view is called after: its name before its URL, or its URL before its name. */
  pageName: choice('name', 'url'),
  /** Events of visitors who are known by `anonymousId` alone. */
  anonymousEvents: choice('deliver', 'skip'),
  /** Whether an identify creates a person that the workspace does not have. */
  createPeople: choice('always', 'never'),
  /** Whether pages and screens set the attribute `_last_visit` of a known person. */
  lastVisit: flag(false),
  /** Whether the parts of the trait `address` become attributes of their own. */
  flattenAddress: flag(false),
  /** What becomes of attributes beyond Customer.io's limits. */
  oversizedAttributes: choice('drop', 'truncate', 'reject', 'send'),
  limits: z._default(z.strictObject(limits, 'must be an object of limits'), DOCUMENTED_LIMITS),
} as const;
