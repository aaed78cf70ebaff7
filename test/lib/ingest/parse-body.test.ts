import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedBody, parseBody } from '../../../lib/ingest/parse-body';
import { MAX_BATCH_EVENTS } from '../../../lib/ingest/request-limits';

const EVENT = { kind: 'event', type: 'track' } as const;
const BATCH = { kind: 'batch' } as const;
const FIXTURES = join(__dirname, '../../fixtures/broken-bodies');

it.each(['', ' \n'])('says of %j that there is nothing', (text) => {
  expect(parseBody(text, BATCH)).toMatchObject({
    code: 'malformed_json',
    message: 'The body is empty. Send JSON.',
  });
});

it('is one envelope where the body is JSON', () => {
  expect(parseBody('{"batch":[1],"sentAt":"2026-11-24"}', BATCH)).toMatchObject({
    envelopes: [{ events: [1], shared: { sentAt: '2026-11-24' } }],
    unreadable: undefined,
  });
  expect(parseBody('5', EVENT)).toMatchObject({ code: 'malformed_json' });
});

it.each(readdirSync(FIXTURES))('saves what is whole of %s', (name) => {
  const text = readFileSync(join(FIXTURES, name, 'body.txt'), 'utf8');
  const saved = JSON.parse(readFileSync(join(FIXTURES, name, 'saved.json'), 'utf8'));

  const { envelopes, unreadable } = parseBody(text, BATCH) as ParsedBody;

  expect(envelopes.map(({ events }) => events)).toEqual(
    saved.envelopes.map(({ events }: { events: unknown }) => events),
  );
  expect(envelopes.map(({ shared }) => shared?.sentAt)).toEqual(
    saved.envelopes.map(({ fields }: { fields: { sentAt?: unknown } }) => fields.sentAt),
  );
  expect(unreadable === undefined).toBe(saved.isComplete);
});

it('says where the mistake is, and quotes nothing', () => {
  expect(parseBody('{"userId":"secret" "x":1', EVENT)).toEqual({
    envelopes: [],
    unreadable: ', at position 19 (line 1 column 20)',
  });
  expect(parseBody('secret', EVENT)).toEqual({ envelopes: [], unreadable: '' });
});

it('bounds the number of events over all envelopes', () => {
  const half = `{"batch":[${'{"type":"track"},'.repeat(MAX_BATCH_EVENTS / 2)}{"type":"track"}]}`;

  expect(parseBody(half + half, BATCH)).toMatchObject({ code: 'payload_too_large' });
});
