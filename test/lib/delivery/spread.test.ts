import { gather, spread } from '../../../lib/delivery/spread';
import { destinationOf, itemOf } from '../../support/destination';

const metrics = destinationOf({ maxItems: 1 });
const destination = destinationOf({ endpoints: { metrics } });
const metricOf = (name: string) => ({ ...itemOf(name), endpoint: 'metrics' });

it('gives each endpoint its items in the order they came, and nothing of the others', () => {
  const items = [metricOf('a'), itemOf('b'), metricOf('c'), itemOf('d')];

  const { loads } = spread(items, destination);

  expect(loads).toEqual([
    { destination, items: [items[1], items[3]] },
    { destination: metrics, items: [items[0], items[2]] },
  ]);
});

it('has the destination itself first, even with nothing to take', () => {
  expect(spread([], destination).loads).toEqual([{ destination, items: [] }]);
  expect(spread([metricOf('a')], destination).loads[0]).toEqual({ destination, items: [] });
});

it('gathers what became of the items in the order they came', () => {
  const { places } = spread([metricOf('a'), itemOf('b'), metricOf('c')], destination);

  expect(gather(places, [['of b'], ['of a', 'of c']])).toEqual(['of a', 'of b', 'of c']);
});

it('takes an endpoint that is not there, or an outcome that is missing, for a bug', () => {
  const { places } = spread([itemOf('a')], destination);

  expect(() => spread([{ ...itemOf('a'), endpoint: 'nowhere' }], destination)).toThrow('no endpoint nowhere');
  expect(() => spread([metricOf('a')], destinationOf())).toThrow('no endpoint metrics');
  expect(() => gather(places, [[]])).toThrow('no outcome');
  expect(() => gather(places, [])).toThrow('no outcome');
});

describe('of items that say the same', () => {
  const said = (name: string, timestampMs: number, repeatKey = 'device') => ({
    ...itemOf(name, 'u1', timestampMs),
    repeatKey,
  });

  it('the latest is sent, and what becomes of it becomes of all', () => {
    const items = [said('a', 1), itemOf('b'), said('c', 3), said('d', 2)];

    const { loads, places } = spread(items, destination);

    expect(loads).toEqual([{ destination, items: [items[1], items[2]] }]);
    expect(gather(places, [['of b', 'of c']])).toEqual(['of c', 'of b', 'of c', 'of c']);
  });

  it('the last to arrive is the latest of one moment', () => {
    const items = [said('a', 1), said('b', 1)];

    expect(spread(items, destination).loads).toEqual([{ destination, items: [items[1]] }]);
  });

  it('each that says something else is sent', () => {
    const items = [said('a', 1), said('b', 1, 'another device')];

    expect(spread(items, destination).loads).toEqual([{ destination, items }]);
  });
});
