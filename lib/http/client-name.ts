// Which library a request came from, to find a sender by. One name of a short list and nothing else of the header:
// what a stranger writes there must not reach a log.

/** How each begins its header `user-agent`. A name that begins with another one stands before it. */
const CLIENTS = [
  'analytics-node-next',
  'analytics-node',
  'cdp-analytics-node',
  'analytics-python',
  'analytics-ruby',
  'analytics-php',
  'analytics-go',
  'analytics-java',
  'analytics-ios',
  'analytics-kotlin',
  'analytics-android',
  'axios',
  'curl',
  'node',
  'okhttp',
  'python-requests',
] as const;

/** @param userAgent the header `user-agent`. */
export const clientName = (userAgent = ''): string =>
  userAgent.startsWith('Mozilla/')
    ? 'browser'
    : (CLIENTS.find((name) => userAgent.startsWith(name)) ?? 'other');
