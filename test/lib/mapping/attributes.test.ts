import { readScalar, withAttribute } from '../../../lib/mapping/attributes';

describe('one more attribute', () => {
  it.each([
    [{}, { name: 'Home' }],
    [{ name: 'Home' }, { name: 'Home' }],
    [{ name: ' Home\n' }, { name: ' Home\n' }],
    [{ name: 'Else' }, { name: 'Else', name_2: 'Home' }],
    [
      { name: 1, name_2: null },
      { name: 1, name_2: null, name_3: 'Home' },
    ],
  ])('beside %j makes %j', (attributes, expected) => {
    expect(withAttribute(attributes, 'name', 'Home')).toEqual(expected);
    expect(withAttribute(withAttribute(attributes, 'name', ' Home '), 'name', 'Home ')).toEqual(
      withAttribute(attributes, 'name', ' Home '),
    );
  });

  it('that is no text stands there once too, and is not the text that reads like it', () => {
    const attributes = { size: { width: 1 } };

    expect(withAttribute(attributes, 'size', { width: 1 })).toBe(attributes);
    expect(withAttribute({ size: 1 }, 'size', '1')).toEqual({ size: 1, size_2: '1' });
    expect(withAttribute({ size: '1' }, 'size', 1)).toEqual({ size: '1', size_2: 1 });
  });
});

it.each([
  [7, '7'],
  [true, 'true'],
  [false, 'false'],
  [' text ', 'text'],
  [' ', undefined],
  [{}, undefined],
  [null, undefined],
])('%j as what takes text alone is %j', (value, expected) => {
  expect(readScalar(value)).toBe(expected);
});
