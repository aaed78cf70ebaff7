// Items of one invocation for two endpoints of a workspace: one circuit, one rate, one outcome an event.

import type { Connector, HttpRequest, Item } from '../../../lib/delivery/connector';
import { toJsonBytes } from '../../../lib/delivery/json-bytes';
import { logger } from '../../../lib/observability';
import { destinationOf, itemOf, response } from '../../support/destination';
import { type Answer, deadLetters, resetSqs, run, track } from '../../support/relay';
import { recordOf } from '../../support/sqs-record';

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
});

const URL = 'http://127.0.0.1:9/batch';
const ALONE_URL = 'http://127.0.0.1:9/alone';
const requestTo = (url: string) => ({ url, username: 'site', password: 'key' });

const connector: Connector = {
  prepare: (event) => {
    const { endpoint, repeatKey, messageId } = event as Record<string, string>;
    const json = toJsonBytes(JSON.stringify({ messageId }));
    const where = {
      ...(endpoint !== undefined && { endpoint }),
      ...(repeatKey !== undefined && { repeatKey }),
    };
    return { kind: 'items', items: [{ json, keys: [], timestampMs: 0, ...where }] };
  },
  destination: ({ name }) =>
    destinationOf({
      name,
      request: requestTo(URL),
      endpoints: {
        alone: destinationOf({ name, request: requestTo(ALONE_URL), maxItems: 1, envelope: ['', ''] }),
      },
    }),
};

const alone = (messageId: string) => track({ messageId, endpoint: 'alone' });

const runWith = async (events: readonly object[], statusAlone: number, status = 200) => {
  const requests: [string, string][] = [];
  const answer: Answer = ({ url, body }: HttpRequest) => {
    requests.push([url, body.toString()]);
    return response(url === ALONE_URL ? statusAlone : status);
  };
  return { requests, ...(await run([recordOf({ body: events })], answer, connector)) };
};

it('sends each its own, and reports how full the destination’s own requests were', async () => {
  const { requests, outcomes, reports } = await runWith(
    [alone('a'), track({ messageId: 'b' }), alone('c')],
    200,
  );

  expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
  expect(requests.sort()).toEqual([
    [ALONE_URL, '{"messageId":"a"}'],
    [ALONE_URL, '{"messageId":"c"}'],
    [URL, '{"batch":[{"messageId":"b"}]}'],
  ]);
  expect(reports.get('shop')).toMatchObject({ requests: 3, fillPercents: [expect.any(Number)] });
});

it('has an outcome for each, whatever the other endpoint says', async () => {
  const { outcomes } = await runWith([alone('a'), track({ messageId: 'b' })], 400);

  expect(outcomes).toEqual(['dead_lettered', 'delivered']);
  expect(deadLetters().map(({ attributes }) => attributes['reason'])).toEqual(['rejected_by_customerio']);
});

it('has of each its own outcome, whatever its neighbours’ are', async () => {
  jest.spyOn(logger, 'warn').mockImplementation();

  const { outcomes } = await runWith([track({ messageId: 'a' }), alone('b'), alone('c')], 400, 503);

  expect(outcomes).toEqual(['retried', 'dead_lettered', 'dead_lettered']);
});

it('retries both where the workspace takes nothing', async () => {
  jest.spyOn(logger, 'warn').mockImplementation();

  const { outcomes } = await runWith([alone('a'), track({ messageId: 'b' })], 503, 503);

  expect(outcomes).toEqual(['retried', 'retried']);
});

it('sends of items that say the same the latest alone, with one outcome for all', async () => {
  const events = ['a', 'b'].map((messageId) => track({ messageId, repeatKey: 'device' }));

  const { requests, outcomes } = await runWith(events, 200);

  expect(requests).toEqual([[URL, '{"batch":[{"messageId":"b"}]}']]);
  expect(outcomes).toEqual(['delivered', 'delivered']);
});

it('brings an event back for what itself did, whatever another of its items waited for', async () => {
  jest.spyOn(logger, 'warn').mockImplementation();
  const alone = { endpoint: 'alone' };
  const itemsByEvent = new Map<unknown, Item[]>([
    ['bad', [itemOf('bad', 'p')]],
    [
      'both',
      [
        { ...itemOf('waits', 'p'), isUnordered: true },
        { ...itemOf('bad too', 'q'), ...alone },
      ],
    ],
    ['good', [itemOf('good', 'r'), { ...itemOf('good', 's'), ...alone }]],
  ]);
  const prepare: Connector['prepare'] = (event) => ({
    kind: 'items',
    items: itemsByEvent.get((event as Record<string, unknown>)['messageId']) ?? [],
  });
  const body = ['bad', 'both', 'good'].map((messageId) => track({ messageId }));

  const { events } = await run(
    [recordOf({ body })],
    (request) => response(request.body.includes('bad') ? 500 : 200),
    { ...connector, prepare },
  );

  expect(events.map(({ outcome }) => outcome)).toMatchObject([
    { kind: 'retried', delay: { failedAlone: true } },
    { kind: 'retried', delay: { failedAlone: true } },
    { kind: 'delivered' },
  ]);
});
