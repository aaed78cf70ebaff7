// The id that makes an event the same event when it is sent again.

import type { JsonObject } from '../json/json-object';

/** The sender's own, a number as text; undefined when there is none. */
export const messageIdOf = ({ messageId }: JsonObject): string | undefined => {
  if (typeof messageId === 'number') return String(messageId);
  return typeof messageId === 'string' && messageId !== '' ? messageId : undefined;
};
