import { countNames } from '../../../lib/delivery/count-names';

it('Names of attributes are counted', () => {
  expect(countNames(['bio', 'address.street', 'bio', 'utm-source', '_x', '$y', 'pläne'])).toEqual({
    bio: 2,
    'address.street': 1,
    'utm-source': 1,
    _x: 1,
    $y: 1,
    '(others)': 1,
  });
});

it.each([
  'ada@example.com',
  '+44 20 7183 8750',
  '442071838750',
  'Ada Lovelace',
  'a sentence',
  'https://example.com/?token=1',
  'x'.repeat(151),
  '',
  'line\nbreak',
])('%j is no name that a log may hold', (name) => {
  expect(countNames([name])).toEqual({ '(others)': 1 });
});

it('Beyond twenty they are counted together, and those that are named go on being so', () => {
  const names = Array.from({ length: 25 }, (_, index) => `name_${index}`);

  const counts = countNames([...names, 'name_0']);

  expect(Object.keys(counts)).toHaveLength(21);
  expect(counts).toMatchObject({ name_0: 2, '(others)': 5 });
});

it('A name that every object inherits is counted like any other', () => {
  expect(Object.entries(countNames(['constructor', '__proto__']))).toEqual([
    ['constructor', 1],
    ['__proto__', 1],
  ]);
});
