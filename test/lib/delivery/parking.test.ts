// Once many messages are in flight, what waits for long goes back as new messages, which do not count as such.

import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { PARK_ABOVE_IN_FLIGHT } from '../../../lib/delivery/retry-policy';
import { response } from '../../support/destination';
import { putBack, resetSqs, run, sqsMock, takeAll, track, visibility } from '../../support/relay';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const RECEIVED_TWICE = recordOf({ receiveCount: 2, body: track(), attributes: { source: 'shop' } });

const inFlight = (count: number): void => {
  sqsMock
    .on(GetQueueAttributesCommand)
    .resolves({ Attributes: { ApproximateNumberOfMessagesNotVisible: String(count) } });
};
const groups = () =>
  sqsMock
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args: [{ input }] }) => input.Entries?.map(({ MessageGroupId }) => MessageGroupId));
const asked = (): number => sqsMock.commandCalls(GetQueueAttributesCommand).length;

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
});

it('A message that waits for its destination goes back with its history, in the group of its source', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  const { kept, outcomes } = await run([RECEIVED_TWICE], () => response(503));

  expect(outcomes).toEqual(['retried']);
  expect(kept).toEqual([]);
  expect(visibility()).toEqual([]);
  expect(putBack()).toEqual([
    expect.objectContaining({
      delaySeconds: 30,
      attributes: expect.objectContaining({
        source: 'shop',
        receives: '2',
        firstSentAt: String(SENT_AT.getTime()),
      }),
    }),
  ]);
  expect(groups()).toEqual(['shop']);
});

it('One that names no source goes back in the group of the first, and still names none', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  await run([recordOf({ receiveCount: 2, body: track() })], () => response(503));

  expect(putBack()[0]?.attributes).not.toHaveProperty('source');
  expect(groups()).toEqual(['shop']);
});

it('One of an import stays in its group, which does not hold back what comes live', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  const attributes = { source: 'shop' };
  await run([recordOf({ receiveCount: 2, body: track(), attributes, group: 'shop-import' })], () =>
    response(503),
  );

  expect(groups()).toEqual(['shop-import']);
});

it('One that waits for an operator does so from its first receive, for as long as a delay can last', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  const { kept } = await run([recordOf({ body: track() })], () => response(401));

  expect(kept).toEqual([]);
  expect(putBack()).toEqual([expect.objectContaining({ delaySeconds: 900 })]);
});

it('The first, short wait of a backoff is none of it, and costs no call', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  const { kept } = await run([recordOf({ messageId: 'm', body: track() })], () => response(503));

  expect(kept).toEqual(['m']);
  expect(putBack()).toEqual([]);
  expect(asked()).toBe(0);
});

it.each([
  ['few are in flight', () => inFlight(PARK_ABOVE_IN_FLIGHT)],
  ['SQS does not say', () => sqsMock.on(GetQueueAttributesCommand).rejects(new Error('away'))],
])('Nothing is parked where %s', async (_, set) => {
  set();
  const { kept } = await run([RECEIVED_TWICE], () => response(503));

  expect(kept).toEqual([RECEIVED_TWICE.messageId]);
  expect(putBack()).toEqual([]);
  expect(visibility()).toHaveLength(1);
});

it('What SQS does not take stays where it is, and comes back by itself', async () => {
  inFlight(PARK_ABOVE_IN_FLIGHT + 1);
  sqsMock.on(SendMessageBatchCommand).rejects(new Error('away'));
  const { kept } = await run([RECEIVED_TWICE], () => response(503));

  expect(kept).toEqual([RECEIVED_TWICE.messageId]);
  expect(visibility()).toHaveLength(1);
});

it('An invocation that delivers everything asks nothing', async () => {
  sqsMock.on(SendMessageBatchCommand).callsFake(takeAll);
  await run([RECEIVED_TWICE]);

  expect(asked()).toBe(0);
});
