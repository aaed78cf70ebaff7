import { NO_TALLY, type Tally } from '../../../../infra/local/journal/journal';
import { Sampler } from '../../../../infra/local/journal/sampler';
import type { QueueDepth } from '../../../../infra/local/sqs-server';

const ALL = { seconds: 120, source: '' };

const samplerOf = () => {
  const now = { ms: 10_000 };
  const tallies = new Map<string, Tally>();
  const queue = new Map<string, QueueDepth>([['', { waiting: 3, inFlight: 2, oldestAt: 4_000 }]]);
  const sampler = new Sampler({
    journal: { tallies: () => tallies },
    queue: () => queue,
    allowed: new Map([
      ['web', 100],
      ['app', 50],
    ]),
    clock: () => now.ms,
  });
  const next = (): void => {
    sampler.sample();
    now.ms += 1_000;
  };
  return { now, tallies, queue, sampler, next };
};

it('A step counts what has come since the one before, of all sources and of each', () => {
  const { tallies, sampler, next } = samplerOf();
  tallies.set('web', { ...NO_TALLY, came: 5 });
  next();
  tallies.set('web', { ...NO_TALLY, came: 6, delivered: 4 });
  tallies.set('app', { ...NO_TALLY, came: 1 });
  next();

  const all = sampler.read(ALL);
  expect(all.measured).toMatchObject({ came: [5, 2], delivered: [0, 4], waiting: [3, 3], inFlight: [2, 2] });
  expect(all.measured.oldestSeconds).toEqual([6, 7]);
  expect(all.times).toEqual([10_000, 11_000]);
  expect([all.allowedRequests, all.sources]).toEqual([150, ['web', 'app']]);

  const app = sampler.read({ ...ALL, source: 'app' });
  expect(app.measured).toMatchObject({ came: [0, 1], waiting: [0, 0] });
  expect(app.allowedRequests).toBe(50);
  sampler.close();
});

it('Requests are told by how they ended, with their operations, and of the sources that are in them', () => {
  const { queue, sampler, next } = samplerOf();
  queue.clear();
  for (const status of [200, 207, 429, 503, 0])
    sampler.answered({ status, operations: 2, sources: ['web', 'app'] });
  next();
  next();

  const { measured } = sampler.read(ALL);
  expect(measured).toMatchObject({
    requests: [5, 0],
    operations: [10, 0],
    throttled: [1, 0],
    failed: [2, 0],
  });
  expect(measured.oldestSeconds).toEqual([0, 0]);
  expect(sampler.read({ ...ALL, source: 'web' }).measured).toMatchObject({
    requests: [5, 0],
    operations: [5, 0],
  });
  sampler.close();
});

it('An hour is told in longer steps, which add up what is counted and end with the depth of their end', () => {
  const { tallies, queue, sampler, next } = samplerOf();
  for (let second = 1; second <= 24; second += 1) {
    tallies.set('web', { ...NO_TALLY, came: second });
    queue.set('', { waiting: second, inFlight: 0, oldestAt: undefined });
    next();
  }

  const { stepSeconds, times, measured } = sampler.read({ seconds: 3_600, source: '' });
  expect(stepSeconds).toBe(6);
  expect(times).toEqual([12_000, 18_000, 24_000, 30_000, 33_000]);
  expect(measured.came).toEqual([3, 6, 6, 6, 3]);
  expect(measured.waiting).toEqual([3, 9, 15, 21, 24]);
  sampler.close();
});
