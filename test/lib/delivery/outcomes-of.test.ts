import { outcomesOf } from '../../../lib/delivery/outcomes-of';
import { classifyCustomerIo } from '../../../lib/destinations/customerio/outcome';
import { startCpuClock } from '../../support/cpu';
import { response } from '../../support/destination';

const rejected = (detail: string) => ({ kind: 'rejected', detail });

it('delivers every item but those that errors name', () => {
  const errors = [
    { index: 2, detail: 'too long' },
    { index: 0, detail: 'odd' },
    { index: 2, detail: 'and strange' },
    { index: 9, detail: 'of nobody' },
  ];

  expect(outcomesOf(3, errors)).toEqual([
    rejected('odd'),
    { kind: 'delivered' },
    rejected('too long; and strange'),
  ]);
});

it('keeps the first twenty errors of an item', () => {
  const errors = Array.from({ length: 100 }, (_, number) => ({ index: 0, detail: `e${number}` }));

  expect(outcomesOf(1, errors)).toEqual([
    rejected(Array.from({ length: 20 }, (_, number) => `e${number}`).join('; ')),
  ]);
});

it('takes a time that grows with the errors of an answer, however many name one item', () => {
  const msFor = (count: number): number => {
    const errors = Array.from({ length: count }, () => ({
      batch_index: 1,
      field: 'name',
      message: 'is bad',
    }));
    const answer = response(207, { errors });
    const spentMs = startCpuClock();
    const verdict = classifyCustomerIo(answer, 2);
    if (verdict.kind !== 'accepted') throw new Error('It names its items.');
    outcomesOf(2, verdict.errors);
    return spentMs();
  };
  msFor(5_000);

  const [few, many] = [msFor(5_000), msFor(50_000)];

  // Ten times as many; were it the square, a hundred times as long.
  expect(many).toBeLessThan(40 * Math.max(few, 5));
});
