// Runs once, before any worker of Jest is there: every test runs in UTC, whoever starts it and however. Node keeps what
// it has compiled, for the many processes that tests start: most of a short one is to load itself.

import { resolve } from 'node:path';

export default (): void => {
  process.env['TZ'] = 'UTC';
  process.env['NODE_COMPILE_CACHE'] ??= resolve(__dirname, '../node_modules/.cache/node');
};
