import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { HttpRequest } from '../../../lib/delivery/connector';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { response } from '../../support/destination';
import {
  type Answer,
  deadLetters,
  putBack,
  QUEUE_URL,
  resetSqs,
  run,
  sqsMock,
  takeAll,
  track,
  visibility,
} from '../../support/relay';
import { parseWorkspaces } from '../../support/sources';
import { recordOf } from '../../support/sqs-record';

const destinationOf = (name: string, over: object = {}) => ({
  name,
  siteId: `${name}-site`,
  apiKey: 'k',
  requestsPerSecond: 1_000,
  ...over,
});
const sourcesWith = (...destinations: object[]) =>
  parseWorkspaces(
    JSON.stringify([
      { name: 'web', writeKey: 'w', destinations },
      { name: 'flat', writeKey: 'f', siteId: 'flat-site', apiKey: 'k', requestsPerSecond: 1_000 },
    ]),
  );
const BOTH = sourcesWith(destinationOf('us'), destinationOf('eu'));

let requests: [site: string, names: string[]][];

const siteOf = ({ username }: HttpRequest): string => username.replace('-site', '');

const relayed = (records: readonly SQSRecord[], answer: Answer = () => response(200), sources = BOTH) =>
  run(
    records,
    (request) => {
      const { batch } = JSON.parse(request.body.toString()) as { batch: { name: string }[] };
      requests.push([siteOf(request), batch.map(({ name }) => name)]);
      return answer(request);
    },
    customerIoConnector(1),
    undefined,
    sources,
  );

/** What each event became, by workspace. */
const becomes = ({ events }: Awaited<ReturnType<typeof relayed>>) =>
  events.map(({ index, source, outcome }) => [index, source?.workspace, outcome?.kind]);

const euFails =
  (status: number, body: object = {}): Answer =>
  (request) =>
    siteOf(request) === 'eu' ? response(status, body) : response(200);

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
  requests = [];
});
afterEach(() => {
  jest.useRealTimers();
});

