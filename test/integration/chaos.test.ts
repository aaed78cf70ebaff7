// The small version of `npm run chaos`: the same code, fewer events, shorter backoffs.

import { failures, runChaos } from '../chaos/chaos';
import { chaosFigures } from '../chaos/figures';
import { smallPlan } from '../chaos/plans';

const TIMEOUT_MS = 240_000;
/** Of this seed the first requests suffer every kind of fault. For others there is `npm run chaos -- --seed`. */
const SEED = 1;

it(
  'throttled, failed, poisoned, reset, unanswered, doubled, shuffled and killed, beside a workspace that hangs and settings that change, every event ends where it belongs (answers slower than the client: npm run chaos)',
  async () => {
    // Arrange
    const plan = smallPlan(SEED);

    // Act
    const report = await runChaos(plan);

    // Assert
    process.stdout.write(`${chaosFigures(report)}\n`);
    const { delivered, skipped, deadLettered } = report.audit;
    expect(failures(report)).toEqual([]);
    expect(delivered + skipped + deadLettered).toBe(report.events);
    expect(report.consumers.killed).toBe(plan.kills);
    // Each kind of fault was met, or the run has proved nothing.
    expect(Object.keys(report.faults).sort()).toEqual([
      'lostAnswer',
      'outage',
      'reset',
      'serverError',
      'throttle',
      'truncatedAnswer',
    ]);
    expect(report.consumers.returned).toBeGreaterThan(0);
    expect(report.duplicates).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
