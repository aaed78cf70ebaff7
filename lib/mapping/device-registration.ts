// Registers the device that an event comes from beside the event, so that nobody needs an event for it: a visitor's
// token is known long before the person is, and the identify that names the person is often the first to have both.

import type { AddressedPersonIdentifiers, Operation, PersonIdentifiers } from '../customerio/operation';
import { readText } from './attributes';
import { contextDevice, toAddDevice } from './device';
import { RESERVED_EVENTS } from './reserved-events';
import type { MappingInput, Translation } from './translation';

/** What the event became, and the device where the source's settings have such an event register it. */
export const withDevice = (translation: Translation, input: MappingInput): Translation => {
  if (translation.outcome !== 'operations' || !isRegistering(input)) return translation;
  const [operation] = translation.operations;
  const person = operation && personOf(operation);
  const device = contextDevice(input.event);
  const added = person && device && toAddDevice(input, person, device);
  return added === undefined
    ? translation
    : { ...translation, operations: [...translation.operations, added] };
};

/** A reserved name has its own rule, unless the source lists it. A list is of tracks alone. */
const isRegistering = ({ event, settings }: MappingInput): boolean => {
  const { deviceEvents = 'lifecycle' } = settings;
  if (deviceEvents === 'lifecycle') return event['type'] === 'identify';
  const name = event['type'] === 'track' ? readText(event['event']) : undefined;
  // Stryker disable next-line ConditionalExpression: no list has undefined, which the compiler cannot know
  if (typeof deviceEvents !== 'string') return name !== undefined && deviceEvents.includes(name);
  // Stryker disable next-line ConditionalExpression: undefined is not reserved, which the compiler cannot know
  return name === undefined || !RESERVED_EVENTS.has(name);
};

/**
 * The person whose device is registered; undefined for a visitor, and for an operation that is more than what
 * somebody is or does.
 */
const personOf = (operation: Operation): AddressedPersonIdentifiers | undefined => {
  if (operation.type === 'object') {
    const [related] = operation.action === 'identify' ? (operation.cio_relationships ?? []) : [];
    return related && known(related.identifiers);
  }
  const { action } = operation;
  if (action === 'identify' || action === 'page' || action === 'screen') return known(operation.identifiers);
  // Stryker disable next-line ConditionalExpression: a person's alone are events, which the compiler cannot know
  return operation.type === 'person' && action === 'event' ? known(operation.identifiers) : undefined;
};

const known = (
  person: PersonIdentifiers | AddressedPersonIdentifiers,
): AddressedPersonIdentifiers | undefined => ('anonymous_id' in person ? undefined : person);
