import { answerInTime } from '../../../lib/http/answer-in-time';

const OTHERWISE = { late: () => 'late', failed: (error: unknown) => `failed: ${error}` };

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => jest.useRealTimers());

it('is what the work answers, at once or in time', async () => {
  await expect(answerInTime(1_000, () => 'at once', OTHERWISE)).resolves.toBe('at once');
  await expect(answerInTime(1_000, async () => 'in time', OTHERWISE)).resolves.toBe('in time');
});

it('is the answer for what is late when the work takes longer, however it ends after that', async () => {
  const slow = (end: () => string) => () =>
    new Promise<void>((resolve) => setTimeout(resolve, 1_001)).then(end);
  const fails = () => {
    throw 'too late';
  };
  const answers = [slow(() => 'done'), slow(fails)].map((work) => answerInTime(1_000, work, OTHERWISE));

  await jest.advanceTimersByTimeAsync(2_000);

  await expect(Promise.all(answers)).resolves.toEqual(['late', 'late']);
});

it('is made of the failure where the work fails, before it has begun to wait or after', async () => {
  const thrown = () => {
    throw 'thrown';
  };

  await expect(answerInTime(1_000, thrown, OTHERWISE)).resolves.toBe('failed: thrown');
  await expect(answerInTime(1_000, async () => thrown(), OTHERWISE)).resolves.toBe('failed: thrown');
});

it('leaves no timer behind', async () => {
  await answerInTime(1_000, () => 'at once', OTHERWISE);
  await answerInTime(1_000, () => Promise.reject('failed'), OTHERWISE);

  expect(jest.getTimerCount()).toBe(0);
});
