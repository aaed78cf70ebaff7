import { pathOfDetail, readId, writeId } from '../../../../infra/console/page/event-id';

it('An event is named by its run and its number, and nothing else is such a name', () => {
  const id = { run: '3f2a9c1b', number: 7 };
  expect(readId(writeId(id))).toEqual(id);
  expect(pathOfDetail(id)).toBe('events/7?run=3f2a9c1b');
  for (const text of ['', '7', 'abc', '-7', '3f2a9c1b-', '3f2a9c1b-7/x', 'a&b-7'])
    expect([text, readId(text)]).toEqual([text, undefined]);
});
