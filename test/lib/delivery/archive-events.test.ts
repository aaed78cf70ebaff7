// What the archive is told of the events of an invocation, and that delivery does not depend on it.

import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Archive, PutResult } from '../../../lib/archive/archive';
import { readLine } from '../../../lib/archive/line';
import type { HttpAnswer } from '../../../lib/delivery/connector';
import { relay } from '../../../lib/delivery/relay';
import { report } from '../../../lib/delivery/report';
import { LAST_RECEIVE } from '../../../lib/delivery/retry-policy';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { response } from '../../support/destination';
import { captureLogs } from '../../support/log-output';
import { DEAD_LETTER_QUEUE_URL, deadLetters, QUEUE_URL, resetSqs, track } from '../../support/relay';
import { parseWorkspaces } from '../../support/sources';
import { recordOf } from '../../support/sqs-record';

const NOW = new Date('2026-03-01T10:00:05.000Z');
const SHOP = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };

beforeEach(resetSqs);

interface Run {
  readonly source?: object;
  readonly archive?: Archive | undefined;
  readonly answer?: HttpAnswer;
  readonly remainingMs?: number;
  readonly onSend?: (body: string) => void;
}

const run = async (
  records: readonly SQSRecord[],
  { source = {}, archive, answer, remainingMs = 60_000, onSend }: Run,
) => {
  const sources = parseWorkspaces(JSON.stringify([{ ...SHOP, ...source }]));
  const { response: lambda, ...result } = await relay(records, sources, customerIoConnector(1), {
    sqs: new SQSClient({}),
    queueUrl: QUEUE_URL,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    remainingMs: () => remainingMs,
    send: async ({ body }) => {
      onSend?.(String(body));
      return answer ?? response(200);
    },
    random: () => 1,
    now: () => NOW,
    archive,
  });
  return {
    kept: lambda.batchItemFailures.length,
    outcomes: result.events.map(({ outcome }) => outcome?.kind),
    result: { ...result, response: lambda },
  };
};

/** Takes what `result` says; all of it unless told otherwise. */
const recording = (result: (lines: readonly string[]) => PutResult = () => ({ notTaken: [] })) => {
  const lines: string[] = [];
  const archive: Archive = {
    put: async (given) => {
      lines.push(...given);
      return result(given);
    },
  };
  return { archive, lines, read: () => lines.map(readLine) };
};

const refusing = () =>
  recording((lines) => ({ notTaken: [...lines.keys()], failure: 'ServiceUnavailableException' }));

const three = [
  track({ messageId: 'a' }),
  track({ messageId: 'b', integrations: { 'Customer.io': false } }),
  track({ messageId: 'c', event: '' }),
];

it('A line for each event that ended: delivered, skipped, dead-lettered', async () => {
  const { archive, read } = recording();
  await run([recordOf({ body: three, receiveCount: 3 })], { source: { archive: 'outcomes' }, archive });

  const all = {
    source: 'shop',
    receivedAt: '2026-03-01T10:00:00.000Z',
    endedAt: NOW.toISOString(),
    attempts: 3,
    type: 'track',
    event: undefined,
  };
  expect(read()).toEqual([
    expect.objectContaining({ ...all, messageId: 'a', outcome: 'delivered', reason: undefined }),
    expect.objectContaining({ ...all, messageId: 'b', outcome: 'skipped', reason: 'integrations_disabled' }),
    expect.objectContaining({
      ...all,
      messageId: 'c',
      outcome: 'dead_lettered',
      reason: 'missing_event_name',
    }),
  ]);
});

it('What is retried has not ended, and has no line', async () => {
  const { archive, lines } = recording();
  const { outcomes } = await run([recordOf({ body: track() })], {
    source: { archive: 'outcomes' },
    archive,
    answer: response(401),
  });

  expect(outcomes).toEqual(['retried']);
  expect(lines).toEqual([]);
});

it('With `events` the line holds the event as it was on the queue', async () => {
  const { archive, read, lines } = recording();
  const body = [track({ properties: { price: 1.5 } }), track({ messageId: 'b' })];
  await run([recordOf({ body })], { source: { archive: 'events' }, archive });

  expect(read().map((line) => line?.event)).toEqual([
    expect.objectContaining(body[0] ?? {}),
    expect.objectContaining(body[1] ?? {}),
  ]);
  expect(lines.join()).not.toContain('eventLeftOut');
});

