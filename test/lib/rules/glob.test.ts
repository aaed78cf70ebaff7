import fc from 'fast-check';
import { compileGlob, compileGlobs, hasStar } from '../../../lib/rules/glob';
import { startCpuClock } from '../../support/cpu';

describe('a glob', () => {
  it.each([
    ['Order Completed', 'Order Completed', true],
    ['Order Completed', 'order completed', false],
    ['Test *', 'Test ', true],
    ['Test *', 'Test', false],
    ['* Viewed', 'Page Viewed', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-c-b', false],
    ['a*a', 'a', false],
    ['ab*bc', 'abc', false],
    ['a*bc*c', 'abc', false],
    ['*', '', true],
    ['**', 'x', true],
    ['', '', true],
    ['5 \\* stars', '5 * stars', true],
    ['5 \\* stars', '5 3 stars', false],
    ['a\\\\*', 'a\\b', true],
    ['end\\', 'end\\', true],
    ['a.c', 'abc', false],
    ['*\nb', 'a\nb', true],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it('matches as the regular expression does that backtracks', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
        expect(compileGlob(pattern)(text)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for a text made to make it go back', () => {
    const matches = compileGlob(`${'*a'.repeat(40)}*b`);
    const spentMs = startCpuClock();

    expect(matches('a'.repeat(100_000))).toBe(false);

    expect(spentMs()).toBeLessThan(500);
  });

  it('matches when one of several does', () => {
    const matches = compileGlobs(['a*', 'b']);

    expect(['ax', 'b', 'c'].map(matches)).toEqual([true, true, false]);
  });

  it('is told from a literal', () => {
    expect(['a*', 'a\\*', 'a'].map(hasStar)).toEqual([true, false, false]);
  });
});
