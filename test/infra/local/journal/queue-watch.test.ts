// What became of an event of several workspaces: one fate for each, and for the row the one that most needs a look.

import type { SQSRecord } from 'aws-lambda';
import { Operations } from '../../../../infra/local/journal/delivery-watch';
import { Journal } from '../../../../infra/local/journal/journal';
import { QueueWatch, type Way } from '../../../../infra/local/journal/queue-watch';
import { customerIoConnector } from '../../../../lib/destinations/customerio/destination';
import { parseWorkspaces } from '../../../support/sources';
import { recordOf } from '../../../support/sqs-record';

const WORKSPACE = { apiKey: 'k', trackUrl: 'http://127.0.0.1:1' };
const SOURCES = parseWorkspaces(
  JSON.stringify([
    {
      name: 'web',
      writeKey: 'w',
      destinations: [
        {
          ...WORKSPACE,
          name: 'eu',
          siteId: 'eu-site',
          rules: [{ name: 'orders', include: { event: 'Ordered' } }],
        },
        { ...WORKSPACE, name: 'us', siteId: 'us-site' },
      ],
    },
    { ...WORKSPACE, name: 'app', writeKey: 'a', siteId: 'app-site' },
  ]),
);
const WAY: Way = {
  door: 'queue',
  connector: customerIoConnector(1),
  destination: 'Customer.io',
  sources: SOURCES,
};
const RETRY_AT = 1_800_000_000_000;

let journal: Journal;
let operations: Operations;
let watch: QueueWatch;

beforeEach(() => {
  journal = new Journal({ capacity: 100 });
  operations = new Operations(journal);
  watch = new QueueWatch({ journal, operations, visibleAt: () => RETRY_AT });
});

afterEach(() => journal.close());

const event = (name: string) => ({
  type: 'track',
  userId: 'u1',
  event: name,
  messageId: 'e-1',
  timestamp: '2026-01-01T00:00:00Z',
});

const message = (name: string, attributes: Record<string, string> = {}, messageId = 'm-1'): SQSRecord =>
  recordOf({ messageId, body: event(name), attributes: { source: 'web', ...attributes } });

/** An invocation that has these messages, during which something happens; it answers the ids of those that failed. */
const invoke = (
  records: readonly SQSRecord[],
  during: () => readonly string[] = () => [],
): Promise<unknown> =>
  watch.invocation({ Records: [...records] }, WAY, async () => ({
    batchItemFailures: during().map((itemIdentifier) => ({ itemIdentifier })),
  }));

/** Customer.io answers to what that workspace is sent. */
const answered = (siteId: string | undefined, status: number, answer: unknown = {}): void => {
  const { operations: sent = [] } = journal.detail(1) ?? {};
  operations.answered({
    method: 'POST',
    path: '/api/v2/batch',
    body: { batch: [sent.at(-1)] },
    status,
    answer,
    fault: undefined,
    siteId,
  });
};

const shown = () => {
  const { fate, reason, workspaces } = journal.list()[0] ?? {};
  return {
    fate,
    reason,
    of: workspaces?.map(({ name, fate: own, reason: why }) => `${name} ${own} ${why}`.trim()),
  };
};

it('One that the rule of a workspace keeps out is delivered to the other, and says both', async () => {
  const record = message('Signed Up');
  watch.sent(record, WAY);
  expect(shown()).toEqual({ fate: 'queued', reason: '', of: ['eu queued', 'us queued'] });

  await invoke([record], () => {
    answered('us-site', 200);
    return [];
  });

  expect(shown()).toEqual({
    fate: 'delivered',
    reason: '',
    of: ['eu skipped excluded_by_rule', 'us delivered'],
  });
  expect(journal.detail(1)?.operations).toHaveLength(1);
  expect(journal.detail(1)?.operationsFor).toEqual(['us']);
});

it('The same operation for both is told apart by the workspace that it was sent to', async () => {
  const record = message('Ordered');
  await invoke([record], () => {
    answered('us-site', 200);
    expect(shown().of).toEqual(['eu queued', 'us delivered']);
    answered('eu-site', 200, { errors: [{ batch_index: 0, field: 'name', message: 'too long' }] });
    watch.gaveUp(
      message(
        'Ordered',
        {
          workspace: 'eu',
          reason: 'rejected_by_customerio',
          detail: 'name: too long',
          messageId: 'e-1',
          failedAt: 'now',
        },
        'd-1',
      ),
      WAY,
    );
    return [];
  });

  expect(shown()).toEqual({
    fate: 'dead_lettered',
    reason: 'rejected_by_customerio',
    of: ['eu dead_lettered rejected_by_customerio', 'us delivered'],
  });
});

