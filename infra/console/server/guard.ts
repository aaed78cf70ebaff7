// Who may use the console: pages that it served itself, and commands of this machine. Any web page can make a browser
// send a request to this machine; what gives it away is the Host (after DNS rebinding) and the Origin.

import type { IncomingMessage } from 'node:http';

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const READING: readonly (string | undefined)[] = ['GET', 'HEAD'];

/** Whether a Host, or what stands behind the scheme of an Origin, is this machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

/** Why the request is not answered; undefined when it may be. */
export const refusalOf = ({ method, headers }: IncomingMessage): string | undefined => {
  const { host = '', origin } = headers;
  if (!isLoopbackHost(host)) return 'the Host is none of this machine';
  if (origin !== undefined && origin !== `http://${host}`) return 'the Origin is another page';
  if (READING.includes(method)) return undefined;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' ? undefined : 'the request is of another page';
};

/** A form of another page cannot send this type, so that a browser asks first, and is refused. */
export const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/json\b/.test(headers['content-type'] ?? '');
