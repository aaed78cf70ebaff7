// The JSON behind the page, for backends that can do more and less.

import type { ConsoleBackend, Done, PipelineQuery } from '../../../../infra/console/contract';
import { answerApi, pageInfo } from '../../../../infra/console/server/console-api';

const INFO = { kind: 'local' as const, title: 'A test', note: '', readEveryMs: 1_000 };

const people = Array.from({ length: 1_500 }, (_, index) => ({
  identifiers: { id: `u-${index}` },
  attributes: {},
}));

const asked: PipelineQuery[] = [];
const sent: unknown[] = [];
const done: Done = { done: 1, left: 0 };
const backend: ConsoleBackend = {
  info: INFO,
  customerIo: {
    workspaces: () => ['site'],
    activities: () => ({ newest: [], total: 0 }),
    people: () => people,
    objects: () => [],
    history: () => [],
  },
  pipeline: {
    ranges: [60, 3_600],
    ways: ['Customer.io'],
    read: async (query) => {
      asked.push(query);
      return { times: [], stepSeconds: 1, measured: {}, sources: [], problems: [] };
    },
  },
  deadLetters: {
    list: async () => ({ letters: [], total: 0, readAt: 0 }),
    write: {
      discardsTo: 'somewhere',
      sendAgain: async (...given) => {
        sent.push(given);
        return done;
      },
      discard: async () => done,
    },
  },
};

const get = (path: string, query = '') =>
  answerApi(backend, 'GET', { path, query: new URLSearchParams(query), body: undefined });
const post = (path: string, body: unknown, to = backend) =>
  answerApi(to, 'POST', { path, query: new URLSearchParams(), body });

it('A backend has the pages of what it can do, and those that need none', () => {
  expect(pageInfo({ info: INFO })).toEqual({
    ...INFO,
    pages: ['try', 'codes'],
    canSend: false,
    workspaces: [],
  });
  expect(pageInfo(backend)).toMatchObject({
    pages: ['pipeline', 'activity', 'people', 'objects', 'dead-letters', 'try', 'codes'],
    discardsTo: 'somewhere',
    workspaces: ['site'],
    pipeline: { ranges: [60, 3_600], ways: ['Customer.io'] },
  });
});

it('Of many people the first are told, those that a search finds, and the one that is open', async () => {
  const read = async (query: string): Promise<readonly string[]> => {
    const { body } = await get('people', query);
    const { people: found, total } = body as { people: typeof people; total: number };
    expect(total).toBe(1_500);
    return found.map(({ identifiers }) => identifiers.id);
  };

  expect(await read('')).toHaveLength(1_000);
  expect(await read('q=U-149')).toEqual(['u-149', ...Array.from({ length: 10 }, (_, end) => `u-149${end}`)]);
  expect((await read('open=u-1400')).at(-1)).toBe('u-1400');
  expect(await read('q=nobody')).toEqual([]);
});

it('A range that there is none of is the shortest', async () => {
  await get('pipeline', 'seconds=3600&source=web&way=Customer.io');
  await get('pipeline', 'seconds=7');

  expect(asked).toEqual([
    { seconds: 3_600, source: 'web', way: 'Customer.io' },
    { seconds: 60, source: '', way: '' },
  ]);
});

it.each([
  [{}],
  [{ ids: [] }],
  [{ ids: [1] }],
  [{ ids: 'a' }],
  [{ ids: ['a', 'b'], body: '{}' }],
  [{ ids: ['a'], body: '{' }],
  ['text'],
  [undefined],
])('What is no order to send again is refused: %j', async (body) => {
  sent.length = 0;
  expect((await post('dead-letters/send', body)).status).toBe(400);
  expect(sent).toEqual([]);
});

it('What may be sent again is, with the body that was written', async () => {
  expect(await post('dead-letters/send', { ids: ['a'], body: '{"a":1}' })).toEqual({
    status: 200,
    body: done,
  });
  expect(sent.at(-1)).toEqual([['a'], '{"a":1}']);
});

it('Where nothing may be written it is refused, and what there is not is not found', async () => {
  const reading = { info: INFO, deadLetters: { list: async () => ({ letters: [], total: 0, readAt: 0 }) } };
  expect((await post('dead-letters/discard', { ids: ['a'] }, reading)).status).toBe(403);
  for (const path of ['events/1', 'events/search', 'sources', 'faults', 'reporting', 'nonsense', '__proto__'])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});
