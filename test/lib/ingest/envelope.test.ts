import { type Envelope, readEnvelope } from '../../../lib/ingest/envelope';
import { MAX_BATCH_EVENTS } from '../../../lib/ingest/request-limits';
import type { BodyRoute } from '../../../lib/ingest/routes';

const EVENT = { kind: 'event', type: 'track' } as const;
const BATCH = { kind: 'batch' } as const;

const envelopeOf = (text: string, route: BodyRoute) => readEnvelope(JSON.parse(text), text, route);

describe('readEnvelope of one event', () => {
  it('is the event itself', () => {
    const event = { type: 'track', writeKey: 'key', sentAt: 'x', context: { ip: '1' }, batch: [1] };

    expect(envelopeOf(JSON.stringify(event), EVENT)).toEqual({
      events: [event],
      texts: expect.any(Function),
      writeKeys: ['key'],
      shared: undefined,
    });
  });

  it.each(['1', '"text"', 'null', 'true'])('refuses %s', (text) => {
    expect(envelopeOf(text, EVENT)).toEqual({
      kind: 'refused',
      code: 'malformed_json',
      message: 'The body must be a JSON object: the event.',
    });
  });
});

describe('readEnvelope of a batch', () => {
  it('holds what the events share, and no other key', () => {
    const text = JSON.stringify({
      batch: [{ type: 'track' }, 5],
      writeKey: 'key',
      sentAt: '2026-11-24T06:00:00Z',
      context: { library: { name: 'analytics-go' } },
      integrations: { all: false },
      timestamp: 'not an event field',
      messageId: 'not an event field',
      sequence: 1,
    });

    expect(envelopeOf(text, BATCH)).toEqual({
      events: [{ type: 'track' }, 5],
      texts: expect.any(Function),
      writeKeys: ['key', undefined],
      shared: {
        sentAt: '2026-11-24T06:00:00Z',
        context: { library: { name: 'analytics-go' } },
        integrations: { all: false },
      },
    });
  });

  it('looks for the write key in the batch first, then in its first event', () => {
    const { writeKeys } = envelopeOf(
      '{"batch":[{"writeKey":"b"},{"writeKey":"c"}],"writeKey":"a"}',
      BATCH,
    ) as Envelope;

    expect(writeKeys).toEqual(['a', 'b']);
  });

  it.each(['null', '1', '[]', '"x"'])('takes %s as `context` and `integrations` for none', (value) => {
    expect(envelopeOf(`{"batch":[],"context":${value},"integrations":${value}}`, BATCH)).toMatchObject({
      events: [],
      shared: undefined,
    });
  });

  it.each(['{}', '5', '{"batch":{}}', '{"batch":null}', '{"type":"batch"}'])('refuses %s', (text) => {
    expect(envelopeOf(text, BATCH)).toEqual({
      kind: 'refused',
      code: 'malformed_json',
      message: 'The body must be a JSON object with an array `batch`.',
    });
  });

  it.each([EVENT, BATCH])('may be a bare array, on a path for %j', (route) => {
    expect(envelopeOf('[{"type":"track","writeKey":"key"},5]', route)).toEqual({
      events: [{ type: 'track', writeKey: 'key' }, 5],
      texts: expect.any(Function),
      writeKeys: [undefined, 'key'],
      shared: undefined,
    });
  });

  it.each([{ type: 'trakc' }, { type: 7, batch: 'none' }, { action: 'unheard of' }])(
    'is an event where it has a type, known or not, and no array of events: %j',
    (event) => {
      expect(envelopeOf(JSON.stringify(event), BATCH)).toMatchObject({ events: [event] });
    },
  );

  it('keeps the texts of a bare array too', () => {
    const { texts } = envelopeOf(' [ {"n": 1e20} ,0]', EVENT) as Envelope;

    expect(texts()).toEqual(['{"n": 1e20}', '0']);
  });

  it.each([
    '{"type":"track","batch":[{"type":"page"}]}',
    '{"action":"track","batch":[]}',
    '{"type":"track"}',
  ])('takes %s for the event that it says to be', (text) => {
    expect(envelopeOf(text, BATCH)).toMatchObject({ events: [JSON.parse(text)] });
  });

  it('keeps the texts of its events to the last digit', () => {
    const { texts } = envelopeOf('{"sentAt":1,"batch":[ {"n": 1e20} ,0]}', BATCH) as Envelope;

    expect(texts()).toEqual(['{"n": 1e20}', '0']);
  });

  it('bounds the number of events', () => {
    const batchOf = (count: number): string =>
      JSON.stringify({ batch: Array.from({ length: count }, () => 1) });

    expect(envelopeOf(batchOf(MAX_BATCH_EVENTS), BATCH)).not.toHaveProperty('code');
    expect(envelopeOf(batchOf(MAX_BATCH_EVENTS + 1), BATCH)).toMatchObject({ code: 'payload_too_large' });
  });
});
