// An event as a command that sends it, for any POSIX shell.

import { writeDeepJson } from '../../../lib/json/write-json';
import type { BackendInfo } from '../contract';

/** `/v1/batch` takes a single event of any type. */
export const asCurl = (event: unknown, { url, writeKey }: NonNullable<BackendInfo['endpoint']>): string => {
  const body = typeof event === 'string' ? event : writeDeepJson(event);
  return `curl -u ${quoted(`${writeKey}:`)} ${url}/v1/batch \\\n  -d ${quoted(body)}`;
};

/** Nothing is special between single quotes but the single quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
