import { callForEach, MAX_CALLS_IN_FLIGHT } from '../../../lib/queue/call-pool';

it('answers in the order of the batches, whatever the order of the answers', async () => {
  const answerLate = async (ms: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };

  expect(await callForEach([9, 1, 5], answerLate)).toEqual([9, 1, 5]);
});

it('keeps as many calls in flight as it may, and never more', async () => {
  let inFlight = 0;
  let most = 0;
  const call = async (): Promise<void> => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
  };

  await callForEach(Array.from({ length: 100 }), call);

  expect(most).toBe(MAX_CALLS_IN_FLIGHT);
});
