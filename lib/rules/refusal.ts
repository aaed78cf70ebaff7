// The news that somebody has refused their consent: the one event of theirs that is delivered. The rule: it says who they
// are and what they refused, and nothing else that came with it.

import { readEmail } from '../event/email';
import { ENVELOPE } from '../event/event';
import { isPossibleId, readId } from '../event/ids';
import { readPhone } from '../event/phone';
import { isObject, type JsonObject } from '../json/json-object';

/** The event as it is without what its sender says beside the refusal. */
export const asRefusal = (event: JsonObject): JsonObject => {
  const kept = Object.entries(event).filter(([name]) => name === 'event' || ENVELOPE.has(name));
  const context = contextOf(event);
  return { ...Object.fromEntries(kept), properties: {}, ...(context && { context }) };
};

/**
 * The context without the device, which would be registered, and with whom the traits name: there no operation has them
 * among its attributes.
 */
const contextOf = ({ context, traits }: JsonObject): JsonObject | undefined => {
  if (!isObject(context) && !isObject(traits)) return undefined;
  const { device: _, ...others } = objectOrEmpty(context);
  return isObject(traits)
    ? { ...others, traits: { ...objectOrEmpty(others['traits']), ...namesIn(traits) } }
    : others;
};

/** An id of a type that none has stays what it is: the event must not become somebody else's. */
const namesIn = (traits: JsonObject): JsonObject => {
  const given = traits['userId'];
  const userId = isPossibleId(given) ? readId(given) : given;
  const email = readEmail(traits);
  const phone = readPhone(traits);
  return {
    ...(userId !== undefined && { userId }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
};

const objectOrEmpty = (value: unknown): JsonObject => (isObject(value) ? value : {});
