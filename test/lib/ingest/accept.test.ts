import { MAX_EVENT_BYTES } from '../../../lib/event/segment-limits';
import type { SharedFields } from '../../../lib/event/shared-fields';
import { type Acceptance, acceptEvents } from '../../../lib/ingest/accept';
import { type Envelope, readEnvelope } from '../../../lib/ingest/envelope';
import { MAX_SHARED_BYTES } from '../../../lib/ingest/request-limits';
import type { BodyRoute } from '../../../lib/ingest/routes';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { Workspace } from '../../../lib/mapping/fate-by-rules';
import type { Rule } from '../../../lib/rules/rule';

const EVENT = { kind: 'event', type: 'track' } as const;
const BATCH = { kind: 'batch' } as const;
const RECEIVED_AT = '2026-11-24T06:00:00.000Z';

const delivery = {
  receivedAtMs: Date.parse(RECEIVED_AT),
  ip: undefined,
  isBrowser: false,
  newMessageId: () => 'generated',
};

const envelope = (events: readonly unknown[], shared?: SharedFields): Envelope => ({
  events,
  texts: () => events.map((event) => writeDeepJson(event)),
  writeKeys: [],
  shared,
});

const acceptBatch = (events: readonly unknown[], shared?: SharedFields): Acceptance => {
  const result = acceptEvents(envelope(events, shared), BATCH, delivery);
  if (result.kind !== 'accepted') throw new Error(result.message);
  return result;
};

const track = (changes: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Signed Up',
  messageId: 'm1',
  ...changes,
});

/** An event of exactly so many bytes. */
const trackOf = (bytes: number) => {
  const filler = bytes - Buffer.byteLength(JSON.stringify(track({ filler: '' })));
  return track({ filler: `${'é'.repeat(Math.floor(filler / 2))}${'x'.repeat(filler % 2)}` });
};

