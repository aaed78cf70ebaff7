import type { EventSummary } from '../../../../infra/console/contract';
import { Journal } from '../../../../infra/local/journal/journal';

const event = (messageId: string) => ({
  door: 'http' as const,
  source: 'local',
  raw: { messageId },
  messageId,
});
const QUEUED = { fate: 'queued' as const };

it('Beyond its capacity the oldest events are forgotten, with all that leads to them', () => {
  const journal = new Journal(2);
  for (const id of ['m-1', 'm-2', 'm-3']) journal.add(event(id), QUEUED, 'On the queue');

  expect(journal.list().map(({ messageId }) => messageId)).toEqual(['m-2', 'm-3']);
  expect(journal.withMessageId('m-1')).toEqual([]);
  expect(journal.detail(1)).toBeUndefined();
  expect(journal.since(0)).toHaveLength(2);
  journal.close();
});

it('What is said of a forgotten event is dropped', () => {
  const journal = new Journal(1);
  const first = journal.add(event('m-1'), QUEUED, 'On the queue');
  journal.add(event('m-2'), QUEUED, 'On the queue');

  journal.settle(first, { fate: 'delivered' }, 'Delivered');

  expect(journal.list().map(({ fate }) => fate)).toEqual(['queued']);
  journal.close();
});

it('Changes are gathered, and a listener is told each row once, as it is then', async () => {
  const journal = new Journal(10, () => 5, 1);
  const told = new Promise<readonly EventSummary[]>((resolve) => journal.listen(resolve));
  const entry = journal.add(event('m-1'), QUEUED, 'On the queue');
  journal.settle(entry, { fate: 'delivered' }, 'Delivered');

  expect(await told).toMatchObject([{ number: 1, fate: 'delivered', at: 5 }]);
  journal.close();
});

it('A way that goes round in circles keeps its beginning and its end', () => {
  const journal = new Journal(1);
  const entry = journal.add(event('m-1'), QUEUED, 'first');
  for (let time = 0; time < 100; time += 1) journal.step(entry, `step ${time}`, '');

  const steps = journal.detail(1)?.steps ?? [];
  expect(steps).toHaveLength(60);
  expect([steps[0]?.what, steps.at(-1)?.what]).toEqual(['first', 'step 99']);
  journal.close();
});
