// The attributes of a person without what a bug has made of those that Customer.io finds people by. Device mode's plugin in
// the browser asks it too, because the tracker sends them as they are.

import { isIllegalInAlias, readId } from '../event/ids';
import type { IdentitySettings } from '../event/who';
import type { JsonObject } from '../json/json-object';

/** What a workspace finds people by, though it stands among their attributes. */
const NAMING: Readonly<Record<IdentitySettings['workspaceIdentifiers'], readonly string[]>> = {
  id: ['id', 'anonymous_id'],
  email_or_id: ['id', 'email', 'anonymous_id'],
  email_phone_or_id: ['id', 'email', 'phone', 'anonymous_id'],
};

/**
 * The attributes without an id that a bug has made: Customer.io would take the second person who has it for the first, as
 * if an alias had said so.
 */
export const withoutBugs = (attributes: JsonObject, settings: IdentitySettings): JsonObject => {
  let copy: Record<string, unknown> | undefined;
  for (const name of NAMING[settings.workspaceIdentifiers]) {
    if (!isBug(attributes[name], settings)) continue;
    copy ??= { ...attributes };
    delete copy[name];
  }
  return copy ?? attributes;
};

/** Empty text removes an attribute; blanks are what a form has sent. */
const isBug = (value: unknown, settings: IdentitySettings): boolean => {
  const id = readId(value);
  if (id === undefined) return typeof value === 'string' && value !== '';
  // No bug has an `@`, which nearly every email has.
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most people the slower look
  return !id.includes('@') && isIllegalInAlias(id, settings);
};
