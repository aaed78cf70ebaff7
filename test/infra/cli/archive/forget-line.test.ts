import fc from 'fast-check';
import {
  isTheirs,
  mayMention,
  otherIdsIn,
  withoutMentions,
  withoutPerson,
} from '../../../../infra/cli/archive/forget-line';
import { idKey } from '../../../../infra/cli/people';
import { anyCharacter } from '../../../support/any-character';

const ids = (...some: readonly string[]) => new Set(some.map(idKey));

it.each([
  [{ userId: 'u-1815' }, true],
  [{ userId: 'U-1815' }, false],
  [{ traits: { userId: 'u-1815' } }, true],
  [{ context: { externalId: [{ type: 'customerio', id: 'u-1815' }] } }, true],
  [{ type: 'group', groupId: 'acme', userId: 'other', traits: { email: 'u-1815' } }, false],
  [{ anonymousId: 'u-1815', traits: { email: 'other@example.com' } }, false],
  [{ anonymousId: 'u-1815' }, true],
  [{ previousId: 'u-1815', userId: 'new' }, true],
  [{ context: { traits: { email: 'u-1815' } } }, true],
  [{ userId: 'other', anonymousId: 'u-1815' }, false],
  [{ userId: 'u-18151' }, false],
  ['u-1815', false],
])('%j is theirs: %s', (event, expected) => {
  expect(isTheirs(event, ids('u-1815'))).toBe(expected);
});

it('Ids that stand beside are the person’s, but not those of somebody else’s event', () => {
  const event = { userId: 'u-1815', anonymousId: 'visitor', traits: { email: 'Ada@example.com' } };

  expect(otherIdsIn(event, ids('u-1815'))).toEqual(['Ada@example.com', 'visitor']);
  expect(otherIdsIn({ ...event, userId: 'other', traits: {} }, ids('visitor'))).toEqual([]);
});

it('The email of a company is nobody’s, or to forget one would be to forget all who work there', () => {
  const event = { type: 'group', groupId: 'acme', userId: 'u-1815', traits: { email: 'office@example.com' } };

  expect(otherIdsIn(event, ids('u-1815'))).toEqual([]);
});

it.each([
  ['é/ü@x.example', String.raw`{"event":{"userId":"\u00E9\/\u00fc@X.example"}}`],
  ['org/user-1', String.raw`{"event":{"userId":"org\/user-1"}}`],
  ['say "hi"', JSON.stringify({ event: { userId: 'say "hi"' } })],
  ['ada@example.com', '{"event":{"properties":{"url":"https://x.org/?e=ada%40example.com"}}}'],
])('%s is found in %s, and nothing of it is left', (id, text) => {
  const mentioned = text.replace('userId', 'note');
  expect(mayMention(text, ids(id))).toBe(true);
  expect(withoutPerson(text, ids(id), 'remove')).not.toBe(text);
  expect(withoutPerson(mentioned, ids(id), 'remove')).toMatch(/[":=]forgotten"/);
});

it.each([
  ['"a@b.example"', '"forgotten"'],
  ['"A@B.Example."', '"forgotten."'],
  ['mailto:a@b.example?x', 'mailto:forgotten?x'],
  ['e=a%40b.example&', 'e=forgotten&'],
  ['a@b.example.org xa@b.example a@b.examples', 'a@b.example.org xa@b.example a@b.examples'],
  ['"u-1815" u-18151 xu-1815 u-1815-2', '"forgotten" u-18151 xu-1815 u-1815-2'],
  ['a short 17', 'a short 17'],
  ['жu-1815 ü-u-1815', 'жu-1815 ü-u-1815'],
])('In %s what is left is %s', (text, left) => {
  expect(withoutMentions(text, ids('a@b.example', 'u-1815', '17'))).toBe(left);
});

it('Whatever an event holds, a line without the person is still a line, and of others nothing is lost', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: anyCharacter, minLength: 6 }), (value, id) => {
      const line = { messageId: 'm', event: { userId: 'somebody', properties: { value, id } } };
      const left = withoutPerson(JSON.stringify(line), ids(id), 'remove');

      expect(JSON.parse(left ?? '')).toMatchObject({ messageId: 'm', event: { userId: 'somebody' } });
    }),
  );
});

