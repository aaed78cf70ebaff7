// Settings that change, break and are mended while the functions are warm, through the real handlers.

import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler as consume } from '../../functions/consumer';
import { handler as forward } from '../../functions/forwarder';
import { handler as ingest } from '../../functions/ingest';
import { handler as receive } from '../../functions/webhook';
import { READ_AGAIN_AFTER_MS } from '../../lib/config/load-settings';
import type { Answer } from '../../lib/http/answer';
import { logger } from '../../lib/observability';
import { httpRequest } from '../support/http-request';
import { startServer, type TestServer } from '../support/http-server';
import { captureLogs } from '../support/log-output';
import { recordOf } from '../support/sqs-record';
import { QUEUE_URLS, takeAll } from '../support/stored-webhooks';
import { lambdaContext, SIGNING_KEY, webhookOf, webhookRequest } from '../support/webhook-request';

const sqs = mockClient(SQSClient);
const ssm = mockClient(SSMClient);
const SAVED_ENV = { ...process.env };
const MINUTE_MS = 60_000;
let server: TestServer;
let delivered: string[];
let count = 0;

const sourceOf = (name: string, over: object = {}) => ({
  name,
  writeKey: `key-${name}`,
  siteId: `site-${name}`,
  apiKey: 'hush',
  trackUrl: server.url,
  segmentUrl: server.url,
  segmentWriteKey: `segment-${name}`,
  webhookSigningKeys: [SIGNING_KEY],
  ...over,
});
const WRONG = { region: 'hush' };

const store = (...sources: unknown[]): void => {
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(sources) } });
};
const fail = (name: string): void => {
  ssm.on(GetParameterCommand).rejects(Object.assign(new Error('hush'), { name }));
};
const reads = (): number => ssm.commandCalls(GetParameterCommand).length;
const passMs = (ms: number): void => {
  jest.setSystemTime(Date.now() + ms);
};

const context = { awsRequestId: 'r1', getRemainingTimeInMillis: () => 60_000 } as Context;
const event = { type: 'track', userId: 'u1', event: 'Ordered', messageId: 'm1' };

const send = async (key: string): Promise<Answer> =>
  (await ingest(
    httpRequest({
      headers: { authorization: `Basic ${btoa(`${key}:`)}` },
      body: JSON.stringify({ batch: [event] }),
    }),
  )) as Answer;
const fetchFrom = async (path: string): Promise<number> =>
  ((await ingest(httpRequest({ method: 'GET', path }))) as Answer).statusCode;
const documentStatus = (key: string) => fetchFrom(`/v1/projects/${key}/settings`);
const scriptStatus = (key: string) => fetchFrom(`/analytics.js/v1/${key}/analytics.min.js`);
const webhookStatus = async (source: string): Promise<number> =>
  ((await receive(webhookRequest({ body: webhookOf(), source }), lambdaContext)) as Answer).statusCode;

/** A message of that source, sent now; none names no source. */
const recordFor = (source?: string, messageId = `m-${source}`): SQSRecord =>
  recordOf({
    messageId,
    body: event,
    sentAt: new Date(),
    ...(source === undefined ? {} : { attributes: { source } }),
  });
const consumed = async (handler: typeof consume, ...records: SQSRecord[]): Promise<string[]> =>
  (await handler({ Records: records }, context)).batchItemFailures.map(
    ({ itemIdentifier }) => itemIdentifier,
  );
const delays = (): number[] =>
  sqs
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ VisibilityTimeout }) => VisibilityTimeout ?? -1);
const deadLetterReasons = (): (string | undefined)[] =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ MessageAttributes }) => MessageAttributes?.['reason']?.StringValue);

beforeAll(async () => {
  server = await startServer((request, response) => {
    request.resume();
    request.on('end', () => {
      delivered.push(String(request.headers.authorization));
      response.end('{}');
    });
  });
});
afterAll(async () => {
  process.env = { ...SAVED_ENV };
  await server.close();
});

