import type { EventSummary, Fate } from '../../../../infra/console/contract';
import { EventRows } from '../../../../infra/console/page/event-rows';

const rowOf = (number: number, fate: Fate = 'delivered', source = 'web'): EventSummary => ({
  number,
  at: number,
  door: 'http',
  fate,
  fateAt: number,
  reason: '',
  detail: '',
  source,
  type: 'track',
  name: `Event ${number}`,
  person: 'ada',
  messageId: `m-${number}`,
  text: '',
  isTextCut: number === 3,
});

const ANY = { q: '', fate: undefined, source: '' };
const numbers = (rows: readonly EventSummary[]): number[] => rows.map(({ number }) => number);

it('Rows are found newest first, by words in any order, fate and source, and where the backend has found more', () => {
  const rows = new EventRows(100);
  rows.put([rowOf(1), rowOf(2, 'dead_lettered'), rowOf(3, 'delivered', 'app')]);

  expect(numbers(rows.find(ANY))).toEqual([3, 2, 1]);
  expect(numbers(rows.find({ ...ANY, q: '2 LETTER dead' }))).toEqual([2]);
  expect(numbers(rows.find({ ...ANY, source: 'app' }))).toEqual([3]);
  expect(numbers(rows.find({ ...ANY, q: 'deep' }, new Set([1, 2])))).toEqual([2, 1]);
  expect(numbers(rows.find({ ...ANY, q: 'deep', fate: 'delivered' }, new Set([1, 2])))).toEqual([1]);
});

it('Counts follow a row that changes its fate, and rows that are forgotten', () => {
  const rows = new EventRows(20);
  rows.put([rowOf(1, 'queued'), rowOf(2), rowOf(3, 'queued', 'app')]);
  rows.put([rowOf(1, 'delivered')]);

  expect(rows.counts('').get('delivered')).toBe(2);
  expect(rows.counts('').get('queued')).toBe(1);
  expect(rows.counts('web').get('queued')).toBe(0);
  expect([rows.sources(), rows.isAnyTextCut]).toEqual([['web', 'app'], true]);

  rows.put(Array.from({ length: 30 }, (_, index) => rowOf(index + 4)));
  expect([...rows.counts('').values()].reduce((sum, count) => sum + count, 0)).toBe(rows.size);
  expect(rows.isAnyTextCut).toBe(false);
  rows.clear();
  expect([rows.size, rows.counts('').size]).toEqual([0, 0]);
});
