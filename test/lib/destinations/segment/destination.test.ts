import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Destination, Item, Prepared } from '../../../../lib/delivery/connector';
import { segmentConnector } from '../../../../lib/destinations/segment/destination';
import { translateActivity } from '../../../../lib/mapping/to-segment/translate-activity';
import { readEvents, readMessage } from '../../../../lib/queue/message';
import { parseSources } from '../../../support/sources';
import { recordOf, SENT_AT } from '../../../support/sqs-record';

const sourceOf = (over: object = {}) => {
  const base = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'a', segmentWriteKey: 'segment-key' };
  const [source] = parseSources(JSON.stringify([{ ...base, ...over }]));
  if (source === undefined) throw new Error('No source.');
  return source;
};
const SOURCE = sourceOf();

const event = (over: object = {}) => ({
  type: 'track',
  event: 'Email Opened',
  userId: '42',
  messageId: 'e-1',
  timestamp: '2021-02-11T17:04:49.000Z',
  properties: { email_id: 'd' },
  context: { traits: { email: 'Jane@example.com' } },
  integrations: { 'Customer.io': false },
  ...over,
});

/** As the engine calls it: by way of a message. */
const prepare = (body: unknown, attributes: Record<string, string> = {}, source = SOURCE): Prepared => {
  const [queued] = readEvents(readMessage(recordOf({ body, attributes }))) ?? [];
  return segmentConnector(1).prepare(queued?.event, source, queued?.raw);
};

const itemOf = (prepared: Prepared): Item => {
  const [item, ...more] = prepared.kind === 'items' ? prepared.items : [];
  if (item === undefined || more.length > 0) throw new Error(`Not one item: ${JSON.stringify(prepared)}`);
  return item;
};
const jsonOf = (prepared: Prepared): unknown => JSON.parse(itemOf(prepared).json.toString());

describe('an event of the activity queue', () => {
  it('is sent as it is', () => {
    expect(itemOf(prepare(event())).json.toString()).toBe(JSON.stringify(event()));
  });

  it('keeps its place among the events of the same person', () => {
    const { keys, timestampMs } = itemOf(prepare(event()));

    expect(keys).toEqual(['42', 'jane@example.com']);
    expect(timestampMs).toBe(Date.parse('2021-02-11T17:04:49.000Z'));
  });

  it.each([
    ['no integrations', undefined, { 'Customer.io': false }],
    ['integrations that are no object', 'all', { 'Customer.io': false }],
    ['others that stay', { Amplitude: true }, { Amplitude: true, 'Customer.io': false }],
    ['a yes to Customer.io', { 'Customer.io': true }, { 'Customer.io': false }],
    [
      'a yes in another spelling',
      { 'Actions Customerio': {}, CUSTOMERIO: true },
      { 'Actions Customerio': false, CUSTOMERIO: false, 'Customer.io': false },
    ],
    ['a no to all', { All: false }, { All: false, 'Customer.io': false }],
  ])('put there by hand gets the loop guard: %s', (_, integrations, expected) => {
    expect(jsonOf(prepare(event({ integrations })))).toEqual(event({ integrations: expected }));
  });

  it('put there by hand gets the messageId and the time it lacks, so that it counts once', () => {
    const { messageId: _id, timestamp: _time, ...bare } = event();

    expect(jsonOf(prepare(bare))).toEqual({ ...bare, messageId: 'm1-0', timestamp: SENT_AT.toISOString() });
  });

  it('whose times nobody can read is ordered last, as Segment takes it for one of now', () => {
    const { messageId, type, event: name, userId } = event();
    const untimed = { messageId, type, event: name, userId };

    const item = itemOf(segmentConnector(1).prepare(untimed, SOURCE, untimed));

    expect(item.timestampMs).toBe(Number.MAX_SAFE_INTEGER);
    expect(JSON.parse(item.json.toString())).not.toHaveProperty('timestamp');
  });

  it('without a time that can be read has that of its message', () => {
    expect(itemOf(prepare(event({ timestamp: 'yesterday' }))).timestampMs).toBe(SENT_AT.getTime());
  });

  it.each([
    ['is no object', 7, 'invalid_event', /^the event: expected an object/],
    ['has no type', event({ type: undefined }), 'invalid_event', /^type: /],
    ['has a type nobody knows', event({ type: 'trak' }), 'invalid_event', /^type: /],
    ['has no name', event({ event: ' ' }), 'missing_event_name', /event/],
    ['has nobody', event({ userId: '' }), 'missing_identifier', /userId/],
    [
      'has an email alone',
      { type: 'identify', traits: { email: 'a@b.co' } },
      'missing_identifier',
      /^userId/,
    ],
    ['has an id that is not exact', event({ userId: 2 ** 60 }), 'invalid_event', /^userId/],
  ])('that %s is dead-lettered, because Segment would answer 200 and drop it', (_, body, reason, detail) => {
    expect(prepare(body)).toEqual({ kind: 'rejected', reason, detail: expect.stringMatching(detail) });
  });

  it('of 32 KiB is sent, and of one byte more is not', () => {
    const emptyBytes = Buffer.byteLength(JSON.stringify(event({ properties: { text: '' } })));
    const ofBytes = (bytes: number) =>
      prepare(event({ properties: { text: 'x'.repeat(bytes - emptyBytes) } }));

    expect(itemOf(ofBytes(32_768)).json).toHaveLength(32_768);
    expect(ofBytes(32_769)).toEqual({
      kind: 'rejected',
      reason: 'event_too_large',
      detail: 'the event has 32769 bytes; Segment takes 32768',
    });
  });

  it('is measured in bytes, not in characters', () => {
    expect(prepare(event({ properties: { text: '€'.repeat(12_000) } }))).toMatchObject({
      reason: 'event_too_large',
    });
  });

  it('nested too deeply to be written again is dead-lettered', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = JSON.stringify(event({ properties: { deep: 0 } })).replace('"deep":0', `"deep":${deep}`);

    expect(prepare(body)).toMatchObject({ kind: 'rejected', reason: 'invalid_event' });
  });
});

