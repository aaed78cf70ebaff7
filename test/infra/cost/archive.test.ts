import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArchiveTraffic,
  archiveCost,
  billedGigabytes,
  OUTCOME_BYTES,
  objectsEachCost,
} from '../../../infra/cost/archive';
import { monthlyCost, total } from '../../../infra/cost/model';
import prices from '../../../infra/cost/prices.json';
import { DEFAULT_TRAFFIC, dollars } from '../../../infra/cost/table';

const MILLION = 1_000_000;
const TRICKLE: ArchiveTraffic = {
  eventsPerMonth: MILLION,
  invocations: MILLION,
  lineBytes: OUTCOME_BYTES,
  sources: 1,
};
const BATCHED: ArchiveTraffic = { ...TRICKLE, eventsPerMonth: 100 * MILLION };

it('A line alone is billed as five kilobytes, and lines that share a record as what they have', () => {
  expect(billedGigabytes(TRICKLE)).toBeCloseTo(5);
  expect(billedGigabytes(BATCHED)).toBeCloseTo(30);
  expect(100 * MILLION * OUTCOME_BYTES).toBeCloseTo(26e9);
});

it('At a trickle it is a fraction of an object for each invocation', () => {
  expect(objectsEachCost(TRICKLE, prices)).toBeCloseTo(5);
  expect(archiveCost(TRICKLE, prices)).toBeLessThan(objectsEachCost(TRICKLE, prices) / 10);
});

it('Nothing is paid for an archive that is off', () => {
  expect(monthlyCost(DEFAULT_TRAFFIC, prices).map(({ part }) => part)).not.toContain('archive');
  expect(total(monthlyCost({ ...DEFAULT_TRAFFIC, archive: 'events' }, prices))).toBeGreaterThan(
    total(monthlyCost(DEFAULT_TRAFFIC, prices)),
  );
});

it('docs/archive.md shows the arithmetic of the model', async () => {
  const docs = await readFile(join(__dirname, '../../../docs/archive.md'), 'utf8');
  const events = (traffic: ArchiveTraffic): ArchiveTraffic => ({
    ...traffic,
    lineBytes: OUTCOME_BYTES + 1_000,
  });
  const rows = [TRICKLE, BATCHED].map((traffic) => [
    dollars(archiveCost(traffic, prices)),
    dollars(archiveCost(events(traffic), prices)),
    dollars(objectsEachCost(traffic, prices)),
  ]);

  for (const row of rows) expect(docs.replace(/ +\|/g, ' |')).toContain(`| ${row.join(' | ')} |`);
});
