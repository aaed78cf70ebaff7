import fc from 'fast-check';
import {
  isTheirs,
  mayMention,
  otherIdsIn,
  withoutMentions,
  withoutPerson,
} from '../../../../infra/cli/archive/forget-line';
import { idKey } from '../../../../infra/cli/people';

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
  expect(mayMention(text, ids(id))).toBe(true);
  expect(withoutPerson(text, ids(id), 'remove')).not.toBe(text);
  expect(withoutMentions(text, ids(id))).toMatch(/[":=]forgotten"/);
});

it.each([
  ['"a@b.example"', '"forgotten"'],
  ['"A@B.Example."', '"forgotten."'],
  ['mailto:a@b.example?x', 'mailto:forgotten?x'],
  ['e=a%40b.example&', 'e=forgotten&'],
  ['a@b.example.org xa@b.example a@b.examples', 'a@b.example.org xa@b.example a@b.examples'],
  ['"u-1815" u-18151 xu-1815 u-1815-2', '"forgotten" u-18151 xu-1815 u-1815-2'],
  ['a short 17', 'a short 17'],
])('In %s what is left is %s', (text, left) => {
  expect(withoutMentions(text, ids('a@b.example', 'u-1815', '17'))).toBe(left);
});

it('Whatever an event holds, a line without the person is still a line, and of others nothing is lost', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary', minLength: 6 }), (value, id) => {
      const line = { messageId: 'm', event: { userId: 'somebody', properties: { value, id } } };
      const left = withoutPerson(JSON.stringify(line), ids(id), 'remove');

      expect(JSON.parse(left ?? '')).toMatchObject({ messageId: 'm', event: { userId: 'somebody' } });
    }),
  );
});
