import { getEventListeners } from 'node:events';
import { sleep } from '../../lib/sleep';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('lasts as long as told, and leaves nothing on the signal', async () => {
  const { signal } = new AbortController();
  const startedAt = Date.now();
  const sleeping = sleep(700, signal).then(() => Date.now() - startedAt);

  await jest.runAllTimersAsync();

  expect(await sleeping).toBe(700);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('ends when the signal aborts, and leaves no timer', async () => {
  const controller = new AbortController();
  const sleeping = sleep(700, controller.signal);

  controller.abort();
  await sleeping;

  expect(jest.getTimerCount()).toBe(0);
});

it('does not begin when the signal has aborted before', async () => {
  await sleep(700, AbortSignal.abort());

  expect(jest.getTimerCount()).toBe(0);
});