beforeEach(() => {
  count += 1;
  delivered = [];
  delete process.env['SOURCES'];
  Object.assign(process.env, QUEUE_URLS, {
    QUEUE_URL: 'http://127.0.0.1:9/0/events',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/0/dead',
    SOURCES_PARAMETER: `/cio-relay/warm-${count}/sources`,
  });
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  ssm.reset();
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'performance'],
  });
});
afterEach(() => {
  jest.useRealTimers();
});

const authorizationOf = (name: string): string => `Basic ${btoa(`site-${name}:hush`)}`;

describe('a source that is added while warm', () => {
  beforeEach(async () => {
    store(sourceOf('old'));
    expect((await send('key-old')).statusCode).toBe(200);
    passMs(READ_AGAIN_AFTER_MS);
    store(sourceOf('old'), sourceOf('new'));
    sqs.resetHistory();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['sends events', async () => (await send('key-new')).statusCode],
    ['has a settings document', () => documentStatus('key-new')],
    ['has analytics.js', () => scriptStatus('key-new')],
    ['receives webhooks', () => webhookStatus('new')],
  ])('%s at once', async (_, call) => {
    expect(await call()).toBe(200);
    expect(reads()).toBe(2);
  });

  it('has its messages delivered', async () => {
    expect(await consumed(consume, recordFor('new'))).toEqual([]);
    expect(delivered).toEqual([authorizationOf('new')]);
  });

  it('has its activity forwarded', async () => {
    expect(await consumed(forward, recordFor('new'))).toEqual([]);
    expect(delivered).toEqual([`Basic ${btoa('segment-new:')}`]);
  });
});

describe('a signing key that is added while warm', () => {
  const signedBy = async (key: string, over: Partial<APIGatewayProxyEventV2> = {}): Promise<number> => {
    const request = { ...webhookRequest({ body: webhookOf(), source: 'old', key }), ...over };
    return ((await receive(request, lambdaContext)) as Answer).statusCode;
  };

  it.each<[string, readonly string[]]>([
    ['beside another', ['another']],
    ['as the first', []],
  ])('%s is known at once, because a refusal costs an hour', async (_, before) => {
    store(sourceOf('old', { webhookSigningKeys: before }));
    expect(await signedBy('new-key')).toBe(401);
    passMs(READ_AGAIN_AFTER_MS);
    store(sourceOf('old', { webhookSigningKeys: [...before, 'new-key'] }));

    expect(await signedBy('new-key')).toBe(200);
    expect(reads()).toBe(2);
  });

  it('and a replay window that is widened is known at once too', async () => {
    store(sourceOf('old', { webhookReplayWindowSeconds: 60 }));
    expect(await signedBy(SIGNING_KEY)).toBe(401);
    passMs(READ_AGAIN_AFTER_MS);
    store(sourceOf('old'));

    expect(await signedBy(SIGNING_KEY)).toBe(200);
  });

  it('may stand in settings that cannot be read: then the webhook is asked for again, and nobody is woken', async () => {
    store(sourceOf('outdated'));
    const statusOf = async (key: string): Promise<number> => {
      const request = webhookRequest({ body: webhookOf(), source: 'outdated', key });
      return ((await receive(request, lambdaContext)) as Answer).statusCode;
    };
    expect(await statusOf(SIGNING_KEY)).toBe(200);
    fail('ThrottlingException');
    passMs(60 * MINUTE_MS);
    const output = captureLogs();

    expect([await statusOf('new-key'), await statusOf(SIGNING_KEY)]).toEqual([503, 200]);

    output.release();
    const counted = output.lines.filter((line) => line.includes('"WebhooksRefused":'));
    expect(counted.filter((line) => line.includes('outdated'))).toEqual([]);
  });

  it('costs strangers no read without a signature, and a read in a few seconds with junk', async () => {
    store(sourceOf('old'));
    await signedBy(SIGNING_KEY);
    passMs(MINUTE_MS);
    expect(await signedBy('junk', { headers: {} })).toBe(401);
    expect(reads()).toBe(1);

    for (let request = 0; request < 20; request += 1) expect(await signedBy(`junk-${request}`)).toBe(401);

    expect(reads()).toBe(2);
  });
});

