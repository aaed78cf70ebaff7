import { type Envelope, parseEnvelope } from '../../../lib/ingest/envelope';
import { MAX_BATCH_EVENTS } from '../../../lib/ingest/request-limits';

const EVENT = { kind: 'event', type: 'track' } as const;
const BATCH = { kind: 'batch' } as const;

describe('parseEnvelope of one event', () => {
  it('is the event itself', () => {
    const event = { type: 'track', writeKey: 'key', sentAt: 'x', context: { ip: '1' }, batch: [1] };

    expect(parseEnvelope(JSON.stringify(event), EVENT)).toEqual({
      events: [event],
      writeKeys: ['key'],
      sentAt: undefined,
      context: undefined,
      integrations: undefined,
    });
  });

  it.each(['[]', '1', '"text"', 'null', 'true'])('refuses %s', (text) => {
    expect(parseEnvelope(text, EVENT)).toEqual({
      kind: 'refused',
      code: 'malformed_json',
      message: 'The body must be a JSON object: the event.',
    });
  });
});

describe('parseEnvelope of a batch', () => {
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

    expect(parseEnvelope(text, BATCH)).toEqual({
      events: [{ type: 'track' }, 5],
      writeKeys: ['key', undefined],
      sentAt: '2026-11-24T06:00:00Z',
      context: { library: { name: 'analytics-go' } },
      integrations: { all: false },
    });
  });

  it('looks for the write key in the batch first, then in its first event', () => {
    const { writeKeys } = parseEnvelope(
      '{"batch":[{"writeKey":"b"},{"writeKey":"c"}],"writeKey":"a"}',
      BATCH,
    ) as Envelope;

    expect(writeKeys).toEqual(['a', 'b']);
  });

  it.each(['null', '1', '[]', '"x"'])('takes %s as `context` and `integrations` for none', (value) => {
    expect(parseEnvelope(`{"batch":[],"context":${value},"integrations":${value}}`, BATCH)).toMatchObject({
      events: [],
      context: undefined,
      integrations: undefined,
    });
  });

  it.each(['{}', '[]', '[{"type":"track"}]', '{"batch":{}}', '{"batch":null}', '{"type":"track"}'])(
    'refuses %s',
    (text) => {
      expect(parseEnvelope(text, BATCH)).toEqual({
        kind: 'refused',
        code: 'malformed_json',
        message: 'The body must be a JSON object with an array `batch`.',
      });
    },
  );

  it('bounds the number of events', () => {
    const batchOf = (count: number): string =>
      JSON.stringify({ batch: Array.from({ length: count }, () => 1) });

    expect(parseEnvelope(batchOf(MAX_BATCH_EVENTS), BATCH)).not.toHaveProperty('code');
    expect(parseEnvelope(batchOf(MAX_BATCH_EVENTS + 1), BATCH)).toMatchObject({ code: 'payload_too_large' });
  });
});

describe('parseEnvelope of what is no JSON', () => {
  it('says that there is nothing', () => {
    expect(parseEnvelope('', BATCH)).toMatchObject({
      code: 'malformed_json',
      message: 'The body is empty. Send JSON.',
    });
  });

  it('says where the mistake is, and quotes nothing', () => {
    const refusal = parseEnvelope('{"userId":"secret" "x":1}', EVENT);

    expect(refusal).toMatchObject({
      code: 'malformed_json',
      message: 'The body is not valid JSON (at position 19).',
    });
    expect(parseEnvelope('secret', EVENT)).toMatchObject({ message: 'The body is not valid JSON.' });
  });
});
