// The rate of a source over all its consumers, each a process of its own, measured where requests leave and
// where they arrive.

import { runRate } from '../chaos/rate';

const TIMEOUT_MS = 120_000;

test(
  'four consumers with a backlog stay within the rate of their source in every second and use nine tenths of it',
  async () => {
    // Arrange
    const plan = { requestsPerSecond: 20, consumers: 4, seconds: 10 };

    // Act
    const { peakLeaving, peakArriving, used, problems, ...rest } = await runRate(plan);

    // Assert
    process.stdout.write(`${JSON.stringify({ peakLeaving, peakArriving, used, ...rest })}\n`);
    expect(peakLeaving).toBeLessThanOrEqual(plan.requestsPerSecond);
    expect(peakArriving).toBeLessThanOrEqual(plan.requestsPerSecond);
    expect(used).toBeGreaterThanOrEqual(0.9);
    expect(problems).toEqual([]);
  },
  TIMEOUT_MS,
);