describe('a message of an unknown source', () => {
  beforeEach(() => store(sourceOf('old')));

  it.each([
    ['consumer', consume],
    ['forwarder', forward],
  ])(
    'comes back to the %s soon, until the settings are newer than it; its neighbours do not wait',
    async (_, handler) => {
      const record = recordFor('new');

      expect(await consumed(handler, recordFor('old'), record)).toEqual(['m-new']);
      expect(delivered).toHaveLength(1);
      expect(delays()).toEqual([expect.any(Number)]);
      expect(delays()[0]).toBeLessThanOrEqual(15);

      passMs(15_000);
      expect(await consumed(handler, record)).toEqual([]);
      expect(deadLetterReasons()).toEqual(['unknown_source']);
      expect(reads()).toBe(2);
    },
  );

  it('is delivered when its source arrives in time', async () => {
    const record = recordFor('new');
    await consumed(consume, record);
    store(sourceOf('old'), sourceOf('new'));
    passMs(READ_AGAIN_AFTER_MS);

    expect(await consumed(consume, record)).toEqual([]);
    expect(delivered).toEqual([authorizationOf('new')]);
    expect(deadLetterReasons()).toEqual([]);
  });

  it('costs no read when the settings are newer than it, and twelve a minute when a flood of them is new', async () => {
    const old = recordFor('stranger');
    passMs(MINUTE_MS);
    await consumed(consume, old);
    expect(reads()).toBe(1);
    for (let second = 0; second < 60; second += 1) {
      passMs(1_000);
      await consumed(consume, recordFor(`stranger-${second}`));
    }

    expect(reads()).toBe(13);
  });

  it('waits for as long as the settings cannot be read again', async () => {
    await consumed(consume, recordFor('old'));
    fail('ThrottlingException');
    for (let hour = 0; hour < 24; hour += 1) {
      passMs(60 * MINUTE_MS);
      expect(await consumed(consume, recordFor('new'))).toEqual(['m-new']);
    }

    expect(deadLetterReasons()).toEqual([]);
  });

  it('is dead-lettered at once where settings cannot be read again', async () => {
    process.env['SOURCES'] = JSON.stringify([sourceOf('old')]);

    expect(await consumed(consume, recordFor('new'))).toEqual([]);
    expect(deadLetterReasons()).toEqual(['unknown_source']);
    expect(reads()).toBe(0);
  });
});

