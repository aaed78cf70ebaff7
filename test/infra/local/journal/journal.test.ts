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
  const journal = new Journal({ capacity: 2 });
  for (const id of ['m-1', 'm-2', 'm-3']) journal.add(event(id), QUEUED, 'On the queue');

  expect(journal.list().map(({ messageId }) => messageId)).toEqual(['m-2', 'm-3']);
  expect(journal.withMessageId('m-1')).toEqual([]);
  expect(journal.detail(1)).toBeUndefined();
  expect(journal.since(0)).toHaveLength(2);
  journal.close();
});

it('What is said of a forgotten event is dropped', () => {
  const journal = new Journal({ capacity: 1 });
  const first = journal.add(event('m-1'), QUEUED, 'On the queue');
  journal.add(event('m-2'), QUEUED, 'On the queue');

  journal.settle(first, { fate: 'delivered' }, 'Delivered');

  expect(journal.list().map(({ fate }) => fate)).toEqual(['queued']);
  journal.close();
});

it('Changes are gathered, and a listener is told each row once, as it is then', async () => {
  const journal = new Journal({ capacity: 10, clock: () => 5, tellEveryMs: 1 });
  const told = new Promise<readonly EventSummary[]>((resolve) => journal.listen(resolve));
  const entry = journal.add(event('m-1'), QUEUED, 'On the queue');
  journal.settle(entry, { fate: 'delivered' }, 'Delivered');

  expect(await told).toMatchObject([{ number: 1, fate: 'delivered', at: 5 }]);
  journal.close();
});

it('A way that goes round in circles keeps its beginning and its end', () => {
  const journal = new Journal({ capacity: 1 });
  const entry = journal.add(event('m-1'), QUEUED, 'first');
  for (let time = 0; time < 100; time += 1) journal.step(entry, `step ${time}`, '');

  const steps = journal.detail(1)?.steps ?? [];
  expect(steps).toHaveLength(60);
  expect([steps[0]?.what, steps.at(-1)?.what]).toEqual(['first', 'step 99']);
  journal.close();
});

it('Beyond its bytes the oldest events are forgotten, and the newest one stays however large it is', () => {
  const journal = new Journal({ capacity: 1_000, maxBytes: 20_000 });
  const large = { ...event('m-large'), raw: { text: 'x'.repeat(100_000) } };
  for (let number = 0; number < 100; number += 1) journal.add(event(`m-${number}`), QUEUED, 'On the queue');
  const kept = journal.list();

  expect(kept.length).toBeGreaterThan(5);
  expect(kept.length).toBeLessThan(40);
  expect(kept.at(-1)?.messageId).toBe('m-99');
  journal.add(large, QUEUED, 'On the queue');
  expect(journal.list().map(({ messageId }) => messageId)).toEqual(['m-large']);
  journal.close();
});

it('A request counts as what is kept, shared by its events', () => {
  const request = (events: number) => ({
    method: 'POST',
    path: '/v1/batch',
    headers: { 'user-agent': 'x'.repeat(10_000) },
    keysIn: [],
    events,
    status: 200,
    answer: '',
  });
  const keptOf = (events: number): number => {
    const journal = new Journal({ capacity: 1_000, maxBytes: 100_000 });
    for (let number = 0; number < 50; number += 1) {
      const entry = journal.add(event(`m-${number}`), QUEUED, 'On the queue');
      journal.arrived(entry, { request: request(events), sentAt: undefined }, {});
    }
    journal.close();
    return journal.list().length;
  };

  expect(keptOf(1)).toBeLessThan(12);
  expect(keptOf(1_000)).toBe(50);
});

it('An event comes back as it came, on the queue and as operations, and a text that is no JSON as well', () => {
  const journal = new Journal({ capacity: 10 });
  const entry = journal.add({ ...event('m-1'), raw: { a: [1, null, 'ü'] } }, QUEUED, 'On the queue');
  journal.onQueue(entry, { a: [1, null, 'ü'], messageId: 'm-1' });
  journal.mapped(entry, ['{"type":"person"}']);
  const text = journal.add({ ...event('m-2'), raw: '{"a":' }, QUEUED, 'On the queue');

  expect(journal.detail(1)).toMatchObject({
    raw: { a: [1, null, 'ü'] },
    queued: { a: [1, null, 'ü'], messageId: 'm-1' },
    operations: [{ type: 'person' }],
  });
  expect(journal.detail(2)?.raw).toBe('{"a":');
  expect(text.summary.text).toBe('{"a":');
  journal.close();
});

it('A search finds words beyond the beginning of an event, and of other fields of its row', async () => {
  const journal = new Journal({ capacity: 10 });
  const long = (end: string) => ({ ...event('m-1'), raw: { padding: 'x'.repeat(1_500), end } });
  journal.add(long('Needle'), QUEUED, 'On the queue');
  journal.add(long('hay'), QUEUED, 'On the queue');
  journal.add({ ...event('m-3'), raw: { end: 'needle' } }, QUEUED, 'On the queue');

  expect(await journal.search(['needle', 'queued'])).toEqual([1]);
  expect(await journal.search(['needle', 'delivered'])).toEqual([]);
  journal.close();
});

it('What comes and becomes of it is counted by source', () => {
  const journal = new Journal({ capacity: 1 });
  const entry = journal.add(event('m-1'), QUEUED, 'On the queue');
  journal.settle(entry, { fate: 'delivered' }, 'Delivered');
  journal.add({ ...event('m-2'), source: 'app' }, { fate: 'refused' }, 'Refused');

  expect(journal.tallies().get('local')).toMatchObject({ came: 1, queued: 1, delivered: 1 });
  expect(journal.tallies().get('app')).toMatchObject({ came: 1, refused: 1, delivered: 0 });
  journal.close();
});

it('An event that nests deeper than the stack is kept as any other, and numbers have no gap', () => {
  const journal = new Journal({ capacity: 10 });
  const json = `{"a":${'['.repeat(14_000)}${']'.repeat(14_000)}}`;
  const deep = JSON.parse(json) as unknown;
  const entry = journal.add({ ...event('m-deep'), raw: deep }, QUEUED, 'On the queue');
  journal.onQueue(entry, { ...(deep as object), receivedAt: 'now' });
  journal.add(event('m-2'), QUEUED, 'On the queue');

  expect(journal.list().map(({ number, messageId }) => [number, messageId])).toEqual([
    [1, 'm-deep'],
    [2, 'm-2'],
  ]);
  expect(journal.detail(1)?.changes.map(({ field }) => field)).toEqual(['receivedAt']);
  journal.close();
});