it('An event of the usual kind is archived byte for byte', async () => {
  const { archive, lines } = recording();
  const text =
    '{"type":"track","userId":"u","event":"E","messageId":"m","timestamp":"2026-03-01T09:00:00.000Z","properties":{"n":12345678901234567890,"x":1.0}}';
  await run([recordOf({ body: `{"batch":[${text}, ${text}]}` })], { source: { archive: 'events' }, archive });

  expect(lines.map((line) => line.includes(`"event":${text}`))).toEqual([true, true]);
});

it('Where something is filled in or must go, the rest stays to the last digit', async () => {
  const { archive, lines } = recording();
  const event =
    '{"type":"track","userId":"u","event":"E","messageId":"m","properties":{"n":12345678901234567890,"pin":1,"x":1.0},"context":{"ip":"192.0.2.77","id":12345678901234567891}}';
  const privacy = { useDefaultDenyList: true, ip: 'truncate' };
  await run([recordOf({ body: `{"batch":[${event}],"context":{"app":{"name":"A"}}}` })], {
    source: { archive: 'events', privacy },
    archive,
  });

  expect(lines.join()).toContain('"properties":{"n":12345678901234567890,"x":1.0}');
  expect(lines.join()).toContain('"ip":"192.0.2.0","id":12345678901234567891');
  expect(lines.join()).toContain('"app":{"name":"A"}');
  expect(lines.join()).not.toContain('pin');
});

it.each([
  ['was sent by a clock of its own', { timestamp: '2026-03-01T08:00:00Z', sentAt: '2026-03-01T08:00:07Z' }],
  ['lies ahead', { timestamp: '2027-01-01T00:00:00.000Z' }],
  ['has two times', { timestamp: '2027-01-01T00:00:00Z', originalTimestamp: '2026-02-01T00:00:00Z' }],
  ['has no time', {}],
  ['cannot be read', { timestamp: 'yesterday' }],
])('An event that %s is the same when its line is sent a month later', async (_, times) => {
  const { archive, read } = recording();
  const sent: string[] = [];
  const deliver = (body: unknown, sentAt: Date) =>
    run([recordOf({ body, sentAt })], {
      source: { archive: 'events' },
      archive,
      onSend: (request) => sent.push(request),
    });
  await deliver(track(times), new Date('2026-03-01T10:00:00.000Z'));
  await deliver(read()[0]?.event, new Date('2026-04-01T10:00:00.000Z'));

  expect(sent[1]).toBe(sent[0]);
  expect(read()[1]?.event).toEqual(read()[0]?.event);
});

it('A message put by hand is archived with the id and the time that stand in for its own', async () => {
  const { archive, read } = recording();
  await run([recordOf({ messageId: 'sqs-1', body: { type: 'track', userId: 'u', event: 'E' } })], {
    source: { archive: 'events' },
    archive,
  });

  expect(read()[0]).toMatchObject({
    messageId: 'sqs-1-0',
    event: { messageId: 'sqs-1-0', timestamp: '2026-03-01T10:00:00.000Z' },
  });
});

it('What the privacy rules keep back is in no line', async () => {
  const { archive, lines } = recording();
  const secret = { email: 'ada@example.com', password: 'hunter2' };
  const body = [
    track({ properties: secret, context: { ip: '192.0.2.77' } }),
    track({ messageId: 'c', event: '', properties: secret }),
  ];
  const privacy = { useDefaultDenyList: true, ip: 'truncate' };
  await run([recordOf({ body })], { source: { archive: 'events', privacy }, archive });

  expect(lines).toHaveLength(2);
  expect(lines.join()).toContain('ada@example.com');
  expect(lines.join()).not.toMatch(/hunter2|192\.0\.2\.77/);
});

it('Of somebody who refused consent it is kept that it was so, and nothing else', async () => {
  const { archive, read, lines } = recording();
  const consent = { require: ['Marketing'], onMissing: 'skip' };
  await run([recordOf({ body: track({ userId: 'somebody' }) })], {
    source: { archive: 'events', consent },
    archive,
  });

  expect(read()[0]).toMatchObject({
    reason: 'consent_refused',
    event: undefined,
    eventLeftOut: 'consent_refused',
  });
  expect(lines.join()).not.toContain('somebody');
});

it('Text that is no JSON has nothing that could be taken out of it, and is left out', async () => {
  const { archive, read } = recording();
  await run([recordOf({ body: '{ no json' })], { source: { archive: 'events' }, archive });

  expect(read()[0]).toMatchObject({
    outcome: 'dead_lettered',
    reason: 'invalid_json',
    eventLeftOut: 'not_json',
  });
});

