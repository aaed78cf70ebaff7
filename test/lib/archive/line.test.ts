import fc from 'fast-check';
import { type EndFacts, headOf, MAX_EVENT_CHARACTERS, readLine, tailOf } from '../../../lib/archive/line';
import { anyCharacter } from '../../support/any-character';

const END: EndFacts = {
  receivedAtMs: Date.parse('2026-03-01T10:00:00.000Z'),
  endedAtMs: Date.parse('2026-03-01T10:00:02.500Z'),
  source: 'shop',
  workspace: undefined,
  outcome: 'delivered',
  reason: undefined,
  detail: undefined,
  attempts: 1,
};
const FACTS = { messageId: 'm1', type: 'track', event: undefined, leftOut: undefined };

const read = (text: string) => {
  const line = readLine(text);
  if (line === undefined) throw new Error(`No line: ${text}`);
  return line;
};

it('A line says what became of an event, and when', () => {
  expect(JSON.parse(headOf(END) + tailOf(FACTS))).toEqual({
    receivedAt: '2026-03-01T10:00:00.000Z',
    endedAt: '2026-03-01T10:00:02.500Z',
    source: 'shop',
    outcome: 'delivered',
    attempts: 1,
    messageId: 'm1',
    type: 'track',
  });
});

it('A line with workspace, reason, detail and the event reads back as it was written', () => {
  const end = {
    ...END,
    workspace: 'eu',
    outcome: 'dead_lettered',
    reason: 'invalid_event',
    detail: 'a: "b"',
  };
  const text = headOf({ ...end, outcome: 'dead_lettered' }) + tailOf({ ...FACTS, event: '{"type":"track"}' });

  expect(read(text)).toMatchObject({
    workspace: 'eu',
    outcome: 'dead_lettered',
    reason: 'invalid_event',
    detail: 'a: "b"',
    event: { type: 'track' },
  });
});

it('Whatever a sender writes into an id, a type or an event, the line is one line and reads back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, maxLength: 60 }),
      fc.string(),
      fc.jsonValue(),
      (id, type, event) => {
        fc.pre(id !== '');
        const text =
          headOf({ ...END, detail: id }) +
          tailOf({ ...FACTS, messageId: id, type, event: JSON.stringify(event, null, 1) });

        expect(text).not.toMatch(/[\r\n]/);
        expect(JSON.parse(text)).toMatchObject({ messageId: id, type, detail: id });
        expect(read(text).event).toEqual(JSON.parse(JSON.stringify(event)));
      },
    ),
  );
});

it('An event that is too large for a record is left out, and the line says so', () => {
  const event = JSON.stringify('x'.repeat(MAX_EVENT_CHARACTERS));

  expect(read(headOf(END) + tailOf({ ...FACTS, event }))).toMatchObject({
    event: undefined,
    eventLeftOut: 'too_large',
  });
});

it('A messageId without an end is cut', () => {
  expect(read(headOf(END) + tailOf({ ...FACTS, messageId: 'm'.repeat(5_000) })).messageId).toHaveLength(
    1_000,
  );
});

it.each(['', '{', '[]', 'null', '{"receivedAt":"2026-03-01T10:00:00.000Z"}'])('%j is no line', (text) => {
  expect(readLine(text)).toBeUndefined();
});