describe('acceptEvents', () => {
  it.each([
    ['its own integrations', { integrations: { 'Actions Customerio': false } }, undefined],
    ["the batch's", {}, { integrations: { All: false } }],
  ] as const)(
    'takes an event that is not for Customer.io by %s, whatever is wrong with it',
    (_, changes, shared) => {
      const { events, rejected } = acceptBatch([track({ userId: undefined, ...changes })], shared);

      expect(events).toHaveLength(1);
      expect(rejected).toEqual([]);
    },
  );

  it('normalises and serialises what can work, in its order', () => {
    const { events, rejected } = acceptBatch([track({ messageId: 'a' }), track({ messageId: 'b' })]);

    expect(rejected).toEqual([]);
    expect(events.map((json) => JSON.parse(json))).toEqual([
      {
        ...track({ messageId: 'a' }),
        originalTimestamp: RECEIVED_AT,
        timestamp: RECEIVED_AT,
        receivedAt: RECEIVED_AT,
      },
      {
        ...track({ messageId: 'b' }),
        originalTimestamp: RECEIVED_AT,
        timestamp: RECEIVED_AT,
        receivedAt: RECEIVED_AT,
      },
    ]);
  });

  it("gives every event its share of the batch's context, integrations and sentAt", () => {
    const { events } = acceptBatch([track({ timestamp: '2026-11-24T05:00:00Z' })], {
      sentAt: '2026-11-24T05:00:01Z',
      context: { library: { name: 'analytics-go' } },
      integrations: { all: false },
    });

    expect(JSON.parse(events[0] ?? '')).toMatchObject({
      timestamp: '2026-11-24T05:59:59.000Z',
      context: { library: { name: 'analytics-go' } },
      integrations: { All: false },
    });
  });

  it.each<[string, unknown, string, string]>([
    ['not an object', 5, 'invalid_event', 'event: expected an object'],
    ['an array', [], 'invalid_event', 'event: expected an object'],
    ['null', null, 'invalid_event', 'event: expected an object'],
    ['of no known type', track({ type: 'delete' }), 'invalid_event', 'type: expected one of'],
    ['of no type', track({ type: undefined }), 'invalid_event', 'type: expected one of'],
    ['without an identifier', track({ userId: null }), 'missing_identifier', 'userId or anonymousId: '],
    ['without a name', track({ event: ' ' }), 'missing_event_name', 'event: expected a string'],
    ['too large', trackOf(MAX_EVENT_BYTES + 1), 'event_too_large', 'event: larger than 32768 bytes'],
  ])('sets an event aside that is %s, as it came, and takes its neighbours', (_, raw, reason, detail) => {
    const { events, rejected } = acceptBatch([track({ messageId: 'a' }), raw, track({ messageId: 'b' })]);

    expect(events.map((json) => JSON.parse(json).messageId)).toEqual(['a', 'b']);
    expect(rejected).toEqual([
      expect.objectContaining({
        body: JSON.stringify(raw),
        reason,
        detail: expect.stringContaining(detail),
      }),
    ]);
  });

  it('gives an event that is set aside its own messageId, where it has one, and the time it came', () => {
    const { rejected } = acceptBatch([
      track({ userId: '', messageId: 'own', timestamp: '2026-11-24T05:00:00Z' }),
      track({ userId: '', messageId: '' }),
      'text',
    ]);

    expect(rejected.map(({ messageId, timestamp }) => [messageId, timestamp])).toEqual([
      ['own', RECEIVED_AT],
      ['generated', RECEIVED_AT],
      ['generated', RECEIVED_AT],
    ]);
  });

  it('finds in the context of the batch whom an event means, and sets aside what is meant for nobody with it', () => {
    const context = { traits: { email: 'ada@example.com' } };
    const text = '{"event":12345678901234567890,"type":"track","context":{"n":1e20}}';
    const body = `{"batch":[{"type":"identify"},${text}],"context":${JSON.stringify(context)},"integrations":{"all":false,"Customer.io":true},"sentAt":"2026-11-24T05:00:01Z"}`;
    const read = readEnvelope(JSON.parse(body), body, BATCH) as Envelope;

    const { events, rejected } = acceptEvents(read, BATCH, delivery) as Acceptance;

    expect(events.map((json) => JSON.parse(json).context)).toEqual([context]);
    expect(rejected).toEqual([
      expect.objectContaining({
        reason: 'missing_event_name',
        body: text,
        shared: {
          context,
          integrations: { all: false, 'Customer.io': true },
          sentAt: '2026-11-24T05:00:01Z',
        },
      }),
    ]);
  });

  it.each([undefined, null, '', 'click'])(
    'takes an event of the type %j that is not for Customer.io, to be skipped as on the queue',
    (type) => {
      const raw = track({ type, integrations: { 'Customer.io': false } });

      const { events, rejected } = acceptBatch([raw]);

      expect(rejected).toEqual([]);
      expect(events.map((json) => JSON.parse(json).type)).toEqual(type === undefined ? [undefined] : [type]);
      expect(acceptEvents(envelope([{ ...raw, type: 'click' }]), EVENT, delivery)).toMatchObject({
        kind: 'accepted',
      });
    },
  );

  it('takes an event that is not for Customer.io however large, as long as a body can be', () => {
    const integrations = { All: false };
    const large = { ...trackOf(MAX_EVENT_BYTES + 1), integrations };
    // Written anew, each of the numbers is four times as long as it came.
    const growing = { ...large, numbers: Array<number>(30_000).fill(1e20) };

    expect(acceptEvents(envelope([large]), EVENT, delivery)).toMatchObject({
      kind: 'accepted',
      rejected: [],
    });
    expect(acceptBatch([large, track()]).events).toHaveLength(2);
    expect(acceptBatch([growing]).rejected).toMatchObject([{ reason: 'event_too_large' }]);
  });

  it('takes an event of exactly the limit, whatever is added to it here', () => {
    const exact = trackOf(MAX_EVENT_BYTES);
    const context = { library: { name: 'x'.repeat(1_000) } };

    expect(Buffer.byteLength(JSON.stringify(exact))).toBe(MAX_EVENT_BYTES);
    expect(acceptBatch([exact], { context }).events).toHaveLength(1);
  });
});

const IDENTIFIED = { field: 'userId', exists: true } as const;

