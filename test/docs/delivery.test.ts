import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as policy from '../../lib/delivery/retry-policy';
import { REASONS } from '../../lib/errors';

const page = readFileSync(path.join(__dirname, '../../docs/delivery.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\|/gm)].map(([, name = '', value]) => [
  name,
  Number(value),
]);

it('has a table of numbers', () => {
  expect(rows.length).toBeGreaterThanOrEqual(9);
});

it.each(rows)('says of %s what the code says', (name, value) => {
  expect((policy as Record<string, unknown>)[name as string]).toBe(value);
});

it('says at which rate a source with a revoked key would fill what may be in flight', () => {
  const waitSeconds = 0.75 * policy.MAX_BACKOFF_SECONDS;

  expect(page).toContain(`would reach at ${Math.round(120_000 / waitSeconds)} messages a second`);
});

it('explains every reason in the words that an answer and a dead letter use', () => {
  const reasons = [...page.matchAll(/^\| `([a-z_]+)` +\| (.+?) +\|$/gm)].map(([, reason, text]) => [
    reason,
    text,
  ]);

  expect(reasons).toEqual(Object.entries(REASONS));
});
