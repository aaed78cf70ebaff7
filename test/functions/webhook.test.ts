import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { Answer } from '../../lib/http/answer';
import { QUEUE_URLS, storedBy, takeAll } from '../support/stored-webhooks';
import {
  lambdaContext,
  sourceOf as source,
  webhookOf as webhook,
  webhookRequest,
} from '../support/webhook-request';

const sqs = mockClient(SQSClient);
const ssm = mockClient(SSMClient);
let handler: typeof import('../../functions/webhook').handler;
let output: string[] = [];
/** Each test has a minute of its own: what is refused in one is told once. */
let now = Date.now();

const wait = (seconds: number): void => {
  now += seconds * 1_000;
  jest.useFakeTimers({
    now,
    doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
  });
};

const useSources = (...sources: object[]): void => {
  process.env['SOURCES'] = JSON.stringify(sources);
};

const call = async (event: APIGatewayProxyEventV2): Promise<Answer> =>
  (await handler(event, lambdaContext)) as Answer;

const answerOf = (result: Answer) => ({
  status: result.statusCode,
  body: JSON.parse(result.body) as Record<string, unknown>,
});

beforeAll(async () => {
  // Only now: what logs and counts reads its settings when it is loaded.
  Object.assign(process.env, QUEUE_URLS, {
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_METRICS_NAMESPACE: 'CioRelay',
  });
  ({ handler } = await import('../../functions/webhook'));
});

beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  output = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  useSources(source());
  Object.assign(process.env, QUEUE_URLS);
  wait(60);
});

afterEach(() => jest.useRealTimers());