describe('what privacy keeps back', () => {
  const source = sourceOf({ privacy: { deny: ['token', 'email'], ip: 'drop', deadLetters: 'cleaned' } });
  const properties = { link_url: 'https://example.com/?token=planted', ip: '192.0.2.77' };

  it('is in no event that is sent, whoever put it on the queue', () => {
    expect(jsonOf(prepare(event({ properties }), {}, source))).toEqual(
      event({ properties: { link_url: 'https://example.com/?token=' }, context: { traits: {} } }),
    );
  });

  it('is in no dead letter where those are cleaned', () => {
    const { asDeadLetter } = segmentConnector(1);

    expect(asDeadLetter?.(JSON.stringify(event({ properties })), source)).not.toMatch(
      /planted|192\.0\.2|jane/i,
    );
  });
});

const eventOf = (translation: ReturnType<typeof translateActivity>): unknown =>
  translation.outcome === 'event' ? translation.event : undefined;

describe('a reporting webhook, as a dead letter that was moved back holds it', () => {
  const GOLDEN = join(__dirname, '../../../golden-activity');
  const webhook = JSON.parse(readFileSync(join(GOLDEN, 'email-clicked/webhook.json'), 'utf8')) as object;
  const attributes = {
    messageId: '01E4C4CT6YDC7Y5M7FE1G00009',
    source: 'shop',
    reason: 'invalid_event',
    failedAt: '2021-02-11T17:04:49.000Z',
  };

  it('becomes the event that the webhook function makes of it, and nothing of the queue gets into it', () => {
    expect(jsonOf(prepare(webhook, attributes))).toEqual(
      JSON.parse(readFileSync(join(GOLDEN, 'email-clicked/event.json'), 'utf8')),
    );
  });

  it('keeps a messageId that is Customer.io’s own as a property', () => {
    const own = { ...webhook, messageId: 'theirs' };

    expect(jsonOf(prepare(own, attributes))).toMatchObject({ properties: { messageId: 'theirs' } });
  });

  it.each([
    { batch: [event()] },
    { type: 'track' },
    { type: 'x', action: 'track', batch: [] },
    { Type: 'Notification', TopicArn: 'arn', Message: '{}' },
    { 'detail-type': 'x', source: 'y', detail: event() },
  ])('is a webhook whatever else Customer.io puts into it: %j', (fields) => {
    const [own, ...more] = readEvents(readMessage(recordOf({ body: { ...webhook, ...fields }, attributes })));

    expect(more).toEqual([]);
    expect(own?.raw).toEqual({ ...webhook, ...fields });
    expect(jsonOf(prepare({ ...webhook, ...fields }, attributes))).toEqual(
      eventOf(translateActivity({ ...webhook, ...fields }, SOURCE)),
    );
  });

  it('is translated with the settings of today', () => {
    const camel = sourceOf({ activityPropertyCase: 'camel' });
    const translation = translateActivity(webhook, camel);

    expect(jsonOf(prepare(webhook, attributes, camel))).toEqual(eventOf(translation));
  });

  it('is without what privacy keeps back, so that nobody is named by it', () => {
    const denying = sourceOf({ privacy: { deny: ['id', 'recipient'] } });
    const data = { identifiers: { id: '42', email: 'test@example.com' }, recipient: 'test@example.com' };

    const sent = jsonOf(prepare({ ...webhook, data }, attributes, denying));

    expect(sent).toMatchObject({ anonymousId: 'test@example.com' });
    expect(sent).not.toHaveProperty('userId');
    expect(sent).not.toHaveProperty('properties.recipient');
  });

  it.each([
    ['still has no person', { ...webhook, data: {} }, 'missing_identifier', /^data\.identifiers: /],
    ['still has no metric', { ...webhook, metric: '' }, 'invalid_event', /^metric: /],
    [
      'has no time, though the queue has one for it',
      { ...webhook, timestamp: null },
      'invalid_event',
      /^timestamp: /,
    ],
  ])('is dead-lettered again when it %s', (_, body, reason, detail) => {
    expect(prepare(body, attributes)).toEqual({
      kind: 'rejected',
      reason,
      detail: expect.stringMatching(detail),
    });
  });

  it('nested too deeply to be written again is dead-lettered again', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = JSON.stringify({ ...webhook, deep: 0 }).replace('"deep":0', `"deep":${deep}`);

    expect(prepare(body, attributes)).toMatchObject({ kind: 'rejected', reason: 'invalid_event' });
  });
});

