import { isIllegalId, isIllegalInAlias, readId } from '../../../lib/event/ids';
import { startCpuClock } from '../../support/cpu';

describe('readId', () => {
  it.each([
    ['u1', 'u1'],
    [' u1 ', ' u1 '],
    ['0', '0'],
    [42, '42'],
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('takes %p for %p', (value, expected) => {
    expect(readId(value)).toBe(expected);
  });

  it.each([
    ['', ' ', '\t\n', null, undefined, true, false, {}, [], ['u1'], { id: 'u1' }],
    [Number.MAX_SAFE_INTEGER + 1, 1e21, Number.NaN, Number.POSITIVE_INFINITY],
  ])('finds none in %p and its like', (...values) => {
    expect(values.map(readId)).toEqual(values.map(() => undefined));
  });
});

describe('an id that a bug has made', () => {
  const BUGS = [
    ...['undefined', 'null', 'NaN', '-nan', 'None', 'nil', '<NA>', '%!s(<nil>)', '%!d(<nil>)'],
    ...['[object Object]', '[object Promise]', '[object Undefined]', '[object Null]'],
  ];
  const PLACEHOLDERS = ['true', 'false', '0', '-1', 'anonymous', 'guest', 'distinct_id', 'not_authenticated'];
  const spellings = (id: string) => [
    id,
    id.toUpperCase(),
    id.toLowerCase(),
    ` ${id}\n`,
    `"${id}"`,
    `' ${id} '`,
    `\`${id}\``,
    `\\"${id}\\"`,
    `\u201c${id}\u201d`,
    `\u2018${id}\u2019`,
    `«${id}»`,
    `<${id}>`,
    `(${id})`,
  ];

  it.each(BUGS)('is %s in every spelling', (id) => {
    for (const spelling of spellings(id)) {
      expect(isIllegalId(spelling, {})).toBe(true);
      expect(isIllegalInAlias(spelling, {})).toBe(true);
    }
  });

  it.each(['undefined', 'null', '"null"', 'NaN', 'None', 'nil', '<nil>', '[object Object]'])(
    'is %s behind the prefix of Customer.io’s own ids',
    (id) => {
      for (const spelling of [`cio_${id}`, `CIO_${id}`, `"cio_${id}"`]) {
        expect(isIllegalId(spelling, {})).toBe(true);
      }
    },
  );

  it.each(PLACEHOLDERS)('is %s in an alias alone', (id) => {
    for (const spelling of spellings(id)) {
      expect(isIllegalId(spelling, {})).toBe(false);
      expect(isIllegalInAlias(spelling, {})).toBe(true);
    }
  });

  it.each([
    'undefined1',
    'xnull',
    'n u l l',
    'nan@example.com',
    'nilsson',
    '00',
    '-10',
    'object Object',
    'guest-7',
    'na',
    'cio_',
    'cio_nil7',
    'cio_0',
    'cio_cio_null',
    '<nil@example.com>',
    'null-null',
    'object',
    '[object]',
    '[Object Object',
    '(o)',
    '()',
    '%!s',
  ])('is not %s', (id) => {
    expect(isIllegalInAlias(id, {})).toBe(false);
  });

  it('is one that the source does not allow', () => {
    const settings = { allowIdentifiers: ['None', 'guest'] };

    expect(isIllegalId(' None ', settings)).toBe(false);
    expect(isIllegalId('none', settings)).toBe(true);
    expect(isIllegalInAlias('guest', settings)).toBe(false);
    expect(isIllegalInAlias('None', settings)).toBe(false);
    expect(isIllegalInAlias('true', settings)).toBe(true);
  });

  it('is decided on in no time, whatever is sent', () => {
    const spentMs = startCpuClock();

    isIllegalInAlias(`${' "'.repeat(500_000)}nul`, {});
    isIllegalInAlias(`cio_${'<('.repeat(500_000)}nul`, {});
    isIllegalInAlias(`[object ${'x'.repeat(500_000)}`, {});

    expect(spentMs()).toBeLessThan(1_000);
  });
});