it('One workspace that is down keeps its own share alone on the queue, until that is delivered too', async () => {
  const putBack = message(
    'Ordered',
    { workspace: 'us', messageId: 'e-1', putBackAt: '2026-01-01T00:00:00Z' },
    'm-2',
  );
  await invoke([message('Ordered')], () => {
    answered('eu-site', 200);
    answered('us-site', 503);
    watch.sent(putBack, WAY);
    return [];
  });
  expect(shown()).toEqual({ fate: 'retried', reason: '503', of: ['eu delivered', 'us retried 503'] });

  await invoke([putBack], () => ['m-2']);
  expect(shown().of).toEqual(['eu delivered', 'us retried']);
  expect(journal.list()[0]).toMatchObject({ retryAt: RETRY_AT });
  await invoke([putBack], () => {
    answered('us-site', 200);
    return [];
  });

  expect(shown()).toEqual({ fate: 'delivered', reason: '', of: ['eu delivered', 'us delivered'] });
  expect(journal.tallies().get('web')).toMatchObject({ came: 1, delivered: 1 });
});

it('A dead letter that is sent again goes to its workspace alone, in the row that it has', async () => {
  const attributes = { workspace: 'eu', reason: 'undeliverable', messageId: 'e-1', failedAt: 'now' };
  await invoke([message('Ordered')], () => {
    answered('us-site', 200);
    watch.gaveUp(message('Ordered', attributes, 'd-1'), WAY);
    return [];
  });
  expect(shown().fate).toBe('dead_lettered');

  const again = message('Ordered', attributes, 'm-3');
  watch.sent(again, WAY);
  expect(shown()).toEqual({ fate: 'queued', reason: '', of: ['eu queued', 'us delivered'] });
  await invoke([again], () => {
    answered('eu-site', 200);
    return [];
  });

  expect(shown().of).toEqual(['eu delivered', 'us delivered']);
  expect(journal.list()).toHaveLength(1);
});

it('Where credentials are refused nobody knows whose they are, and the first that waits for such an answer has it', async () => {
  await invoke([message('Ordered')], () => {
    answered(undefined, 401);
    return ['m-1'];
  });

  expect(shown().of).toEqual(['eu retried 401', 'us retried']);
});

it('What concerns no workspace is of the whole event, and a source of one workspace has one fate', async () => {
  await invoke([message('Ordered', { workspace: 'gone' })]);
  watch.gaveUp(
    message(
      'Ordered',
      { workspace: 'gone', reason: 'unknown_source', failedAt: 'now', messageId: 'e-1' },
      'd-1',
    ),
    WAY,
  );
  const one = recordOf({
    messageId: 'm-9',
    body: { ...event('A'), messageId: 'e-9' },
    attributes: { source: 'app' },
  });
  await invoke([one], () => {
    operations.answered({
      method: 'POST',
      path: '/api/v2/batch',
      body: { batch: journal.detail(2)?.operations },
      status: 200,
      answer: {},
      fault: undefined,
      siteId: 'app-site',
    });
    return [];
  });

  expect(journal.list().at(-1)).toMatchObject({ fate: 'delivered' });
  expect(journal.list().at(-1)?.workspaces).toBeUndefined();
  expect(journal.detail(2)?.operationsFor).toBeUndefined();
});

it('Code of the user that fails with an event fails in the function alone, and the event waits', async () => {
  const prepare = (): never => {
    throw new Error('custom code is broken');
  };
  let isInvoked = false;
  const answer = await watch.invocation(
    { Records: [message('Ordered')] },
    { ...WAY, connector: { ...WAY.connector, prepare } },
    async () => {
      isInvoked = true;
      return { batchItemFailures: [{ itemIdentifier: 'm-1' }] };
    },
  );

  expect([isInvoked, answer]).toEqual([true, { batchItemFailures: [{ itemIdentifier: 'm-1' }] }]);
  expect(shown().of).toEqual(['eu retried', 'us retried']);
});
