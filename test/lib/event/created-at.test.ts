// When a person was created, in every form that senders use for it.

import { isEmptyCreatedAt, parseCreatedAt } from '../../../lib/event/created-at';

describe('parseCreatedAt', () => {
  it.each([
    ['2013-02-18T16:35:08.999Z', 1361205308],
    ['2013-02-18 16:35:08', 1361205308],
    ['Mon, 18 Feb 2013 16:35:08 GMT', 1361205308],
    [1361205308, 1361205308],
    [1361205308.9, 1361205308],
    [1361205308999, 1361205308],
    [1361205308999999, 1361205308],
    [1361205308999999000, 1361205308],
    ['1361205308', 1361205308],
    ['1361205308999', 1361205308],
    ['1361205308999999', 1361205308],
    ['1361205308999999999', 1361205308],
    ['2024', 1704067200],
    [0, 0],
    ['1970-01-01', 0],
    [null, null],
    ['1969-12-31', undefined],
    [-1, undefined],
    ['', undefined],
    [true, undefined],
    [undefined, undefined],
  ])('takes %p for %p', (value, expected) => {
    expect(parseCreatedAt(value)).toBe(expected);
  });
});

describe('isEmptyCreatedAt', () => {
  it.each([
    ['', true],
    ['  ', true],
    ['soon', false],
    [null, false],
    [0, false],
    [undefined, false],
  ])('is for %p %p', (value, expected) => {
    expect(isEmptyCreatedAt(value)).toBe(expected);
  });
});
