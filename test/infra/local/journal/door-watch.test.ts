// What the page knows of a request: it is joined to the events that it put on a queue, or to none.

import { gzipSync } from 'node:zlib';
import { type DoorAnswer, DoorWatch } from '../../../../infra/local/journal/door-watch';
import { Journal } from '../../../../infra/local/journal/journal';

let journal: Journal;
let door: DoorWatch;

beforeEach(() => {
  journal = new Journal({ capacity: 100 });
  door = new DoorWatch(journal);
});

afterEach(() => journal.close());

const REFUSAL = JSON.stringify({
  success: false,
  code: 'malformed_json',
  message: 'The body is not valid JSON.',
});

const request = (body: string | Buffer, more: Partial<DoorAnswer> = {}): DoorAnswer => ({
  method: 'POST',
  path: '/v1/batch',
  headers: { authorization: 'Basic abc', 'user-agent': 'sdk' },
  body: Buffer.from(body),
  status: 400,
  answer: REFUSAL,
  ...more,
});

/** As the endpoint dead-letters a body that it cannot read. */
const deadLettered = (text: string): void => {
  const dead = {
    fate: 'dead_lettered' as const,
    reason: 'invalid_json',
    detail: 'body: not all of it is JSON',
  };
  journal.add({ door: 'queue', source: 'local', raw: text, messageId: 'made-up' }, dead, 'Dead-lettered');
};

const shown = () =>
  journal.list().map(({ number }) => {
    const { summary, request: came, raw } = journal.detail(number) ?? {};
    return { fate: summary?.fate, door: summary?.door, status: came?.status, raw };
  });

it.each([
  ['as it is', (text: string) => Buffer.from(text), {}],
  ['compressed', (text: string) => gzipSync(text), { 'content-encoding': 'gzip' }],
  ['compressed, and nothing says so', (text: string) => gzipSync(text), {}],
])('A body that is no JSON, %s, is a dead letter with the request that it came in', (_, encode, headers) => {
  const text = 'user=u1&event=Signed Up';
  const mark = door.begin();
  deadLettered(text);

  door.end(mark, request(encode(text), { headers: { authorization: 'Basic abc', ...headers } }));

  expect(shown()).toEqual([{ fate: 'dead_lettered', door: 'http', status: 400, raw: text }]);
  const { request: came, steps } = journal.detail(1) ?? {};
  expect(came?.headers).toMatchObject({ authorization: expect.stringContaining('not shown') });
  expect(steps?.at(-1)).toMatchObject({ what: 'POST /v1/batch', detail: 'answered 400', answer: REFUSAL });
});

it('Of a body that is cut, what could be read and the rest are told of the same request', () => {
  const text = '{"batch":[{"type":"track","userId":"u1","event":"Whole","messageId":"m-1"},{"type":"tra';
  const mark = door.begin();
  const raw = { type: 'track', userId: 'u1', event: 'Whole', messageId: 'm-1' };
  journal.add({ door: 'queue', source: 'local', raw, messageId: 'm-1' }, { fate: 'queued' }, 'On the queue');
  deadLettered(text);

  door.end(mark, request(text));

  expect(shown()).toEqual([
    { fate: 'queued', door: 'http', status: 400, raw },
    { fate: 'dead_lettered', door: 'http', status: 400, raw: text },
  ]);
});

it('What SQS does not take, or takes only the beginning of, is known all the same', () => {
  const text = `\u0001no JSON ${'x'.repeat(400)}`;
  const mark = door.begin();
  deadLettered(`\uFFFD${text.slice(1, 300)}`);

  door.end(mark, request(text));

  expect(shown()).toEqual([{ fate: 'dead_lettered', door: 'http', status: 400, raw: text }]);
});

it('Bytes that nothing can be read from are shown as they are kept, in base64', () => {
  const damaged = gzipSync('{"type":"track"}');
  damaged.fill(0xff, 10);
  const mark = door.begin();
  deadLettered(damaged.toString('base64'));

  door.end(mark, request(damaged));

  expect(shown()).toEqual([
    { fate: 'dead_lettered', door: 'http', status: 400, raw: damaged.toString('base64') },
  ]);
});

it('A body that is no JSON and was refused for its key is seen as well', () => {
  const answer = JSON.stringify({ code: 'invalid_write_key', message: 'No source has this key.' });

  door.end(door.begin(), request('nonsense', { status: 401, answer }));

  expect(shown()).toEqual([{ fate: 'refused', door: 'http', status: 401, raw: 'nonsense' }]);
});

it('The dead letter of another request is left to that one', () => {
  const mark = door.begin();
  deadLettered('of somebody else');

  door.end(mark, request('mine'));

  expect(shown()).toMatchObject([
    { door: 'queue', raw: 'of somebody else' },
    { fate: 'refused', raw: 'mine' },
  ]);
});

it('An event that nests deeper than the stack is joined to its request', () => {
  const text = `{"type":"track","userId":"u1","event":"Deep","properties":{"a":${'['.repeat(14_000)}${']'.repeat(14_000)}}}`;
  const mark = door.begin();
  const raw = { ...(JSON.parse(text) as object), messageId: 'made-up' };
  journal.add(
    { door: 'queue', source: 'local', raw, messageId: 'made-up' },
    { fate: 'queued' },
    'On the queue',
  );

  door.end(mark, request(text, { status: 200, answer: '{"success":true}' }));

  expect(shown()).toMatchObject([{ fate: 'queued', door: 'http', status: 200 }]);
});
