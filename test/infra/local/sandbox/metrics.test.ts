// `POST /api/v1/metrics`, the older endpoint for what became of a message.

import type { DeliveryMetric } from '../../../../lib/customerio/operation';
import { authorization, call, type Json, post, putFaults, start } from './client';

const PATH = '/api/v1/metrics';
const METRIC: DeliveryMetric = {
  delivery_id: 'RPILAgUBcRhIBqSfeiIwdIYJKxTY',
  metric: 'opened',
  timestamp: 7,
};

const metric = (changes: Json): string => JSON.stringify({ ...METRIC, ...changes });

it('logs the metric of the delivery, with all that is said of it', async () => {
  const sandbox = await start();
  const rest = {
    recipient: 'jane@example.com',
    href: 'https://example.com',
    metadata: { action_name: 'Buy', action_value: '1' },
  };

  const reply = await post(sandbox, PATH, metric({ metric: 'clicked', ...rest }));

  expect(reply).toMatchObject({ status: 200, body: {} });
  expect(sandbox.workspace.activities()).toEqual([
    {
      activity_type: 'Delivery Metric',
      activity_name: 'clicked',
      identifiers: { delivery_id: METRIC.delivery_id },
      attributes: rest,
      timestamp: 7,
    },
  ]);
  expect(sandbox.workspace.counts).toEqual({ accepted: 1, rejected: 0, duplicates: 0 });
});

it('takes the arrival for a metric without a time', async () => {
  const sandbox = await start({ clock: () => 9_500 });

  await post(sandbox, PATH, JSON.stringify({ delivery_id: 'd1', metric: 'bounced', reason: 'full' }));

  expect(sandbox.workspace.activities()).toMatchObject([{ attributes: { reason: 'full' }, timestamp: 9 }]);
});

it.each<[string, Json]>([
  ['a phone number as number, as of an SMS', { recipient: 14155552671 }],
  ['empty metadata', { metadata: {} }],
  ['a field nobody knows', { channel: 'email' }],
])('takes %s', async (_, changes) => {
  const sandbox = await start();

  expect((await post(sandbox, PATH, metric(changes))).status).toBe(200);
});

it.each(['bounced', 'clicked', 'converted', 'deferred', 'delivered', 'dropped', 'opened', 'spammed'])(
  'takes the metric %s',
  async (name) => {
    const sandbox = await start();

    expect((await post(sandbox, PATH, metric({ metric: name }))).status).toBe(200);
  },
);

it.each<[string, Json, string]>([
  ['without a delivery', { delivery_id: undefined }, 'delivery_id is required'],
  ['of a delivery that is a number', { delivery_id: 7 }, 'delivery_id must be a string'],
  ['without its name', { metric: undefined }, 'metric must be bounced, clicked, converted'],
  ['of a name that is none', { metric: 'sent' }, 'metric must be bounced, clicked, converted'],
  ['at a time in words', { timestamp: 'now' }, 'timestamp must be an integer Unix timestamp in seconds'],
  ['for a recipient that is an object', { recipient: {} }, 'recipient must be a string'],
  ['for a reason that is a number', { reason: 550 }, 'reason must be a string'],
  ['of a link that is an array', { href: [] }, 'href must be a string'],
  ['with metadata that is text', { metadata: 'x' }, 'metadata must be an object'],
  [
    'with an action that is a number',
    { metadata: { action_name: 1 } },
    'metadata.action_name must be a string',
  ],
])('refuses a metric %s in the older form, and keeps what it was', async (_, changes, message) => {
  const sandbox = await start();

  const reply = await post(sandbox, PATH, metric(changes));

  expect(reply).toMatchObject({
    status: 400,
    body: { meta: { errors: [expect.stringContaining(message)] } },
  });
  expect(sandbox.workspace.activities()).toEqual([]);
  expect(sandbox.workspace.rejections()).toMatchObject([
    { status: 400, operation: JSON.parse(metric(changes)) },
  ]);
});

it.each([
  ['no JSON', '{', 400, 'the body is not valid JSON'],
  ['no object', '[]', 400, 'the body must be an object'],
  ['over 32 KiB', metric({ href: 'x'.repeat(32_768) }), 413, 'the request cannot be larger than 32768 bytes'],
])('refuses a body that is %s', async (_, body, status, message) => {
  const sandbox = await start();

  expect(await post(sandbox, PATH, body)).toMatchObject({ status, body: { meta: { errors: [message] } } });
});

describe('credentials', () => {
  const workspaces = [
    { siteId: 'a', apiKey: 'a' },
    { siteId: 'b', apiKey: 'b' },
  ];

  it.each([
    ['of a workspace lead to it', authorization('b:b'), 'b'],
    ['that are none lead to the first: Customer.io asks for none here', authorization('x:y'), 'a'],
  ])('%s', async (_, header, siteId) => {
    const sandbox = await start({ workspaces });

    const headers = { authorization: header };
    const reply = await call(sandbox, PATH, { method: 'POST', body: metric({}), headers });

    expect(reply.status).toBe(200);
    expect(sandbox.workspaces.get(siteId)?.activities()).toHaveLength(1);
    expect(sandbox.workspaces.get(siteId)?.requestCount).toBe(1);
  });
});

it('counts for the rate, and suffers faults, like every request', async () => {
  const sandbox = await start({ clock: () => 0, requestsPerSecond: 1 });

  const replies = [await post(sandbox, PATH, metric({})), await post(sandbox, PATH, metric({}))];
  await putFaults(sandbox, { unavailable: true });
  replies.push(await post(sandbox, PATH, metric({})));

  expect(replies.map(({ status }) => status)).toEqual([200, 429, 503]);
});
