import { archiveIn } from '../../../lib/archive/firehose';
import { type StandIn, startStandIn, useStandIn } from '../../support/archive-stand-in';
import { startServer } from '../../support/http-server';

const LINES = Array.from(
  { length: 1_200 },
  (_, index) => `{"source":"shop","receivedAt":"2026-03-01T10:00:00.000Z","number":${index}}`,
);
const ALL = [...LINES.keys()];
const WAIT = AbortSignal.timeout(60_000);

let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn();
  useStandIn(standIn);
});

beforeEach(() => {
  standIn.lines.length = 0;
  standIn.faults.length = 0;
  standIn.calls = 0;
});

afterAll(() => standIn.close());

const put = (lines: readonly string[] = LINES, deadline: AbortSignal = WAIT) =>
  archiveIn('cio-relay-test')?.put(lines, deadline);

it('Without a stream there is no archive', () => {
  expect(archiveIn(undefined)).toBeUndefined();
});

it('All lines arrive, once and in order', async () => {
  expect(await put()).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual(LINES);
  expect(standIn.calls).toBe(1);
});

it('Text of any script arrives as it was', async () => {
  const line = '{"source":"shop","receivedAt":"2026-03-01T10:00:00.000Z","name":"Grüße 🎉 مرحبا"}';

  expect(await put([line])).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual([line]);
});

it('What a call did not take of its records is sent again, and only that', async () => {
  standIn.faults.push('some');

  expect(await put()).toEqual({ notTaken: [] });
  expect(standIn.calls).toBe(2);
  expect([...standIn.lines].sort()).toEqual([...LINES].sort());
});

it('What is throttled to the end is told, line by line', async () => {
  standIn.faults.push('some', 'all', 'all');

  // Three records: the second was taken at once.
  const notTaken = ALL.filter((position) => position < 500 || position >= 1_000);
  expect(await put()).toEqual({ notTaken, failure: 'ServiceUnavailableException' });
});

it('A call whose answer is lost is made again: its lines are there twice, and none is missing', async () => {
  standIn.faults.push('lost');

  expect(await put(['{"a":1}'])).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual(['{"a":1}', '{"a":1}']);
});

it('A service that is away is told with its own code', async () => {
  standIn.faults.push(...Array.from({ length: 10 }, () => 'unavailable' as const));

  expect(await put()).toEqual({ notTaken: ALL, failure: 'ServiceUnavailableException' });
});

it('At the deadline it gives up, also on a server that never answers', async () => {
  const deaf = await startServer(() => {});
  const before = process.env['AWS_ENDPOINT_URL_FIREHOSE'];
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = deaf.url;
  let result: unknown;
  await jest.isolateModulesAsync(async () => {
    const archive = await import('../../../lib/archive/firehose');
    result = await archive.archiveIn('s')?.put(LINES, AbortSignal.timeout(200));
  });
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = before;
  await deaf.close();

  expect(result).toMatchObject({ notTaken: ALL });
});