describe('a webhook whose signature holds', () => {
  it('is translated, put on the activity queue with its source, and answered 200', async () => {
    const result = await call(webhookRequest({ body: webhook() }));

    expect(answerOf(result)).toEqual({ status: 200, body: { success: true } });
    const { activity, deadLetters } = storedBy(sqs);
    expect(deadLetters).toEqual([]);
    expect(activity).toHaveLength(1);
    expect(activity[0]?.MessageAttributes).toEqual({ source: { DataType: 'String', StringValue: 'shop' } });
    expect(JSON.parse(activity[0]?.MessageBody ?? '').batch[0]).toMatchObject({
      type: 'track',
      event: 'Email Delivered',
      userId: '42',
      messageId: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
      integrations: { 'Customer.io': false },
    });
  });

  it('may come as base64, and is verified over its bytes', async () => {
    const result = await call(webhookRequest({ body: Buffer.from(webhook({ workspace: 'Grüße 👋' })) }));

    expect(result.statusCode).toBe(200);
    expect(storedBy(sqs).activity[0]?.MessageBody).toContain('Grüße 👋');
  });

  it('may come without any body, and is dead-lettered', async () => {
    const { body: _, ...withoutBody } = webhookRequest({ body: '' });

    expect((await call(withoutBody)).statusCode).toBe(200);
    expect(storedBy(sqs).deadLetters).toHaveLength(1);
  });

  it('follows the source’s property case', async () => {
    useSources(source({ activityPropertyCase: 'camel' }));

    await call(webhookRequest({ body: webhook() }));

    expect(storedBy(sqs).activity[0]?.MessageBody).toContain('"emailSubject":"planted-subject"');
  });

  it.each([
    ['no JSON', '{"event_id":', 'invalid_json', '{"event_id":'],
    ['an empty body', '', 'invalid_json', '""'],
    ['characters SQS refuses', 'no json \u0000\uFFFF', 'invalid_json', 'no json \uFFFD\uFFFD'],
    ['JSON that is no object', '[1]', 'invalid_event', '[1]'],
    ['a metric missing', webhook({ metric: null }), 'invalid_event', webhook({ metric: null })],
    ['nobody it is about', webhook({ data: {} }), 'missing_identifier', webhook({ data: {} })],
  ])(
    'but whose body is %s is dead-lettered as it came, and answered 200',
    async (_, body, reason, expected) => {
      const result = await call(webhookRequest({ body }));

      expect(answerOf(result)).toEqual({ status: 200, body: { success: true } });
      const { activity, deadLetters } = storedBy(sqs);
      expect(activity).toEqual([]);
      expect(deadLetters).toHaveLength(1);
      expect(deadLetters[0]?.MessageBody).toBe(expected);
      expect(deadLetters[0]?.MessageAttributes).toMatchObject({
        reason: { StringValue: reason },
        source: { StringValue: 'shop' },
      });
    },
  );

  it('a dead letter is found by its event_id, or by the request where it has none', async () => {
    await call(webhookRequest({ body: webhook({ metric: '' }) }));
    await call(webhookRequest({ body: '{}' }));

    const ids = storedBy(sqs).deadLetters.map(
      ({ MessageAttributes }) => MessageAttributes?.['messageId']?.StringValue,
    );
    expect(ids).toEqual(['01E4C4CT6YDC7Y5M7FE1GWWPQJ', 'request-1']);
  });

  it('and that nests too deeply to be written again is dead-lettered', async () => {
    const deep = `{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;

    const result = await call(webhookRequest({ body: deep }));

    expect(result.statusCode).toBe(200);
    expect(storedBy(sqs).deadLetters[0]?.MessageBody).toBe(deep);
  });

  it('and that is larger than an SQS message is cut, because refusing it would block all others', async () => {
    const large = webhook({ data: { note: '€'.repeat(1_000_000) } });

    const result = await call(webhookRequest({ body: large }));

    expect(result.statusCode).toBe(200);
    const [deadLetter] = storedBy(sqs).deadLetters;
    const attributes = Object.entries(deadLetter?.MessageAttributes ?? {});
    const attributeBytes = attributes.reduce(
      (sum, [name, { StringValue }]) => sum + Buffer.byteLength(`${name}String${StringValue}`),
      0,
    );
    const bytes = Buffer.byteLength(deadLetter?.MessageBody ?? '') + attributeBytes;
    expect(bytes).toBeLessThanOrEqual(1_048_576);
    expect(bytes).toBeGreaterThan(1_048_500);
    expect(deadLetter?.MessageAttributes?.['detail']?.StringValue).toMatch(/; cut from \d+ bytes$/);
  });
});

describe('a webhook that is refused', () => {
  const unsigned = (changes: Partial<APIGatewayProxyEventV2>) => ({
    ...webhookRequest({ body: webhook() }),
    ...changes,
  });

  it.each<[string, APIGatewayProxyEventV2, string]>([
    ['a wrong signature', webhookRequest({ body: webhook(), key: 'stranger' }), 'wrong_signature'],
    ['a changed body', unsigned({ body: `${webhook()} ` }), 'wrong_signature'],
    ['no signature', unsigned({ headers: {} }), 'no_signature'],
    ['a source that is not known', webhookRequest({ body: webhook(), source: 'nobody' }), 'unknown_source'],
    ['no source', unsigned({ pathParameters: {} }), 'unknown_source'],
  ])('for %s is answered 401 and stored nowhere', async (_, event, check) => {
    const result = await call(event);

    expect(answerOf(result)).toEqual({
      status: 401,
      body: {
        success: false,
        code: 'invalid_signature',
        message: expect.stringContaining('signing key'),
        error: expect.stringContaining('signing key'),
      },
    });
    expect(sqs.calls()).toHaveLength(0);
    expect(output.join('')).toContain(`"check":"${check}"`);
  });

  const metricsOf = (name: string) =>
    output.filter((line) => line.includes(`"${name}":`)).map((line) => JSON.parse(line) as object);

  it('An operator is woken by one that is signed, for a source that is known', async () => {
    await call(webhookRequest({ body: webhook(), key: 'stranger' }));

    expect(metricsOf('WebhooksRefused')).toEqual([
      expect.objectContaining({ source: 'shop', WebhooksRefused: 1 }),
    ]);
  });

  it.each<[string, APIGatewayProxyEventV2]>([
    [
      'signed with junk for a source that is not known',
      webhookRequest({ body: webhook(), source: 'nobody' }),
    ],
    ['without a signature, as Customer.io never sends it', unsigned({ headers: {} })],
    ['without a signature and a source', unsigned({ headers: {}, pathParameters: {} })],
  ])('An operator is not woken by one %s; it is counted', async (_, event) => {
    await call(event);

    expect(metricsOf('WebhooksRefused')).toEqual([]);
    expect(metricsOf('RequestsRefused')).toContainEqual(
      expect.objectContaining({ code: 'invalid_signature', RequestsRefused: 1 }),
    );
  });

  it('However many are signed with junk, they are a few lines a minute', async () => {
    for (let request = 0; request < 100; request += 1) {
      await call(webhookRequest({ body: webhook(), key: `stranger-${request}` }));
    }
    const inTheMinute = output.length;
    wait(60);
    await call(webhookRequest({ body: webhook() }));

    expect(inTheMinute).toBe(4);
    expect(output).toHaveLength(8);
    expect(metricsOf('WebhooksRefused')).toEqual([
      expect.objectContaining({ WebhooksRefused: 1 }),
      expect.objectContaining({ WebhooksRefused: 99 }),
    ]);
  });

  it('a source without signing keys takes none', async () => {
    useSources(source({ webhookSigningKeys: undefined }));

    expect((await call(webhookRequest({ body: webhook() }))).statusCode).toBe(401);
    expect(output.join('')).toContain('no_signing_key');
  });

  it('another source’s key does not sign for this one', async () => {
    useSources(source(), source({ name: 'other', writeKey: 'w2', webhookSigningKeys: ['other-key'] }));

    const result = await call(webhookRequest({ body: webhook(), source: 'shop', key: 'other-key' }));

    expect(result.statusCode).toBe(401);
  });

  it('an old one is refused only where a replay window is set', async () => {
    const event = webhookRequest({ body: webhook(), timestamp: Math.floor(Date.now() / 1000) - 3_600 });

    const withoutWindow = await call(event);
    useSources(source({ webhookReplayWindowSeconds: 300 }));
    const withWindow = await call(event);

    expect([withoutWindow.statusCode, withWindow.statusCode]).toEqual([200, 401]);
  });
});

describe('when a webhook cannot be stored', () => {
  const expectUnavailable = (result: Answer, code: string): void => {
    expect(answerOf(result)).toMatchObject({ status: 503, body: { success: false, code } });
    expect(result.headers).toMatchObject({ 'retry-after': '10' });
  };

  it('because SQS is not reachable, the answer is 503', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('connect ECONNREFUSED'));

    expectUnavailable(await call(webhookRequest({ body: webhook() })), 'queue_unavailable');
    expectUnavailable(await call(webhookRequest({ body: 'no json' })), 'queue_unavailable');
  });

  it('because SQS takes the call but not the message, the answer is 503', async () => {
    sqs.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [{ Id: '0', SenderFault: true, Code: 'InvalidMessageContents' }],
    });

    expectUnavailable(await call(webhookRequest({ body: webhook() })), 'queue_unavailable');
  });

  it('because the settings are wrong, the answer is 503 and the log says what is wrong', async () => {
    useSources(source({ region: 'mars' }));

    expectUnavailable(await call(webhookRequest({ body: webhook() })), 'settings_unusable');
    expect(output.join('')).toContain('region must be `us` or `eu`');
  });

  it.each(['ACTIVITY_QUEUE_URL', 'ACTIVITY_DEAD_LETTER_QUEUE_URL'])(
    'because %s is not set, the answer is 503 before anything is lost',
    async (name) => {
      delete process.env[name];

      expectUnavailable(await call(webhookRequest({ body: webhook() })), 'settings_unusable');
      expect(output.join('')).toContain(`${name} must be the URL of an SQS queue.`);
    },
  );

  it.each([
    ['SQS', () => sqs.on(SendMessageBatchCommand).callsFake(() => new Promise(() => {}))],
    [
      'the parameter store',
      () => {
        Object.assign(process.env, { SOURCES: '', SOURCES_PARAMETER: '/settings' });
        ssm.on(GetParameterCommand).callsFake(() => new Promise(() => {}));
      },
    ],
  ])('because %s does not answer, the answer is 503 before Customer.io hangs up', async (_, hang) => {
    jest.useFakeTimers();
    hang();
    let answer: Answer | undefined;
    void call(webhookRequest({ body: webhook() })).then((result) => {
      answer = result;
    });

    await jest.advanceTimersByTimeAsync(2_499);
    const early = answer;
    await jest.advanceTimersByTimeAsync(1);
    jest.useRealTimers();

    expect(early).toBeUndefined();
    expectUnavailable(answer as unknown as Answer, 'queue_unavailable');
    expect(output.join('')).toContain('could not be stored in time');
  });

  it('leaves no timer behind when it is answered in time', async () => {
    jest.useFakeTimers();
    await call(webhookRequest({ body: webhook() }));
    await call(webhookRequest({ body: webhook(), key: 'stranger' }));
    const timers = jest.getTimerCount();
    jest.useRealTimers();

    expect(timers).toBe(0);
  });

  it('because of something unexpected, the answer is 503 and never an error of the function', async () => {
    const event = { ...webhookRequest({ body: webhook() }), requestContext: undefined };

    const result = await call(event as unknown as APIGatewayProxyEventV2);

    expectUnavailable(result, 'internal_error');
  });
});

describe('what is logged', () => {
  it('names source, reason and check, and nothing from a body or a secret', async () => {
    await call(webhookRequest({ body: webhook() }));
    await call(webhookRequest({ body: webhook({ metric: '' }) }));
    await call(webhookRequest({ body: 'planted@example.com is no JSON' }));
    await call(webhookRequest({ body: webhook(), key: 'planted-key' }));

    const text = output.join('');
    expect(text).toContain('"source":"shop"');
    expect(text).toContain('"reason":"invalid_event"');
    expect(text).not.toMatch(/planted|older-key|signing-key|api-key|write-key|site-id/);
  });

  it('the metrics count what was dead-lettered, by reason, and what was refused; the forwarder counts the rest', async () => {
    await call(webhookRequest({ body: webhook() }));
    await call(webhookRequest({ body: '{}' }));
    await call(webhookRequest({ body: webhook(), key: 'stranger' }));
    await call(webhookRequest({ body: webhook(), source: 'planted-name' }));

    const metrics = output
      .filter((line) => line.includes('"_aws"'))
      .map((line) => JSON.parse(line) as object);
    expect(metrics).toEqual([
      expect.objectContaining({ source: 'shop', EventsReceived: 1 }),
      expect.objectContaining({ source: 'shop', EventsDeadLettered: 1 }),
      expect.objectContaining({ source: 'shop', reason: 'invalid_event', EventsDeadLettered: 1 }),
      expect.objectContaining({ source: 'shop', WebhooksRefused: 1 }),
      expect.objectContaining({ code: 'invalid_signature', RequestsRefused: 1 }),
      expect.objectContaining({ source: 'shop', code: 'invalid_signature', RequestsRefused: 1 }),
    ]);
    expect(output.join('')).not.toContain('planted');
  });
});
