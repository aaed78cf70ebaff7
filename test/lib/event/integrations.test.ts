import { isForCustomerIo, withOptOut, withoutOverruled } from '../../../lib/event/integrations';

const SPELLINGS = [
  'Customer.io',
  'Customer.io (Actions)',
  'Customer.io Actions',
  'Customer.io (Actions) 2',
  'Actions Customerio',
  'actions-customerio',
  'CUSTOMERIO',
  'Customer IO',
  'customerio',
  'customer_io',
];
const OTHERS = [
  'Customer',
  'Customer.io Journeys',
  'Actions',
  'All Customerio',
  'Google Analytics 4 Web',
  'CIO',
  '',
];

describe('integrations', () => {
  it.each([
    [undefined, true],
    [null, true],
    ['no', true],
    [[], true],
    [{}, true],
    [{ All: true }, true],
    [{ All: false }, false],
    [{ all: false }, false],
    [{ All: null, all: false }, false],
    [{ All: true, all: false }, true],
    [{ All: false, Amplitude: true }, false],
    [{ All: true, Amplitude: false }, true],
  ])('of %j without our name: meant for Customer.io is %p', (integrations, expected) => {
    expect(isForCustomerIo(integrations)).toBe(expected);
  });

  it.each(SPELLINGS)('say yes or no to us as %s', (name) => {
    expect(isForCustomerIo({ [name]: false })).toBe(false);
    expect(isForCustomerIo({ All: true, [name]: false })).toBe(false);
    for (const yes of [true, {}, { campaign: 1 }, []]) {
      expect(isForCustomerIo({ All: false, [name]: yes })).toBe(true);
    }
    for (const nothing of [null, 'yes', 1, '']) {
      expect(isForCustomerIo({ All: false, [name]: nothing })).toBe(false);
      expect(isForCustomerIo({ All: true, [name]: nothing })).toBe(true);
    }
  });

  it.each(OTHERS)('do not mean us by %j', (name) => {
    expect(isForCustomerIo({ [name]: false })).toBe(true);
    expect(isForCustomerIo({ All: false, [name]: true })).toBe(false);
  });

  it('say yes when they say both', () => {
    expect(isForCustomerIo({ 'Customer.io': false, 'Actions Customerio': true })).toBe(true);
    expect(isForCustomerIo({ 'Actions Customerio': true, 'Customer.io': false })).toBe(true);
    expect(isForCustomerIo({ 'Customer.io': false, CUSTOMERIO: {}, All: false })).toBe(true);
  });

  it('know the names that the source adds, in every spelling', () => {
    const names = ['CIO 2', 'Почта'];

    expect(isForCustomerIo({ 'cio-2': false }, names)).toBe(false);
    expect(isForCustomerIo({ All: false, 'CIO 2 (Actions)': true }, names)).toBe(true);
    expect(isForCustomerIo({ почта: false }, names)).toBe(false);
    expect(isForCustomerIo({ 'CIO 3': false }, names)).toBe(true);
    expect(isForCustomerIo({ CUSTOMERIO: false }, names)).toBe(false);
  });
});

describe('what a batch and its event say of us', () => {
  const shared = { 'Customer.io': true, Amplitude: true };

  it('is what the event says, in whatever spelling', () => {
    expect(withoutOverruled(shared, { 'Actions Customerio': false }, [])).toEqual({ Amplitude: true });
    expect(withoutOverruled(shared, { mail: {} }, ['Mail'])).toEqual({ Amplitude: true });
  });

  it('keeps a no of the batch beside a yes of the event, whose name another workspace may not know', () => {
    const forbidden = { 'Customer.io': false, 'Actions Customerio': true, Amplitude: true };
    const own = { Mail: true };

    const merged = { ...withoutOverruled(forbidden, own, ['Mail']), ...own };

    expect(merged).toEqual({ 'Customer.io': false, Amplitude: true, Mail: true });
    expect([isForCustomerIo(merged, ['Mail']), isForCustomerIo(merged, [])]).toEqual([true, false]);
    expect(withoutOverruled(forbidden, { Mail: false }, ['Mail'])).toEqual({
      'Customer.io': false,
      Amplitude: true,
    });
  });

  it.each([{}, { Amplitude: false }, { CUSTOMERIO: null }])('is what the batch says beside %j', (own) => {
    expect(withoutOverruled(shared, own, undefined)).toBe(shared);
  });
});

describe('withOptOut', () => {
  it.each([
    [{}, {}],
    [{ 'Customer.io': true }, {}],
    [
      { CUSTOMERIO: {}, Amplitude: true, mail: true },
      { CUSTOMERIO: false, Amplitude: true, mail: false },
    ],
  ])('forbids in %j every way back', (integrations, expected) => {
    const guarded = withOptOut(integrations, ['Mail']);

    expect(guarded).toEqual({ ...expected, 'Customer.io': false });
    expect(isForCustomerIo(guarded, ['Mail'])).toBe(false);
  });
});
