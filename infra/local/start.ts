// Starts the local stack: checks what can be checked at once, then runs `serverless offline start` in this very
// process, where plugin.ts adds SQS, the sandbox and the event sources. One process, so one Ctrl-C ends it all.

import { portProblem, readPorts } from './addresses';

const MIN_NODE_VERSION = 24;
/** A variable, because the package has no types for its command line. */
const OSLS = 'serverless/bin/serverless.js';

const start = async (): Promise<void> => {
  const problem = isNodeSuitable() ? await portProblem(readPorts()) : wrongNode();
  if (problem !== undefined) throw new Error(problem);
  // The terminal is for the sandbox's activity; errors are still shown.
  process.env['SLS_LOG_LEVEL'] ??= 'error';
  process.argv.splice(2, Infinity, 'offline', 'start', '--stage', 'local');
  await import(OSLS);
};

const isNodeSuitable = (): boolean => Number(process.versions.node.split('.', 1)[0]) >= MIN_NODE_VERSION;

const wrongNode = (): string =>
  `This needs Node ${MIN_NODE_VERSION}, Lambda's own version, and runs on ${process.version}. Use \`npm start\`: it brings its own.`;

start().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
