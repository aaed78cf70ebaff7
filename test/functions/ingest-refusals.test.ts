// What ingest does not take is seen by an operator: counted by code and source, and told in the log.

import { gzipSync } from 'node:zlib';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { logger } from '../../lib/observability';
import { httpRequest } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  ingest,
  queuedMessages,
  refuseMessages,
  resetQueues,
  setIngestSettings,
  sqsMock,
} from '../support/ingest';
import { captureLogs } from '../support/log-output';

const track = (changes: object = {}) => ({ type: 'track', userId: 'planted', event: 'planted', ...changes });

/** Each test has a minute of its own. */
let now = Date.parse('2026-11-24T06:00:00.000Z');

const wait = (seconds: number): void => {
  now += seconds * 1_000;
  jest.setSystemTime(now);
};

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = AUTHORIZED) =>
  ingest(httpRequest({ path, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }));

type Line = Readonly<Record<string, unknown>>;

const linesOf = async (work: () => Promise<void>): Promise<{ metrics: Line[]; logs: Line[] }> => {
  const output = captureLogs();
  await work();
  output.release();
  const lines = output.lines.map((line): Line => JSON.parse(line));
  return {
    metrics: lines.filter((line) => 'RequestsRefused' in line || 'TimestampsReplaced' in line),
    logs: lines.filter(({ message }) => message === 'Requests refused' || message === 'Timestamps replaced'),
  };
};

beforeEach(() => {
  setIngestSettings();
  resetQueues();
  jest.useFakeTimers({ now, doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'] });
  wait(60);
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

it('A key that no source has is seen with the first request, with the library it came from', async () => {
  const stranger = { authorization: `Basic ${btoa('planted:')}`, 'user-agent': 'analytics-python/2.3.4' };

  const { metrics, logs } = await linesOf(async () => {
    await post('/v1/batch', { batch: [track()] }, stranger);
  });

  expect(metrics).toEqual([expect.objectContaining({ code: 'invalid_write_key', RequestsRefused: 1 })]);
  expect(metrics[0]).not.toHaveProperty('source');
  expect(logs).toEqual([
    expect.objectContaining({
      level: 'WARN',
      requests: 1,
      refused: [{ code: 'invalid_write_key', client: 'analytics-python', requests: 1 }],
    }),
  ]);
});

it('Gzip that something took for text is counted for its source, kept by its sender, and no dead letter', async () => {
  const body = gzipSync(JSON.stringify({ batch: [track()] })).toString('utf8');
  const { metrics } = await linesOf(async () => {
    const headers = { ...AUTHORIZED, 'content-encoding': 'gzip' };
    expect(await post('/v1/batch', body, headers)).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': expect.any(String) },
      body: expect.stringContaining('"body_encoding_lost"'),
    });
  });

  expect(metrics).toEqual([
    expect.objectContaining({ code: 'body_encoding_lost', RequestsRefused: 1 }),
    expect.objectContaining({ source: 'shop', code: 'body_encoding_lost', RequestsRefused: 1 }),
  ]);
  expect(queuedMessages()).toEqual([]);
  expect(deadLetters()).toEqual([]);
});

it.each([
  ['/v1/track', track({ event: '' }), 'missing_event_name'],
  ['/v1/track', track({ userId: null }), 'missing_identifier'],
  ['/v1/track', track({ filler: 'x'.repeat(40_000) }), 'payload_too_large'],
])(
  'A single event that is refused at %s is counted for its source, by its reason',
  async (path, body, code) => {
    const { metrics, logs } = await linesOf(async () => {
      await post(path, body);
    });

    expect(metrics).toEqual([
      expect.objectContaining({ code, RequestsRefused: 1 }),
      expect.objectContaining({ source: 'shop', code, RequestsRefused: 1 }),
    ]);
    expect(logs[0]?.['refused']).toEqual([{ code, source: 'shop', client: 'other', requests: 1 }]);
  },
);

it.each([
  ['/v1/batch', '{"batch":7}', 'malformed_json'],
  ['/v2/track', track(), 'not_found'],
])('What %s does not take is counted by its code', async (path, body, code) => {
  const { metrics } = await linesOf(async () => {
    await post(path, body);
  });

  expect(metrics).toEqual([expect.objectContaining({ code, RequestsRefused: 1 })]);
});

it('What could not be stored is counted for its source too', async () => {
  jest.spyOn(logger, 'error').mockImplementation();
  refuseMessages('events');

  const { metrics } = await linesOf(async () => {
    await post('/v1/track', track());
  });

  expect(metrics).toContainEqual(expect.objectContaining({ source: 'shop', code: 'queue_unavailable' }));
});

it('A flood of strangers is a line a minute, with all of them counted', async () => {
  const { metrics, logs } = await linesOf(async () => {
    for (let request = 0; request < 200; request += 1) {
      await post('/v1/batch', { batch: [track()] }, {});
      wait(0.5);
    }
    wait(60);
    await post('/v1/track', track());
  });

  expect(metrics.map(({ code, RequestsRefused }) => [code, RequestsRefused])).toEqual([
    ['invalid_write_key', 1],
    ['invalid_write_key', 120],
    ['invalid_write_key', 79],
  ]);
  expect(logs.map(({ requests }) => requests)).toEqual([1, 120, 79]);
});

it('Times that cannot be read are counted for their source, a line a minute', async () => {
  const unreadable = track({ timestamp: 'yesterday' });

  const { metrics, logs } = await linesOf(async () => {
    await post('/v1/track', unreadable);
    await post('/v1/batch', { batch: [unreadable, track(), unreadable] });
    await post('/v1/track', track());
    wait(60);
    await post('/v1/track', track());
  });

  expect(metrics.map(({ source, TimestampsReplaced }) => [source, TimestampsReplaced])).toEqual([
    ['shop', 1],
    ['shop', 2],
  ]);
  expect(logs.map(({ message, source, events }) => [message, source, events])).toEqual([
    ['Timestamps replaced', 'shop', 1],
    ['Timestamps replaced', 'shop', 2],
  ]);
});

it('Nothing is said of what is taken', async () => {
  const { metrics, logs } = await linesOf(async () => {
    await post('/v1/track', track());
    await ingest(httpRequest({ method: 'OPTIONS' }));
    await ingest(httpRequest({ method: 'GET', path: '/health' }));
  });

  expect([...metrics, ...logs]).toEqual([]);
});

it('A request that SQS leaves waiting is answered before the first SDK hangs up, and its sender keeps it', async () => {
  jest.useFakeTimers({ now });
  sqsMock.on(SendMessageBatchCommand).callsFake(() => new Promise(() => {}));
  let answer: Awaited<ReturnType<typeof post>> | undefined;
  void post('/v1/track', track()).then((result) => {
    answer = result;
  });

  await jest.advanceTimersByTimeAsync(6_999);
  const early = answer;
  await jest.advanceTimersByTimeAsync(1);

  expect(early).toBeUndefined();
  expect(answer).toMatchObject({ statusCode: 503 });
  expect(answer?.headers).toHaveProperty('retry-after');
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'queue_unavailable' });
});
