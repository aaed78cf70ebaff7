import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Sandbox } from '../../../../infra/local/sandbox/server';
import { METRIC_WORDS, OBJECT_TYPE_WORDS } from '../../../../lib/mapping/to-segment/event-name';
import { translateActivity } from '../../../../lib/mapping/to-segment/translate-activity';
import { startServer, type TestServer } from '../../../support/http-server';
import { until } from '../../../support/until';
import { get, identify, post, sendBatch, start } from './client';

const SIGNING_KEY = 'signing-key';
const NOW_MS = Date.parse('2026-03-01T10:00:00.500Z');
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let endpoint: TestServer;
let sandbox: Sandbox;
let received: Received[];
/** What the endpoint answers next; 200 when there is none. 0 cuts the connection. */
let statuses: number[];

beforeEach(async () => {
  received = [];
  statuses = [];
  endpoint = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = statuses.shift() ?? 200;
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  sandbox = await start({
    clock: () => NOW_MS,
    reportingWebhook: { endpoint: `${endpoint.url}/hook`, signingKey: SIGNING_KEY, retryAfterMs: 5 },
  });
});
afterEach(() => endpoint.close());

const emit = async (request: unknown, on = sandbox) => {
  const text = typeof request === 'string' ? request : JSON.stringify(request);
  const { status, body } = await post(on, '/sandbox/emit', text);
  return { status, body };
};

const listed = async (): Promise<Record<string, unknown>[]> => {
  const { webhooks: list } = await get(sandbox, '/sandbox/webhooks');
  return list as Record<string, unknown>[];
};

const webhooks = () => received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
const metrics = () => webhooks().map(({ metric }) => metric);
const about = (id: string, metric: string) => ({ metric, identifiers: { id } });

describe('activity that is emitted', () => {
  it('is told to the endpoint, signed over the very bytes that are sent', async () => {
    const answer = await emit(about('u1', 'opened'));
    await until(() => received.length === 1);

    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const timestamp = headers['x-cio-timestamp'];
    const signature = createHmac('sha256', SIGNING_KEY).update(`v0:${timestamp}:${body}`).digest('hex');
    expect(headers).toMatchObject({ 'x-cio-signature': signature, 'content-type': 'application/json' });
    expect(timestamp).toBe(String(Math.floor(NOW_MS / 1_000)));
    expect(JSON.parse(body)).toMatchObject({
      event_id: expect.stringMatching(ULID),
      object_type: 'email',
      metric: 'opened',
      timestamp: Math.floor(NOW_MS / 1_000),
      data: { customer_id: 'u1', identifiers: { id: 'u1' }, subject: expect.any(String) },
    });
    expect(answer).toEqual({ status: 200, body: { event_ids: [webhooks()[0]?.['event_id']] } });
  });

  it('is about the person created last when it does not say, with all that identifies them', async () => {
    await sendBatch(
      sandbox,
      identify({ id: 'u1' }, { email: 'ada@example.com' }),
      identify({ id: 'u2' }, { email: 'jane@example.com' }),
    );

    await emit('');
    await until(() => received.length === 1);

    expect(webhooks()).toEqual([
      expect.objectContaining({
        metric: 'delivered',
        data: expect.objectContaining({
          recipient: 'jane@example.com',
          identifiers: { id: 'u2', email: 'jane@example.com', cio_id: expect.any(String) },
        }),
      }),
    ]);
  });

  it('may be anything Customer.io could say', async () => {
    const emission = {
      object_type: 'carrier_pigeon',
      metric: 'released',
      identifiers: { email: 'jane@example.com' },
      data: { loft: 7, campaign_id: 9 },
      event_id: 'mine',
      timestamp: 1_613_063_089,
    };

    await emit(emission);
    await until(() => received.length === 1);

    expect(webhooks()[0]).toMatchObject({
      event_id: 'mine',
      object_type: 'carrier_pigeon',
      metric: 'released',
      timestamp: 1_613_063_089,
      data: {
        loft: 7,
        campaign_id: 9,
        customer_id: '',
        identifiers: { id: null, email: 'jane@example.com' },
      },
    });
  });

  it('can be translated, whatever the channel and the metric', async () => {
    const emissions = Object.keys(OBJECT_TYPE_WORDS).flatMap((object_type) =>
      Object.keys(METRIC_WORDS).map((metric) => ({ object_type, metric, identifiers: { id: 'u1' } })),
    );

    await emit(emissions);
    await until(() => received.length === emissions.length);

    const outcomes = webhooks().map(
      (one) => translateActivity(one, { activityPropertyCase: 'snake' }).outcome,
    );
    expect(new Set(outcomes)).toEqual(new Set(['event']));
    expect(new Set(webhooks().map(({ event_id }) => event_id)).size).toBe(emissions.length);
  });
});

describe('an endpoint that fails', () => {
  it('gets the same webhook again, and none of the later ones before it is taken', async () => {
    statuses = [503, 401, 0];

    await emit([about('u1', 'sent'), about('u1', 'opened')]);
    await until(() => received.length === 5);
    await until(async () => (await listed()).every(({ delivered }) => delivered === true));

    expect(metrics()).toEqual(['sent', 'sent', 'sent', 'sent', 'opened']);
    expect(new Set(received.slice(0, 4).map(({ body }) => body)).size).toBe(1);
    expect(await listed()).toEqual([
      expect.objectContaining({ metric: 'opened', attempts: 1, status: 200, delivered: true }),
      expect.objectContaining({ metric: 'sent', attempts: 4, status: 200, delivered: true }),
    ]);
  });

  it('is not followed to another place', async () => {
    statuses = [302];

    await emit(about('u1', 'sent'));
    await until(() => received.length === 2);

    expect(metrics()).toEqual(['sent', 'sent']);
  });

  it('is told nothing more after a reset', async () => {
    statuses = Array.from({ length: 1_000 }, () => 503);
    await emit([about('u1', 'sent'), about('u1', 'opened')]);
    await until(() => received.length > 0);

    await post(sandbox, '/sandbox/reset', '');
    statuses = [];
    await emit(about('u1', 'clicked'));
    await until(() => metrics().includes('clicked'));

    expect(await listed()).toEqual([expect.objectContaining({ metric: 'clicked' })]);
    expect(metrics()).not.toContain('opened');
  });
});

describe('a request to emit', () => {
  it.each([
    ['that is no JSON', '{', 'the body is not valid JSON'],
    ['that is no object', 7, 'must be an object with any of object_type, metric'],
    ['with an unknown field', { kind: 'email', identifiers: {} }, 'kind: unknown; there are object_type'],
    ['with an empty metric', { metric: '', identifiers: {} }, 'metric must be a string that is not empty'],
    ['with data that is no object', { data: 7, identifiers: {} }, 'data must be an object'],
    ['with a time in words', { timestamp: 'now', identifiers: {} }, 'timestamp must be a whole number'],
    ['about nobody, when there is nobody', {}, 'identifiers are needed'],
  ])('%s is answered 400, and says what is wrong', async (_, request, error) => {
    expect(await emit(request)).toEqual({ status: 400, body: { error: expect.stringContaining(error) } });
    expect(await listed()).toEqual([]);
  });

  it('is answered 409 by a sandbox that knows no endpoint', async () => {
    const answer = await emit({}, await start());

    expect(answer).toEqual({ status: 409, body: { error: expect.stringContaining('without an endpoint') } });
  });
});