const lineOf = (event: object) => JSON.stringify({ messageId: 'm', outcome: 'delivered', event });
const leftOf = (event: object, ...some: readonly string[]) =>
  JSON.parse(withoutPerson(lineOf(event), ids(...some), 'remove') ?? 'null');

it('The visitor of a shared device goes from an event of somebody else, and nobody takes its place', () => {
  const event = { type: 'track', userId: 'other', anonymousId: 'visitor-7', properties: { n: 1 } };

  expect(leftOf(event, 'visitor-7')).toEqual({
    messageId: 'm',
    outcome: 'delivered',
    event: { type: 'track', userId: 'other', properties: { n: 1 } },
  });
  expect(leftOf({ ...event, anonymousId: 17 }, '17').event).not.toHaveProperty('anonymousId');
});

it('A line in which more than that was replaced says so, for it is not what happened any more', () => {
  const event = { type: 'track', userId: 'other', properties: { by: 'u-1815' } };

  expect(leftOf(event, 'u-1815')).toMatchObject({
    eventChanged: true,
    event: { userId: 'other', properties: { by: 'forgotten' } },
  });
});

it('A number that is an id goes too, and the line stays JSON with every digit of the others', () => {
  const text =
    '{"messageId":"m","attempts":181500,"event":{"userId":"o","properties":{"by":181500,"n":12345678901234567890}}}';

  expect(withoutPerson(text, ids('181500'), 'remove')).toBe(
    '{"messageId":"m","attempts":181500,"event":{"userId":"o","properties":{"by":null,"n":12345678901234567890}},"eventChanged":true}',
  );
});

it.each(['delivered', 'userId', 'properties', 'messageId', 'outcome', '__proto__'])(
  'Somebody called %s does not take the words of a line with them',
  (id) => {
    const left = leftOf({ type: 'track', userId: 'other', properties: { note: `by ${id}` } }, id);

    expect(left).toMatchObject({ messageId: 'm', outcome: 'delivered' });
    expect(left.event).toMatchObject({ userId: 'other', properties: { note: 'by forgotten' } });
  },
);

it.each([
  ['half a line', '{"messageId":"m","event":{"userId":"u-1815","traits":{"name":"Ada Lov'],
  ['half a line of a short id', '{"event":{"userId":"17","traits":{"name":"Ada Lov'],
  ['half a line of a number', '{"event":{"userId":17,"traits":{"name":"Ada Lov'],
  ['two that became one', '{"event":{"userId":"o"}}{"event":{"anonymousId":"A@b.Example"}}'],
])('Of %s nobody can say what is whose, and all of it goes', (_, text) => {
  expect(withoutPerson(text, ids('u-1815', '17', 'a@b.example'), 'remove')).toBeUndefined();
  expect(withoutPerson(text, ids('u-181', '7', 'b.example', 'mess'), 'mask')).toBe(text);
});

it('Nobody else’s id is changed, though it begins like theirs', () => {
  const event = { userId: 'org:1815:7', anonymousId: 'org:1815/x', traits: { team: 'org:1815' } };

  expect(leftOf(event, 'org:1815').event).toEqual({ ...event, traits: { team: 'forgotten' } });
});

it.each(['İlk@x.example', 'STRASSEẞ@x.example', '\u212Aay@x.example'])(
  '%s is the same in lower case',
  (email) => {
    const line = lineOf({
      userId: 'other',
      properties: { to: `Dear ${email.toLowerCase()}, hi`, cc: email },
    });
    const left = withoutPerson(line, ids(email), 'remove') ?? '';

    expect(left.toLowerCase()).not.toContain('@x.example');
    expect(JSON.parse(left).event.properties.cc).toBe('forgotten');
  },
);