describe('acceptEvents of a source with rules', () => {
  const CONSENT: Workspace = { name: 'shop', consent: { require: ['Marketing'], onMissing: 'deliver' } };
  const REFUSED = { context: { consent: { categoryPreferences: { Marketing: false } } } };
  const byRule = (rule: Omit<Rule, 'name'>): Workspace => ({
    name: 'shop',
    rules: [{ ...rule, name: 'a rule' }],
  });
  const acceptBy = (workspaces: readonly Workspace[], event: object, route: BodyRoute = EVENT) =>
    acceptEvents(envelope([event]), route, { ...delivery, workspaces });
  const visitor = {
    type: 'identify',
    anonymousId: 'a1',
    traits: { crm: 'u1', plan: 'pro' },
    messageId: 'm1',
  };

  it.each<[string, Workspace, object]>([
    ['consent', CONSENT, track({ userId: undefined, ...REFUSED })],
    ['a rule', byRule({ exclude: { type: 'identify', when: { not: IDENTIFIED } } }), visitor],
    ['consent, whatever its type', CONSENT, { type: 'record', messageId: 'm1', ...REFUSED }],
    ['consent, however large it is', CONSENT, { ...trackOf(MAX_EVENT_BYTES), ...REFUSED }],
  ])('takes what is skipped by %s, whatever is wrong with it', (_, workspace, event) => {
    expect(acceptBy([workspace], event)).toMatchObject({ kind: 'accepted', rejected: [] });
    expect(acceptBy([workspace], event, BATCH)).toMatchObject({ events: [expect.any(String)], rejected: [] });
  });

  it('takes what a rule gives an id or a name', () => {
    const named = byRule({ move: { 'traits.crm': 'userId' } });
    const track = { type: 'track', userId: 'u1', properties: { title: 'Signed Up' } };

    expect(acceptBy([named], visitor)).toMatchObject({ kind: 'accepted', rejected: [] });
    expect(acceptBy([byRule({ move: { 'properties.title': 'event' } })], track)).toMatchObject({
      kind: 'accepted',
    });
  });

  it('takes what one of several workspaces skips or can use', () => {
    const [mended, left] = [byRule({ move: { 'traits.crm': 'userId' } }), byRule({ drop: ['traits.plan'] })];

    expect(acceptBy([left, mended], visitor)).toMatchObject({ kind: 'accepted' });
    expect(acceptBy([left, left], visitor)).toMatchObject({ kind: 'refused', code: 'missing_identifier' });
  });

  it('tells of what is too large for a workspace that would not skip it', () => {
    const large = { ...trackOf(MAX_EVENT_BYTES), ...REFUSED };

    expect(acceptBy([CONSENT, { name: 'other' }], large)).toMatchObject({ code: 'payload_too_large' });
  });

  it('tells of what no rule mends', () => {
    const bug = track({ userId: 'undefined' });

    expect(acceptBy([byRule({ drop: ['properties.x'] })], visitor)).toMatchObject({
      code: 'missing_identifier',
    });
    expect(acceptBy([{ ...byRule({ hash: ['userId'] }), hashSalt: 'salt of the tests' }], bug)).toMatchObject(
      { code: 'illegal_identifier' },
    );
    expect(acceptBy([CONSENT], visitor)).toMatchObject({ code: 'missing_identifier' });
    expect(acceptBy([CONSENT], track({ userId: 9_007_199_254_740_994 }))).toMatchObject({
      code: 'invalid_event',
    });
    expect(acceptBy([CONSENT], { type: 'record' })).toMatchObject({ code: 'invalid_event' });
  });
});

describe('acceptEvents of events whose type the path says', () => {
  const PIXEL = { kind: 'event', type: 'page', isPixel: true } as const;

  it.each([
    ['{"context":{"n":1e20}}', '{"context":{"n":1e20},"type":"page"}'],
    ['{"type":"","name":"Home"}', '{"type":"page","name":"Home"}'],
    ['{"type":null}', '{"type":"page"}'],
    ['{"action":"track"}', '{"action":"track","type":"page"}'],
    ['{"action":"page"}', '{"action":"page"}'],
    ['{"action":"click"}', '{"action":"click","type":"page"}'],
    ['{"type":"click"}', '{"type":"click"}'],
    ['{"type":"track"}', '{"type":"track"}'],
  ])('sets %s aside with that type, where it would be of another or none without the path', (text, body) => {
    const read = readEnvelope(JSON.parse(text), text, PIXEL) as Envelope;

    expect(acceptEvents(read, PIXEL, delivery)).toMatchObject({ events: [], rejected: [{ body }] });
  });

  it('does so of several in an array, too', () => {
    const text = '[{"name":"A"},7]';
    const read = readEnvelope(JSON.parse(text), text, EVENT) as Envelope;

    expect(acceptEvents(read, EVENT, delivery)).toMatchObject({
      rejected: [{ body: '{"name":"A","type":"track"}' }, { body: '7' }],
    });
  });
});