describe('a source with a mistake', () => {
  beforeEach(() => store(sourceOf('wrong', WRONG), sourceOf('right')));

  it('is answered 503, and its neighbours 200', async () => {
    expect((await send('key-right')).statusCode).toBe(200);
    const answer = await send('key-wrong');

    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': expect.any(String) } });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'settings_unusable' });
    expect((await send('stranger')).statusCode).toBe(401);
  });

  it('has its documents, so that its SDKs keep their events', async () => {
    expect([await documentStatus('key-wrong'), await scriptStatus('key-wrong')]).toEqual([200, 200]);
    expect([await documentStatus('stranger'), await scriptStatus('stranger')]).toEqual([404, 404]);
  });

  it('cannot check a webhook, and asks for it again', async () => {
    expect(await webhookStatus('wrong')).toBe(503);
    expect(await webhookStatus('right')).toBe(200);
    expect(await webhookStatus('stranger')).toBe(401);
  });

  it.each([
    ['by name', 'wrong'],
    ['as the first one, for they name none', undefined],
  ])(
    'has its messages, %s, wait for an operator, and those of its neighbours delivered',
    async (_, source) => {
      const log = jest.spyOn(logger, 'error');
      const output = captureLogs();
      const kept = await consumed(consume, recordFor(source, 'm1'), recordFor('right'));
      output.release();

      expect(kept).toEqual(['m1']);
      expect(delivered).toEqual([authorizationOf('right')]);
      expect(delays()).toHaveLength(1);
      expect(delays()[0]).toBeGreaterThanOrEqual(450);
      expect(deadLetterReasons()).toEqual([]);
      expect(log).toHaveBeenCalledWith('An operator must act', {
        source: 'wrong',
        messages: 1,
        sqsMessageIds: ['m1'],
        advice: expect.stringContaining('The settings of this source have a mistake'),
      });
      const metrics = output.lines.filter(
        (line) => line.includes('"source":"wrong"') && line.includes('_aws'),
      );
      expect(metrics.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ EventsReceived: 1, EventsRetried: 1, RetriedEventAgeSeconds: 0 }),
      ]);
    },
  );

  it('goes on as soon as it is mended', async () => {
    const record = recordFor('wrong');
    await consumed(consume, record);
    store(sourceOf('wrong'), sourceOf('right'));
    passMs(READ_AGAIN_AFTER_MS);

    expect((await send('key-wrong')).statusCode).toBe(200);
    expect(await consumed(consume, record)).toEqual([]);
    expect(delivered).toEqual([authorizationOf('wrong')]);
  });

  it('whose key or name cannot be read may be any unknown one', async () => {
    store({ ...sourceOf('wrong'), name: 'not a name', writeKey: 7 }, sourceOf('right'));

    expect((await send('stranger')).statusCode).toBe(503);
    expect(await webhookStatus('stranger')).toBe(503);
    expect(await consumed(consume, recordFor('stranger'), recordFor('right'))).toEqual(['m-stranger']);
    passMs(MINUTE_MS);
    expect(await consumed(consume, recordFor('stranger'))).toEqual(['m-stranger']);
    expect(deadLetterReasons()).toEqual([]);
  });

  it('is not acknowledged by a dry run', async () => {
    process.env['DRY_RUN'] = '1';
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const kept = await consumed(consume, recordFor('wrong'), recordFor('right'));
    delete process.env['DRY_RUN'];

    expect(kept.sort()).toEqual(['m-right', 'm-wrong']);
    expect(delays()).toEqual([]);
  });
});

describe('a parameter that cannot be read', () => {
  it.each([
    ['ParameterNotFound', 1, 'for an operator', 450],
    ['AccessDeniedException', 1, 'for an operator', 450],
    // It passes by itself: as after an outage, seconds first and longer each time.
    ['ThrottlingException', 12, 'as long as for an outage', 1],
  ])(
    'for %s is a settings mistake: 503 after %i attempts, and messages wait %s',
    async (name, attempts, _, seconds) => {
      const log = jest.spyOn(logger, 'error');
      jest.spyOn(Math, 'random').mockReturnValue(0);
      fail(name);

      expect((await send('key-old')).statusCode).toBe(503);
      expect(await webhookStatus('old')).toBe(503);
      expect(await consumed(consume, recordFor('old'))).toEqual(['m-old']);
      expect(delays()).toEqual([seconds]);
      for (const [, line] of log.mock.calls) {
        expect(line).toMatchObject({
          mistake: expect.stringContaining(
            `"${process.env['SOURCES_PARAMETER']}" in us-east-1 could not be read: ${name}.`,
          ),
        });
      }
      expect(log).toHaveBeenCalledTimes(3);
      expect(reads()).toBe(attempts);
    },
  );

  it('for a store that stays busy has messages wait longer each time, up to a quarter of an hour', async () => {
    jest.spyOn(logger, 'error').mockReturnValue();
    const random = jest.spyOn(Math, 'random').mockReturnValue(0);
    fail('ThrottlingException');
    expect((await send('key-old')).statusCode).toBe(503);
    random.mockReturnValue(0.999);
    for (const receiveCount of [1, 2, 3, 10]) {
      await consumed(consume, recordOf({ body: event, attributes: { source: 'old' }, receiveCount }));
    }

    expect(delays()).toEqual([15, 30, 60, 899]);
  });

  it('any more leaves everything working, and an unknown key is asked to come again', async () => {
    store(sourceOf('old'));
    await send('key-old');
    fail('AccessDeniedException');
    passMs(60 * MINUTE_MS);

    expect((await send('key-old')).statusCode).toBe(200);
    expect(await consumed(consume, recordFor('old'))).toEqual([]);
    expect((await send('new')).statusCode).toBe(503);
    expect(reads()).toBe(2);
  });
});
