// A frozen and thawed consumer. Ten seconds here, thirty in `npm run chaos`: the same code.

import { freezeFigures } from '../chaos/figures';
import { freezeFailures, runFreeze } from '../chaos/freeze';
import { smallFreezePlan } from '../chaos/plans';

const TIMEOUT_MS = 180_000;

it(
  'a consumer frozen in mid-backlog and thawed keeps to its rate in every second, over dead connections, and loses nothing',
  async () => {
    // Act
    const report = await runFreeze(smallFreezePlan);

    // Assert
    process.stdout.write(`${freezeFigures(report)}\n`);
    expect(freezeFailures(report)).toEqual([]);
    // The first request over a dead connection was made again at once and not left to the queue.
    expect(report.consumers.returned).toBe(0);
  },
  TIMEOUT_MS,
);
