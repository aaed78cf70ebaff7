// The rate of a source over all its consumers, each a process of its own, measured where requests leave and
// where they arrive.

import { rateFigures } from '../chaos/figures';
import { smallRatePlan } from '../chaos/plans';
import { excesses, LEAST_USED, type RateReport, runRate } from '../chaos/rate';

const TIMEOUT_MS = 180_000;
/** A busy machine can keep the consumers from their rate; it must never make them exceed it. */
const MAX_ATTEMPTS = 4;

it(
  'four consumers with a backlog stay within the rate of their source in every second and use nine tenths of it',
  async () => {
    // Act
    const reports: RateReport[] = [];
    while (reports.length < MAX_ATTEMPTS && reports.every(({ used }) => used < LEAST_USED)) {
      reports.push(await runRate(smallRatePlan));
    }

    // Assert
    process.stdout.write(`${reports.map(rateFigures).join('\n')}\n`);
    expect(reports.flatMap(excesses)).toEqual([]);
    expect(Math.max(...reports.map(({ used }) => used))).toBeGreaterThanOrEqual(LEAST_USED);
  },
  TIMEOUT_MS,
);
