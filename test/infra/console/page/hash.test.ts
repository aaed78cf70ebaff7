import { openedIn, pathOf } from '../../../../infra/console/page/hash';

it.each([
  ['#/objects/%', 'objects', '%'],
  ['#/people/100%25%20%C3', 'people', '100%25%20%C3'],
  ['#/people/%E2%82%AC', 'people', '€'],
  ['#/people/a%2Fb/c', 'people', 'a/b/c'],
  ['#/%', '%', ''],
  ['', '', ''],
])('Whatever stands in the address leads somewhere: %s', (hash, page, open) => {
  expect(openedIn(hash)).toMatchObject({ page, open });
});

it('What is open is the same after it stood in the address, whatever characters it has', () => {
  for (const open of ['a/b', '100 %', 'ü?x=1#y', 'שלום', '👩‍🚀', '%2F'])
    expect(openedIn(`#${pathOf('people', open, { q: 'a b&c' })}`)).toMatchObject({ page: 'people', open });
  expect(openedIn(`#${pathOf('people', 'half \ud83d', { q: '' })}`).open).toBe('half \ufffd');
  expect(openedIn('#/people?q=%').query.get('q')).toBe('%');
});
