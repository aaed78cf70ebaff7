// The id that makes an event the same event when it is sent again.

import type { JsonObject } from '../json/json-object';
import { isExact } from './ids';

/** The sender's own, an exact number as text; undefined when there is none. */
export const messageIdOf = ({ messageId }: JsonObject): string | undefined => {
  if (typeof messageId === 'number') return isExact(messageId) ? String(messageId) : undefined;
  return typeof messageId === 'string' && messageId !== '' ? messageId : undefined;
};
