// Starts the local stack: checks what can be checked at once, then runs `serverless offline start` in this very
// process, where plugin.ts adds SQS, the sandbox and the event sources. One process, so one Ctrl-C ends it all.

import { DEFAULT_PORTS, type PortVariable, portProblem, readPorts } from './addresses';
import { OPEN_VARIABLE } from './open-page';
import { readOptions } from './options';

/** A variable, because the package has no types for its command line. */
const OSLS = 'serverless/bin/serverless.js';

/** Parameters of a stage may be tried here. */
const PARAMETER = '--param=';

const LISTENERS: Readonly<Record<PortVariable, string>> = {
  PORT: 'your endpoint',
  TLS_PORT: 'the same over TLS',
  SQS_PORT: 'SQS',
  SANDBOX_PORT: 'the console and the sandbox',
  SEGMENT_PORT: 'a stand-in for Segment',
};

const portLine = ([name, port]: readonly [name: string, port: number]): string =>
  `  ${name.padEnd(15)} ${String(port).padEnd(6)} ${LISTENERS[name as PortVariable]}`;

const OPTIONS = {
  command: 'npm start',
  summary: 'Runs the functions, their queues and a stand-in for each end on this machine.',
  options: {
    '--open': 'open the console in the browser',
    [PARAMETER]: 'a parameter of a stage, like --param=batchingWindowSeconds=5',
  },
  more: [
    '',
    'Variables, and what holds without them:',
    ...Object.entries(DEFAULT_PORTS).map(portLine),
    '  LOCAL_DATA_DIR  .local what is kept: queues, archive, certificate',
    '  SOURCES         local  the sources, as the JSON of the settings',
    '  ARCHIVE         events what became of each is kept; not with `none`',
    '  NO_COLOR               leaves the colours out',
    '',
    'Like: PORT=3001 SANDBOX_PORT=3031 npm start. More: docs/local.md.',
  ],
} as const;

const start = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), OPTIONS);
  if (options === undefined) return;
  const problem = await portProblem(readPorts());
  if (problem !== undefined) throw new Error(problem);
  // The terminal is for the sandbox's activity; errors are still shown.
  process.env['SLS_LOG_LEVEL'] ??= 'error';
  if (options.includes('--open')) process.env[OPEN_VARIABLE] = '1';
  const parameters = options.filter((option) => option.startsWith(PARAMETER));
  process.argv.splice(2, Infinity, 'offline', 'start', '--stage', 'local', ...parameters);
  await import(OSLS);
};

start().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
