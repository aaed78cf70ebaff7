// What the mapping makes of an event, the sandbox takes as Customer.io would: every operation and every metric of the
// golden catalogue, in one workspace.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { post, sendBatch, start } from './client';

const GOLDEN = path.join(__dirname, '../../../golden');

/** Rules of workspaces with higher limits, and of what is sent on purpose although it is too large. */
const BEYOND_LIMITS = /^limits-|^oversized-attributes-(send($|-)|drop-leaves-)/;
const WORKSPACES = [{ siteId: 'local', apiKey: 'local', phoneIdentifies: true }];

/** What each rule that has such a file expects. */
const expectationsIn = (file: string): [string, unknown][] =>
  readdirSync(GOLDEN)
    .filter((rule) => !BEYOND_LIMITS.test(rule) && existsSync(path.join(GOLDEN, rule, file)))
    .map((rule) => [rule, JSON.parse(readFileSync(path.join(GOLDEN, rule, file), 'utf8'))]);

it('takes the operations of every rule', async () => {
  const sandbox = await start({ workspaces: WORKSPACES });
  const refused: unknown[] = [];

  for (const [rule, operations] of expectationsIn('operations.json')) {
    const { status, body } = await sendBatch(sandbox, ...(operations as unknown[]));
    if (status !== 200) refused.push([rule, body]);
  }

  expect(refused).toEqual([]);
});

it('takes the metric of every rule', async () => {
  const sandbox = await start({ workspaces: WORKSPACES });
  const refused: unknown[] = [];

  for (const [rule, expected] of expectationsIn('metric.json')) {
    const { metric } = expected as { metric: unknown };
    const { status, body } = await post(sandbox, '/api/v1/metrics', JSON.stringify(metric));
    if (status !== 200) refused.push([rule, body]);
  }

  expect(refused).toEqual([]);
});
