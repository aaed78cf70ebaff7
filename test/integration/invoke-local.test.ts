// The third way in: `serverless invoke local` for every function with the files of examples/lambda, as the README
// writes it. Nothing else is running, no port is open, and with DRY_RUN nothing is sent.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environmentOf, freePorts, ROOT } from '../support/running-stack';

const EXAMPLES = 'examples/lambda';
const TIMEOUT_MS = 120_000;

interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** With standard input closed: `serverless` would wait for an event there. */
const invoke = async (functionName: string, example: string): Promise<Result> => {
  const path = join(EXAMPLES, `${example}.json`);
  const environment = { ...environmentOf(await freePorts(), ''), DRY_RUN: '1' };
  const child = spawn('npx', ['serverless', 'invoke', 'local', '-f', functionName, '--path', path], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
};

/** The JSON lines a dry run prints. */
const printed = ({ output }: Result): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{"dryRun"'))
    .map((line) => JSON.parse(line));

const invocations: readonly (readonly [
  functionName: string,
  example: string,
  expected: readonly object[],
])[] = [
  [
    'consumer',
    'consumer',
    [{ dryRun: 'would be sent', operations: [{ action: 'event', name: 'Order Completed' }] }],
  ],
  [
    'consumer',
    'consumer-by-hand',
    [
      { operations: [{ action: 'event', name: 'Signed Up' }] },
      { operations: [{ action: 'identify', attributes: { plan: 'premium' } }] },
      { operations: [{ action: 'page', name: 'Pricing' }] },
      { operations: [{ action: 'identify', identifiers: { id: 'u-42' } }] },
      { operations: [{ action: 'event', name: 'Signed Up' }] },
    ],
  ],
  [
    'consumer',
    'consumer-bad-input',
    [
      { dryRun: 'would be dead-lettered', reason: 'invalid_json' },
      { dryRun: 'would be dead-lettered', reason: 'missing_identifier' },
      { dryRun: 'would be dead-lettered', reason: 'missing_event_name' },
      { dryRun: 'would be dead-lettered', reason: 'invalid_event' },
      { dryRun: 'would be sent', operations: [{ action: 'event', name: 'Signed Up' }] },
    ],
  ],
  ['forwarder', 'forwarder', [{ dryRun: 'would be sent', operations: [{ event: 'Email Opened' }] }]],
];

it.each(invocations)(
  '%s with %s.json prints what it would do',
  async (functionName, example, expected) => {
    const result = await invoke(functionName, example);

    expect(result).toMatchObject({ code: 0 });
    expect(printed(result)).toMatchObject(expected);
  },
  TIMEOUT_MS,
);

it(
  'ingest with ingest-health.json answers',
  async () => {
    const result = await invoke('ingest', 'ingest-health');

    expect(result.code).toBe(0);
    expect(result.output).toContain('"statusCode": 200');
  },
  TIMEOUT_MS,
);
