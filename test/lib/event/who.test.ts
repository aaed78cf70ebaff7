// The ladder: whom an event means. What it finds no one in, test/lib/event/find-fault.test.ts shows.

import { findAliased, findAnyone, findGroup, findKnown, type IdentitySettings } from '../../../lib/event/who';

const SETTINGS: IdentitySettings = { workspaceIdentifiers: 'email_or_id' };
const ID_ONLY: IdentitySettings = { workspaceIdentifiers: 'id' };

const ours = (id: unknown, type: unknown = 'userId') => ({ type, id });

describe('the ladder', () => {
  const rungs = [
    [{ userId: 'u1' }, { by: 'id', value: 'u1' }],
    [{ traits: { userId: 'u2' } }, { by: 'id', value: 'u2' }],
    [{ context: { traits: { userId: 3 } } }, { by: 'id', value: '3' }],
    [{ context: { externalId: [ours('u4')] } }, { by: 'id', value: 'u4' }],
    [{ traits: { email: 'traits@example.com' } }, { by: 'email', value: 'traits@example.com' }],
    [
      { context: { traits: { email: ' context@example.com ' } } },
      { by: 'email', value: 'context@example.com' },
    ],
    [{ anonymousId: 'a1' }, { by: 'anonymous_id', value: 'a1' }],
  ] as const;

  const mergedFrom = (from: number) => {
    const parts: Record<string, unknown>[] = rungs.slice(from).map(([part]) => part);
    const contexts = parts.map(({ context }) => context as { traits?: object } | undefined);
    return {
      ...Object.assign({}, ...parts),
      traits: Object.assign({}, ...parts.map(({ traits }) => traits)),
      context: {
        ...Object.assign({}, ...contexts),
        traits: Object.assign({}, ...contexts.map((context) => context?.traits)),
      },
    };
  };

  it.each(rungs.map(([part, who], rung) => [rung, part, who] as const))(
    'has as rung %i what %j says, whatever stands below',
    (rung, part, who) => {
      expect(findAnyone(part, SETTINGS)).toEqual(who);
      expect(findAnyone(mergedFrom(rung), SETTINGS)).toEqual(who);
      if (who.by !== 'anonymous_id') expect(findKnown(mergedFrom(rung), SETTINGS)).toEqual(who);
    },
  );

  it('leaves emails out where the workspace knows people by id alone', () => {
    const event = { traits: { email: 'a@example.com' }, anonymousId: 7 };

    expect(findAnyone(event, ID_ONLY)).toEqual({ by: 'anonymous_id', value: '7' });
    expect(findKnown(event, ID_ONLY)).toHaveProperty('reason', 'missing_identifier');
  });

  it.each([
    [[ours('u1', 'userId')]],
    [[ours('u1', 'customerio')]],
    [[ours('u1', 'CUSTOMERIO')]],
    [[ours('u1', 'id')]],
    [
      [
        ours('x', 'brazeExternalId'),
        ours('', 'id'),
        ours(null, 'id'),
        ours({}, 'braze'),
        'text',
        null,
        ours('u1', 'id'),
        ours('u2'),
      ],
    ],
  ])('finds our id among the external ones %j', (externalId) => {
    expect(findKnown({ context: { externalId } }, SETTINGS)).toEqual({ by: 'id', value: 'u1' });
  });

  it.each([[[ours('u1', 'braze')]], [[ours('u1', 7)]], [[{ id: 'u1' }]], [ours('u1')], ['u1'], [[]]])(
    'finds none of ours among %j',
    (externalId) => {
      expect(findKnown({ context: { externalId } }, SETTINGS)).toHaveProperty('reason');
    },
  );

  it.each([' ', '', null, undefined])('passes over %j, which is no id', (userId) => {
    const context = { traits: { userId }, externalId: [ours(userId)] };

    expect(findAnyone({ traits: { userId }, context, anonymousId: 'a1' }, SETTINGS)).toEqual({
      by: 'anonymous_id',
      value: 'a1',
    });
  });

  it.each([
    [{}, 'got object'],
    [['u1'], 'got array'],
    [true, 'got boolean'],
    [2 ** 53, 'a number too large'],
  ])('ends at %j wherever an id stands, because it would have said who is meant', (userId, detail) => {
    const rest = { anonymousId: 'a1', traits: { email: 'ada@example.com' } };
    const places = [
      ['traits.userId', { traits: { ...rest.traits, userId }, context: { traits: { userId: 'u1' } } }],
      ['context.traits.userId', { context: { traits: { userId }, externalId: [ours('u1')] } }],
      ['context.externalId', { context: { externalId: [ours('b', 'braze'), ours(userId), ours('u1')] } }],
    ] as const;

    for (const [place, fields] of places) {
      const fault = { reason: 'invalid_event', detail: expect.stringMatching(`^${place}: .*${detail}`) };
      expect(findAnyone({ ...rest, ...fields }, SETTINGS)).toEqual(fault);
      expect(findKnown({ ...rest, ...fields }, SETTINGS)).toEqual(fault);
      expect(findAnyone({ ...rest, ...fields, userId: 'u1' }, SETTINGS)).toEqual({ by: 'id', value: 'u1' });
    }
    const { context } = places[1][1];
    expect(findGroup({ groupId: 'g1', anonymousId: 'a1', context }, SETTINGS)).toHaveProperty(
      'reason',
      'invalid_event',
    );
    expect(findGroup({ groupId: 'g1', traits: { userId } }, SETTINGS)).toHaveProperty('groupId', 'g1');
  });
});

describe('a group', () => {
  const traits = { email: 'office@example.com', userId: 'company-7' };

  it("does not take a company's address or id for a person's", () => {
    expect(findGroup({ groupId: 'g1', traits }, SETTINGS)).toEqual({ groupId: 'g1', member: undefined });
    expect(findGroup({ groupId: 'g1', traits, anonymousId: 'a1' }, SETTINGS)).toEqual({
      groupId: 'g1',
      member: { by: 'anonymous_id', value: 'a1' },
    });
  });

  it('takes the person from the context', () => {
    const context = { traits: { email: 'ada@example.com' } };

    expect(findGroup({ groupId: 7, traits, context }, SETTINGS)).toEqual({
      groupId: '7',
      member: { by: 'email', value: 'ada@example.com' },
    });
  });
});

describe('an alias', () => {
  it('is of the two ids it names, and nothing stands in for either', () => {
    const context = { traits: { userId: 'u2', email: 'ada@example.com' } };

    expect(findAliased({ userId: 'u1', previousId: 7 }, SETTINGS)).toEqual({ userId: 'u1', previousId: '7' });
    expect(findAliased({ previousId: 'p1', traits: context.traits, context }, SETTINGS)).toHaveProperty(
      'reason',
    );
  });
});