describe('Segment as a destination', () => {
  const destinationOf = (over: object = {}, maxConsumers = 1) =>
    segmentConnector(maxConsumers).destination(sourceOf(over)) as Destination;

  it('is the source’s, with its write key as user and no password', () => {
    expect(destinationOf()).toMatchObject({
      name: 'shop',
      request: { url: 'https://api.segment.io/v1/batch', username: 'segment-key', password: '' },
      maxBatchBytes: 500_000,
      maxItems: 2_500,
      rejectedReason: 'rejected_by_segment',
    });
  });

  it.each(['https://events.eu1.segmentapis.com', 'https://events.eu1.segmentapis.com/'])(
    'may be another endpoint: %s',
    (segmentUrl) => {
      expect(destinationOf({ segmentUrl }).request.url).toBe('https://events.eu1.segmentapis.com/v1/batch');
    },
  );

  it('gets a batch without a time of sending, which would shift the times of its events', () => {
    expect(JSON.parse(destinationOf().envelope.join('{}'))).toEqual({ batch: [{}] });
  });

  it('has its rate shared among the forwarders that may run at once', () => {
    expect(destinationOf({}, 4).requestsPerSecond).toBe(25);
    expect(destinationOf({ segmentRequestsPerSecond: 6 }, 4).requestsPerSecond).toBe(1.5);
  });

  it('without a write key is not set up, and says what is missing', () => {
    const source = sourceOf({ segmentWriteKey: undefined });

    expect(segmentConnector(1).destination(source)).toEqual({
      advice: expect.stringContaining('segmentWriteKey'),
    });
  });
});
