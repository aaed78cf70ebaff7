// The peers side by side: what is shown of those that cannot be installed.

import { installPlan, replacement, tableOfPeers } from './peers';
import recorded from './peers.json';

it('What was measured now stands in the place of what was recorded, the fastest first', () => {
  const table = tableOfPeers(
    [
      { name: 'cio-relay', ratio: 0.5 },
      { name: 'Segment action-destinations, batches of 100', ratio: 0.21 },
    ],
    recorded,
  ).split('\n');

  expect(table[2]).toBe('| cio-relay | 0.50 | this run |');
  expect(table).toContain('| Segment action-destinations, batches of 100 | 0.21 | this run |');
  expect(table).toContain('| RudderStack, v2 batches of 1000 | 0.005 | 2026-11 |');
  expect(table.filter((line) => line.includes('batches of 100 '))).toHaveLength(2);
  expect(table).toHaveLength(2 + 1 + Object.keys(recorded.paths).length);
});

it('A dependency of which the registry has no such version is taken in another', () => {
  const problem =
    'npm error code ETARGET\nnpm error notarget No matching version found for @aws-sdk/client-kinesis@3.974.0.';

  expect(replacement(problem)).toEqual({ '@aws-sdk/client-kinesis': '^3.0.0' });
  expect(replacement('npm error code ENOTFOUND')).toBeUndefined();
  expect(installPlan('a', '1.0.0', { b: '^3.0.0' })).toMatchObject({
    dependencies: { a: '1.0.0' },
    overrides: { b: '^3.0.0' },
  });
});
