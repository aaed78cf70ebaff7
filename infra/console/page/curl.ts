// An event as a command that sends it, for any POSIX shell.

import { writeDeepJson } from '../../../lib/json/write-json';
import { quoted } from '../../cli/shell-word';
import type { BackendInfo } from '../contract';

/**
 * `/v1/batch` takes a single event of any type. With `--data-raw` curl reads no file, whatever the event begins with.
 *
 * @param source that it came from; where there is none of the name, the first.
 */
export const asCurl = (
  event: unknown,
  source: string,
  { url, writeKeys }: NonNullable<BackendInfo['endpoint']>,
): string => {
  const body = typeof event === 'string' ? event : writeDeepJson(event);
  const its = writeKeys.find((key) => key.source === source) ?? writeKeys[0];
  return `curl -u ${quoted(`${its?.writeKey}:`)} ${url}/v1/batch \\\n  --data-raw ${quoted(body)}`;
};
