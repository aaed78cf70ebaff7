// Starts the local stack: checks what can be checked at once, then runs `serverless offline start` in this very
// process, where plugin.ts adds SQS, the sandbox and the event sources. One process, so one Ctrl-C ends it all.

import { portProblem, readPorts } from './addresses';
import { OPEN_VARIABLE } from './open-page';

/** A variable, because the package has no types for its command line. */
const OSLS = 'serverless/bin/serverless.js';

const OPEN_OPTION = '--open';

const start = async (): Promise<void> => {
  const problem = await portProblem(readPorts());
  if (problem !== undefined) throw new Error(problem);
  // The terminal is for the sandbox's activity; errors are still shown.
  process.env['SLS_LOG_LEVEL'] ??= 'error';
  if (process.argv.includes(OPEN_OPTION)) process.env[OPEN_VARIABLE] = '1';
  process.argv.splice(2, Infinity, 'offline', 'start', '--stage', 'local');
  await import(OSLS);
};

start().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