describe('an event for two workspaces', () => {
  it('is delivered to both, and has an outcome in each', async () => {
    const result = await relayed([recordOf({ body: [track(), track({ messageId: 'b', event: 'Paid' })] })]);

    expect(result.kept).toEqual([]);
    expect(requests).toEqual([
      ['us', ['Ordered', 'Paid']],
      ['eu', ['Ordered', 'Paid']],
    ]);
    expect(becomes(result)).toEqual([
      [0, 'us', 'delivered'],
      [0, 'eu', 'delivered'],
      [1, 'us', 'delivered'],
      [1, 'eu', 'delivered'],
    ]);
    expect([...result.reports.keys()]).toEqual(['web/us', 'web/eu']);
  });

  it('becomes what the settings of each say', async () => {
    const sources = sourcesWith(
      destinationOf('us', { screens: 'screen' }),
      destinationOf('eu', { anonymousEvents: 'skip' }),
    );
    const screen = { type: 'screen', anonymousId: 'a1', name: 'Home', messageId: 'a' };

    const result = await relayed([recordOf({ body: screen })], undefined, sources);

    expect(requests).toEqual([['us', ['Home']]]);
    expect(becomes(result)).toEqual([
      [0, 'us', 'delivered'],
      [0, 'eu', 'skipped'],
    ]);
  });

  it('goes on to the one that failed, and not again to the one that has it', async () => {
    const timestamp = '2026-02-01';
    const body = { batch: [track({ timestamp }), track({ timestamp, messageId: 'b' })] };

    const first = await relayed([recordOf({ body, attributes: { source: 'web' } })], euFails(503));

    expect(first.kept).toEqual([]);
    expect(visibility()).toEqual([]);
    expect(putBack()).toEqual([
      expect.objectContaining({
        body: JSON.stringify(body),
        attributes: expect.objectContaining({ source: 'web', workspace: 'eu', receives: '1' }),
      }),
    ]);

    requests = [];
    const [message] = putBack();
    const again = recordOf({ body: message?.body, attributes: withoutUndefined(message?.attributes ?? {}) });
    const second = await relayed([again]);

    expect(second.kept).toEqual([]);
    expect(requests).toEqual([['eu', ['Ordered', 'Ordered']]]);
  });

  it('stays where it is while nothing of its message is finished in any of them', async () => {
    const result = await relayed([recordOf({ body: [track()] })], () => response(503));

    expect(result.kept).toEqual(['m1']);
    expect(visibility()).toHaveLength(1);
    expect(putBack()).toEqual([]);
  });

  it('waits in each for what that one waits for, once a part of its message is finished', async () => {
    const body = [track(), { type: 'track', userId: 'u1', messageId: 'bad' }];

    const { kept } = await relayed([recordOf({ body })], (request) =>
      response(siteOf(request) === 'eu' ? 401 : 503),
    );

    expect(kept).toEqual([]);
    expect(putBack().map(({ attributes }) => attributes['workspace'])).toEqual(['us', 'eu']);
    expect(putBack().map(({ body: text }) => text)).toEqual(Array(2).fill(JSON.stringify(track())));
  });

  it('stays whole where SQS does not take what is put back of it', async () => {
    sqsMock.on(SendMessageBatchCommand, { QueueUrl: QUEUE_URL }).rejects(new Error('unreachable'));

    const { kept } = await relayed([recordOf({ body: track() })], euFails(503));

    expect(kept).toEqual(['m1']);
    expect(visibility()).toHaveLength(1);
  });

  it('does not go again to the one that has it after an error that nobody expected in the other', async () => {
    const { kept } = await relayed([recordOf({ body: track() })], (request) => {
      if (siteOf(request) === 'eu') throw new Error('a bug');
      return response(200);
    });

    expect(kept).toEqual([]);
    expect(putBack().map(({ attributes }) => attributes['workspace'])).toEqual(['eu']);
  });
});

describe('a dead letter', () => {
  it('names the one workspace that refused the event, and replays to it alone', async () => {
    const errors = [{ batch_index: 0, field: 'name', message: 'is bad' }];
    await relayed([recordOf({ body: track() })], euFails(207, { errors }));

    const [letter, ...others] = deadLetters();
    expect(others).toEqual([]);
    expect(letter?.attributes).toMatchObject({
      source: 'web',
      workspace: 'eu',
      reason: 'rejected_by_customerio',
    });

    requests = [];
    const replayed = recordOf({ body: letter?.body, attributes: withoutUndefined(letter?.attributes ?? {}) });
    const result = await relayed([replayed]);

    expect(requests).toEqual([['eu', ['Ordered']]]);
    expect(becomes(result)).toEqual([[0, 'eu', 'delivered']]);
  });

  it('is one for each workspace, of an event that works in none', async () => {
    await relayed([recordOf({ body: { type: 'track', userId: 'u1' } })]);

    expect(deadLetters().map(({ attributes }) => [attributes['workspace'], attributes['reason']])).toEqual([
      ['us', 'missing_event_name'],
      ['eu', 'missing_event_name'],
    ]);
  });

  it.each([
    ['all of them, where its message was for all', {}, undefined],
    ['its message’s workspace', { workspace: 'eu' }, 'eu'],
  ])('of a message that cannot be read is one, for %s', async (_, attributes, workspace) => {
    await relayed([recordOf({ body: '{', attributes })]);

    expect(deadLetters()).toHaveLength(1);
    expect(deadLetters()[0]?.attributes['workspace']).toBe(workspace);
  });

  it.each(['web', 'flat'])('says that the source %s has no such workspace', async (source) => {
    const { kept } = await relayed([recordOf({ body: track(), attributes: { source, workspace: 'gone' } })]);

    expect(kept).toEqual([]);
    expect(requests).toEqual([]);
    expect(deadLetters().map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({
        source,
        workspace: 'gone',
        reason: 'unknown_source',
        detail: 'the message attribute `workspace` names no destination of its source',
      }),
    ]);
  });

  it('of a workspace that is gone is cleaned as its source wants it', async () => {
    const privacy = { deny: ['ssn'], deadLetters: 'cleaned' };
    const sources = parseWorkspaces(
      JSON.stringify([{ name: 'web', writeKey: 'w', privacy, destinations: [destinationOf('us')] }]),
    );
    const body = track({ properties: { ssn: '1', plan: 'pro' } });

    await relayed([recordOf({ body, attributes: { workspace: 'gone' } })], undefined, sources);

    expect(deadLetters()[0]?.body).toBe(JSON.stringify(track({ properties: { plan: 'pro' } })));
  });
});