it('A source with two workspaces has a line for each', async () => {
  const { archive, read } = recording();
  const destinations = [
    { name: 'eu', siteId: 'e', apiKey: 'k' },
    { name: 'us', siteId: 'u', apiKey: 'k' },
  ];
  const { siteId: _, apiKey: __, ...shared } = SHOP;
  const sources = parseWorkspaces(JSON.stringify([{ ...shared, archive: 'outcomes', destinations }]));
  await relay([recordOf({ body: track() })], sources, customerIoConnector(1), {
    sqs: new SQSClient({}),
    queueUrl: QUEUE_URL,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    remainingMs: () => 60_000,
    send: async () => response(200),
    random: () => 1,
    now: () => NOW,
    archive,
  });

  expect(read().map((line) => [line?.workspace, line?.outcome])).toEqual([
    ['eu', 'delivered'],
    ['us', 'delivered'],
  ]);
});

it.each([
  ['the source archives nothing', { source: {} }],
  ['there is no archive', { source: { archive: 'events' }, isOff: true }],
])(
  'Nothing is noted of any event when %s',
  async (_, { source, isOff }: { source: object; isOff?: boolean }) => {
    const { archive, lines } = recording();
    const { result } = await run([recordOf({ body: three })], {
      source,
      archive: isOff ? undefined : archive,
    });

    expect(lines).toEqual([]);
    expect(result.events.every(({ note }) => note === undefined)).toBe(true);
  },
);

const countsOf = (result: Parameters<typeof report>[0]): unknown[] => {
  const output = captureLogs();
  report(result, NOW);
  output.release();
  return output.lines.flatMap((line) => (JSON.parse(line) as Record<string, unknown>)['ArchiveFailed'] ?? []);
};

describe('When the archive does not take a line', () => {
  it('the event is delivered all the same, and counted', async () => {
    const { kept, outcomes, result } = await run([recordOf({ body: three })], {
      source: { archive: 'outcomes' },
      archive: refusing().archive,
    });

    expect(kept).toBe(0);
    expect(outcomes).toEqual(['delivered', 'skipped', 'dead_lettered']);
    expect(deadLetters()).toHaveLength(1);
    expect(countsOf(result)).toEqual([3]);
  });

  it('only the events of those lines are concerned', async () => {
    const { archive } = recording(() => ({ notTaken: [1] }));
    const { result } = await run([recordOf({ body: three })], { source: { archive: 'outcomes' }, archive });

    expect(result.events.map(({ note }) => note?.failed)).toEqual([false, true, false]);
  });

  it('it is tried again where the source says so, and is no dead letter meanwhile', async () => {
    const source = { archive: 'outcomes', archiveRequired: true };
    const { kept, outcomes } = await run([recordOf({ body: three })], {
      source,
      archive: refusing().archive,
    });

    expect(kept).toBe(1);
    expect(outcomes).toEqual(['retried', 'retried', 'retried']);
    expect(deadLetters()).toEqual([]);
  });

  it('it is given up in the end, as everything that is retried', async () => {
    const source = { archive: 'outcomes', archiveRequired: true };
    const { kept } = await run([recordOf({ body: track(), receiveCount: LAST_RECEIVE })], {
      source,
      archive: refusing().archive,
    });

    expect(kept).toBe(0);
    expect(deadLetters().map(({ attributes }) => [attributes['reason'], attributes['detail']])).toEqual([
      ['undeliverable', 'the archive did not take the line of the event'],
    ]);
  });

  it('a bug in it is no other thing', async () => {
    const archive: Archive = { put: () => Promise.reject(new TypeError('a bug')) };
    const { kept, outcomes } = await run([recordOf({ body: track() })], {
      source: { archive: 'events' },
      archive,
    });

    expect([kept, outcomes]).toEqual([0, ['delivered']]);
  });

  it('nothing waits for it when there is hardly time left to store dead letters', async () => {
    const { archive, lines } = recording();
    const { outcomes, result } = await run([recordOf({ body: track({ event: '' }) })], {
      source: { archive: 'events' },
      archive,
      remainingMs: 3_200,
    });

    expect(outcomes).toEqual(['dead_lettered']);
    expect(lines).toEqual([]);
    expect(result.events[0]?.note?.failed).toBe(true);
  });
});