describe('acceptEvents of a single event', () => {
  it('takes the type from the path', () => {
    const result = acceptEvents(envelope([track({ type: undefined })]), EVENT, delivery);

    expect(result).toMatchObject({ kind: 'accepted', events: [expect.stringContaining('"type":"track"')] });
  });

  it.each<[unknown, string, string]>([
    [track({ type: 'delete' }), 'invalid_event', 'type: expected one of'],
    [track({ userId: '' }), 'missing_identifier', 'userId or anonymousId: '],
    [{ ...track(), type: 'identify', userId: '', anonymousId: 'a1' }, 'missing_identifier', 'userId: '],
    [track({ userId: '', traits: { email: 'nobody' } }), 'missing_identifier', 'userId or anonymousId: '],
    [{ type: 'alias', userId: 'u1' }, 'missing_identifier', 'previousId: '],
    [{ type: 'group', userId: 'u1' }, 'missing_identifier', 'groupId: '],
    [track({ userId: 'undefined', anonymousId: 'a1' }), 'illegal_identifier', 'userId: '],
    [track({ userId: ['u1'], anonymousId: 'a1' }), 'invalid_event', 'userId: '],
    [track({ event: undefined }), 'missing_event_name', 'event: '],
    [trackOf(MAX_EVENT_BYTES + 1), 'payload_too_large', 'larger than 32768 bytes'],
  ])('refuses what can never work, with the reason as the code', (event, code, message) => {
    expect(acceptEvents(envelope([event]), EVENT, delivery)).toEqual({
      kind: 'refused',
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe('acceptEvents of a batch that no one should have to carry', () => {
  it('refuses what its events share when it is too large', () => {
    const shared = (bytes: number) => ({ context: { filler: 'x'.repeat(bytes) } });

    expect(acceptEvents(envelope([track()], shared(MAX_SHARED_BYTES)), BATCH, delivery)).toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('`context`'),
    });
    expect(acceptBatch([track()], shared(MAX_SHARED_BYTES - 100)).events).toHaveLength(1);
  });

  it('refuses a small body that its context would multiply', () => {
    const filler = { filler: 'x'.repeat(30_000) };
    const events = Array.from({ length: 400 }, () => track());

    expect(acceptEvents(envelope(events, { context: filler }), BATCH, delivery)).toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('sets aside an event as it came that would outgrow a dead letter when it is written anew', () => {
    const text = `{"type":"track","numbers":[${'1e20,'.repeat(90_000)}12345678901234567890]}`;
    const body = `{"batch":[ ${text} , ${JSON.stringify(track())}]}`;
    const read = readEnvelope(JSON.parse(body), body, BATCH) as Envelope;

    const accepted = acceptEvents(read, BATCH, delivery) as Acceptance;

    expect(accepted.events).toHaveLength(1);
    expect(accepted.rejected.map(({ body }) => body === text)).toEqual([true]);
  });

  it.each([
    ['an event', (deep: unknown) => ({ events: [track({ deep }), track()] })],
    ['what is set aside anyway', (deep: unknown) => ({ events: [{ deep }, track()] })],
  ])('sets aside what is nested too deeply to be written again, in %s', (_, toParts) => {
    const { events } = toParts(JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`));

    const accepted = acceptBatch(events);

    expect(accepted.events).toHaveLength(1);
    expect(accepted.rejected).toEqual([
      expect.objectContaining({ body: writeDeepJson(events[0]), reason: 'invalid_event' }),
    ]);
  });

  it('sets aside every event of a batch whose context is nested too deeply', () => {
    const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);

    expect(acceptBatch([track()], { context: { deep } }).rejected).toEqual([
      expect.objectContaining({
        body: JSON.stringify(track()),
        shared: { context: { deep } },
        detail: 'event: nested too deeply to be written as JSON again',
      }),
    ]);
  });

  it('does not hide a mistake of its own', () => {
    const broken = { ...delivery, newMessageId: () => JSON.parse('broken') };

    expect(() => acceptEvents(envelope([track({ messageId: '' })]), BATCH, broken)).toThrow(SyntaxError);
  });
});