describe('a workspace that keeps an invocation waiting', () => {
  it('holds the messages that it shares, and no others', async () => {
    const order: string[] = [];
    sqsMock.on(SendMessageBatchCommand).callsFake((input) => {
      order.push(`stored ${input.Entries[0].MessageAttributes.source.StringValue}`);
      return takeAll(input);
    });
    const bad = { type: 'track', userId: 'u1' };
    const records = [
      recordOf({ messageId: 'm1', body: [track(), bad], attributes: { source: 'web' } }),
      recordOf({ messageId: 'm2', body: [track(), bad], attributes: { source: 'flat' } }),
    ];

    const { kept } = await relayed(records, async (request) => {
      if (siteOf(request) === 'eu') await new Promise((resolve) => setTimeout(resolve, 10_000));
      order.push(`answered ${siteOf(request)}`);
      return response(200);
    });

    expect(kept).toEqual([]);
    expect(order).toEqual(['answered us', 'answered flat', 'stored flat', 'answered eu', 'stored web']);
  });
});

it('What a batch says is read by the names of all workspaces, whichever one its dead letter is for', async () => {
  const sources = sourcesWith(destinationOf('us', { integrationNames: ['US Relay'] }), destinationOf('eu'));
  const batch = [track({ integrations: { 'US Relay': false } })];
  const body = { batch, integrations: { 'Customer.io': true } };
  const forEu = recordOf({ body, attributes: { source: 'web', workspace: 'eu' } });

  await relayed([forEu], euFails(400), sources);

  expect(requests).toEqual([['eu', ['Ordered']]]);
  expect(deadLetters().map((letter) => JSON.parse(letter.body ?? ''))).toEqual(batch);
});

it('A batch that says no is heard by a workspace of another name than the one its event says yes to', async () => {
  const sources = sourcesWith(destinationOf('us', { integrationNames: ['US Relay'] }), destinationOf('eu'));
  const body = {
    batch: [track({ integrations: { 'US Relay': true } })],
    integrations: { 'Customer.io': false },
  };

  await relayed([recordOf({ body, attributes: { source: 'web' } })], undefined, sources);

  expect(requests).toEqual([['us', ['Ordered']]]);
});

it('Two sources that share a workspace share its rate, and each is told of by itself', async () => {
  const sources = parseWorkspaces(
    JSON.stringify([
      { name: 'web', writeKey: 'w', destinations: [destinationOf('us'), destinationOf('flat')] },
      { name: 'flat', writeKey: 'f', siteId: 'flat-site', apiKey: 'k', requestsPerSecond: 1_000 },
    ]),
  );
  const records = ['web', 'flat'].map((source) =>
    recordOf({ messageId: source, body: track(), attributes: { source } }),
  );

  const { reports } = await relayed(records, undefined, sources);

  expect(new Set(reports.keys())).toEqual(new Set(['web/us', 'web/flat', 'flat']));
  expect([...reports.values()].map(({ requests: sent }) => sent)).toEqual([1, 1, 1]);
});

const withoutUndefined = (attributes: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ) as Record<string, string>;
