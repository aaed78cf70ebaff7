// Starts the local stack: checks what can be checked at once, then runs `serverless offline start` in this very
// process, where plugin.ts adds SQS, the sandbox and the event sources. One process, so one Ctrl-C ends it all.

import { portProblem, readPorts } from './addresses';
import { OPEN_VARIABLE } from './open-page';

/** A variable, because the package has no types for its command line. */
const OSLS = 'serverless/bin/serverless.js';

const OPEN_OPTION = '--open';
/** Those of a stage may be tried here: `npm start -- --param=batchingWindowSeconds=5`. */
const PARAMETER = '--param=';

const start = async (): Promise<void> => {
  const problem = await portProblem(readPorts());
  if (problem !== undefined) throw new Error(problem);
  // The terminal is for the sandbox's activity; errors are still shown.
  process.env['SLS_LOG_LEVEL'] ??= 'error';
  if (process.argv.includes(OPEN_OPTION)) process.env[OPEN_VARIABLE] = '1';
  const parameters = process.argv.filter((argument) => argument.startsWith(PARAMETER));
  process.argv.splice(2, Infinity, 'offline', 'start', '--stage', 'local', ...parameters);
  await import(OSLS);
};

start().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
