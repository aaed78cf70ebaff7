import { Sampler } from '../../../../infra/local/journal/sampler';

const TOTALS = { refused: 0, skipped: 0, queued: 0, retried: 0, delivered: 0, dead_lettered: 0 };

const samplerOf = () => {
  const journal = { count: 0, totals: { ...TOTALS } };
  const queue = { waiting: 3, inFlight: 2, oldestAt: 4_000 as number | undefined };
  const sampler = new Sampler({ journal, queue: () => queue, allowedRequests: 100, clock: () => 10_000 });
  return { journal, queue, sampler };
};

it('A sample counts what has come since the one before', () => {
  const { journal, sampler } = samplerOf();
  journal.count = 5;
  sampler.sample();
  journal.count = 7;
  journal.totals.delivered = 4;
  sampler.sample();

  const { samples, allowedRequests } = sampler.read();
  expect(samples.map(({ came, delivered }) => [came, delivered])).toEqual([
    [5, 0],
    [2, 4],
  ]);
  expect(samples[1]).toMatchObject({ at: 10_000, waiting: 3, inFlight: 2, oldestSeconds: 6 });
  expect(allowedRequests).toBe(100);
  sampler.close();
});

it('Requests are told by how they ended, with their operations', () => {
  const { queue, sampler } = samplerOf();
  queue.oldestAt = undefined;
  for (const status of [200, 207, 429, 503, 0]) sampler.answered({ body: { batch: [1, 2] }, status });
  sampler.sample();
  sampler.sample();

  const [first, second] = sampler.read().samples;
  expect(first).toMatchObject({ requests: 5, operations: 10, throttled: 1, failed: 2, oldestSeconds: 0 });
  expect(second).toMatchObject({ requests: 0, operations: 0, throttled: 0, failed: 0 });
  sampler.close();
});
