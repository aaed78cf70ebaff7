import type { Sandbox } from '../../../../infra/local/sandbox/server';
import { activityTypes, event, identify, type Json, person, sendBatch, start } from './client';

const EMAIL = 'jane@example.com';

const people = (sandbox: Sandbox) => sandbox.workspace.listPeople();
const newest = (sandbox: Sandbox) => sandbox.workspace.activities(1)[0];

/** Sends each in a request of its own, and answers the sandbox. */
const sandboxAfter = async (...operations: readonly unknown[]): Promise<Sandbox> => {
  const sandbox = await start();
  for (const operation of operations) expect((await sendBatch(sandbox, operation)).status).toBe(200);
  return sandbox;
};

const cioId = (sandbox: Sandbox): string => people(sandbox)[0]?.identifiers['cio_id'] ?? '';

describe('identify', () => {
  it('creates a person with identifiers, a cio_id and attributes', async () => {
    const sandbox = await sandboxAfter(identify({ id: 'u1' }, { email: EMAIL, plan: 'pro' }));

    expect(people(sandbox)).toEqual([
      {
        identifiers: { id: 'u1', email: EMAIL, cio_id: expect.stringMatching(/^[0-9a-f]{8}$/) },
        attributes: { email: EMAIL, plan: 'pro' },
        devices: [],
        relationships: [],
        unsubscribed: false,
        events: 0,
      },
    ]);
    expect(activityTypes(sandbox)).toEqual(['Person Created', 'Attribute Change']);
    expect(newest(sandbox)).toEqual({
      activity_type: 'Attribute Change',
      activity_name: 'email, plan',
      identifiers: people(sandbox)[0]?.identifiers,
      attributes: { email: EMAIL, plan: 'pro' },
      timestamp: 1_700_000_000,
    });
  });

  it('knows ids by their case, and emails whatever theirs', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, {}),
      identify({ id: 'U1' }, {}),
      identify({ email: EMAIL }, {}),
      identify({ email: 'JANE@Example.com' }, { plan: 'pro' }),
    );

    expect(people(sandbox)).toHaveLength(3);
    expect(people(sandbox)[2]).toMatchObject({ identifiers: { email: EMAIL }, attributes: { plan: 'pro' } });
  });

  it('takes a number as id', async () => {
    const sandbox = await sandboxAfter(identify({ id: 42 }, { plan: 'pro' }), event({ id: '42' }));

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: '42' }, events: 1 }]);
  });

  it.each([null, ''])('removes an attribute by %p', async (value) => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { plan: 'pro', city: 'Paris' }, 1),
      identify({ id: 'u1' }, { plan: value }, 2),
    );

    expect(people(sandbox)[0]?.attributes).toEqual({ city: 'Paris' });
  });

  it('does not bring back what was removed later', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { plan: null }, 2),
      identify({ id: 'u1' }, { plan: 'pro' }, 1),
    );

    expect(people(sandbox)[0]?.attributes).toEqual({});
    expect(newest(sandbox)).toMatchObject({ activity_type: 'Skipped Update', activity_name: 'plan' });
  });

  it('applies what is newer of an update and leaves the rest', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { plan: 'pro' }, 2),
      identify({ id: 'u1' }, { plan: 'free', city: 'Paris' }, 1),
    );

    expect(people(sandbox)[0]?.attributes).toEqual({ plan: 'pro', city: 'Paris' });
    expect(newest(sandbox)).toMatchObject({
      activity_type: 'Attribute Change',
      attributes: { city: 'Paris' },
    });
  });

  it('of the same second is ordered by arrival', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { plan: 'free' }, 1),
      identify({ id: 'u1' }, { plan: 'pro' }, 1),
    );

    expect(people(sandbox)[0]?.attributes).toEqual({ plan: 'pro' });
  });

  it('without a timestamp is of the time it arrives', async () => {
    const sandbox = await start({ clock: () => 50_999 });

    await sendBatch(sandbox, person({ id: 'u1' }, 'identify', { attributes: { plan: 'pro' } }));
    await sendBatch(sandbox, identify({ id: 'u1' }, { plan: 'old' }, 49));

    expect(people(sandbox)[0]?.attributes).toEqual({ plan: 'pro' });
    expect(sandbox.workspace.activities().at(-1)?.timestamp).toBe(50);
  });

  it('with _update changes who exists', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, {}),
      identify({ id: 'u1' }, { _update: true, plan: 'pro' }),
    );

    expect(people(sandbox)[0]?.attributes).toEqual({ plan: 'pro' });
  });

  it('with _update creates nobody', async () => {
    const sandbox = await sandboxAfter(identify({ id: 'u1' }, { _update: true, plan: 'pro' }));

    expect(people(sandbox)).toEqual([]);
    expect(newest(sandbox)).toMatchObject({
      activity_type: 'Failed Attribute Change',
      identifiers: { id: 'u1' },
    });
  });

  it('keeps an attribute named __proto__ and lets it change nothing else', async () => {
    const attributes = JSON.parse('{"__proto__":"x"}') as Json;

    const sandbox = await sandboxAfter(identify({ id: 'u1' }, attributes));

    expect(Object.entries(people(sandbox)[0]?.attributes ?? {})).toEqual([['__proto__', 'x']]);
  });

  it.each([
    [true, true],
    ['TRUE', true],
    [1, true],
    ['1', true],
    [false, false],
    ['yes', false],
  ])('with unsubscribed %p leaves the person unsubscribed: %p', async (unsubscribed, expected) => {
    const sandbox = await sandboxAfter(identify({ id: 'u1' }, { unsubscribed }));

    expect(people(sandbox)[0]).toMatchObject({ attributes: { unsubscribed }, unsubscribed: expected });
  });

  it('gives a person 300 attributes at most', async () => {
    const attributes = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${from + index}`, 1]));

    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, attributes(0, 299), 1),
      identify({ id: 'u1' }, { a0: null }, 2),
      identify({ id: 'u1' }, { b0: 1, b1: 1, b2: 1, a1: 2 }, 3),
    );

    expect(Object.keys(people(sandbox)[0]?.attributes ?? {})).toHaveLength(300);
    expect(sandbox.workspace.activities(2)).toMatchObject([
      { activity_type: 'Attribute Update Failure', activity_name: 'b2' },
      { activity_type: 'Attribute Change', activity_name: 'b0, b1, a1' },
    ]);
  });
});

describe('subscription preferences', () => {
  it('change topic by topic, whatever order they arrive in', async () => {
    const whole = identify(
      { id: 'u1' },
      { cio_subscription_preferences: { topics: { topic_1: true, topic_2: true } } },
      2,
    );
    const one = identify({ id: 'u1' }, { 'cio_subscription_preferences.topics.topic_1': false }, 3);
    const outdated = identify({ id: 'u1' }, { 'cio_subscription_preferences.topics.topic_2': false }, 1);

    for (const order of [
      [whole, one, outdated],
      [outdated, one, whole],
    ]) {
      const sandbox = await sandboxAfter(...order);

      expect(people(sandbox)[0]?.attributes).toEqual({
        cio_subscription_preferences: { topics: { topic_1: false, topic_2: true } },
      });
    }
  });
});

describe('identifiers', () => {
  it('that a lead by email lacks are added when the id becomes known', async () => {
    const sandbox = await sandboxAfter(
      identify({ email: EMAIL }, { source: 'ad' }, 1),
      identify({ id: 'u1' }, { email: EMAIL, plan: 'pro' }, 2),
    );

    expect(people(sandbox)).toMatchObject([
      { identifiers: { id: 'u1', email: EMAIL }, attributes: { source: 'ad', plan: 'pro' } },
    ]);
  });

  it('of a new id with a known email rename the person', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }, 1),
      identify({ id: 'u2' }, { email: EMAIL }, 2),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u2', email: EMAIL } }]);
  });

  it('that are free can be added by email too', async () => {
    const sandbox = await sandboxAfter(identify({ email: EMAIL }, { id: 'u1' }), event({ id: 'u1' }));

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u1', email: EMAIL }, events: 1 }]);
  });

  it('that belong to somebody else are not taken: 200, and a failure in the log', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }),
      identify({ id: 'u2' }, {}),
      identify({ id: 'u2' }, { email: EMAIL.toUpperCase(), plan: 'pro' }),
    );

    expect(people(sandbox)[1]).toMatchObject({ attributes: { plan: 'pro' } });
    expect(people(sandbox)[1]?.identifiers).not.toHaveProperty('email');
    expect(newest(sandbox)).toMatchObject({
      activity_type: 'Attribute Update Failure',
      activity_name: 'email',
      identifiers: { id: 'u2' },
    });
  });

  it.each([
    [true, 'new@example.com'],
    [false, EMAIL],
  ])(
    'addressed by id change the email where the workspace allows it: %p',
    async (emailUpdatesById, expected) => {
      const sandbox = await start({ workspaces: [{ siteId: 'local', apiKey: 'local', emailUpdatesById }] });

      await sendBatch(sandbox, identify({ id: 'u1' }, { email: EMAIL }, 1));
      await sendBatch(sandbox, identify({ id: 'u1' }, { email: 'new@example.com' }, 2));

      expect(people(sandbox)[0]?.identifiers['email']).toBe(expected);
    },
  );

  it('that were changed lead to the person, and the old ones to nobody', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }, 1),
      identify({ id: 'u1' }, { email: 'new@example.com' }, 2),
      event({ email: 'NEW@example.com' }),
      event({ email: EMAIL }),
    );

    expect(people(sandbox)).toMatchObject([
      { identifiers: { id: 'u1', email: 'new@example.com' }, events: 1 },
      { identifiers: { email: EMAIL }, events: 1 },
    ]);
  });

  it('both change for who is addressed by cio_id', async () => {
    const sandbox = await sandboxAfter(identify({ id: 'u1' }, { email: EMAIL }, 1));

    await sendBatch(sandbox, identify({ cio_id: cioId(sandbox) }, { id: 'u9', email: 'new@example.com' }, 2));

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u9', email: 'new@example.com' } }]);
  });

  it('of a cio_id that does not exist change nothing', async () => {
    const sandbox = await sandboxAfter(
      identify({ cio_id: 'a3000099' }, { plan: 'pro' }),
      event({ cio_id: 'a3000099' }),
    );

    expect(people(sandbox)).toEqual([]);
    expect(activityTypes(sandbox)).toEqual(['Failed Attribute Change', 'Failed Event']);
  });

  it('set by email do not change the email, nor an id that is set', async () => {
    const sandbox = await sandboxAfter(
      identify({ email: EMAIL }, { id: 'u1' }, 1),
      identify({ email: EMAIL }, { email: 'new@example.com', id: 'u2', cio_id: 'a3000007' }, 2),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u1', email: EMAIL } }]);
    expect(newest(sandbox)).toMatchObject({
      activity_type: 'Attribute Update Failure',
      activity_name: 'email, id, cio_id',
    });
  });

  it('go with null, except the last one', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }, 1),
      identify({ id: 'u1' }, { email: null }, 2),
      identify({ email: EMAIL }, {}, 3),
      identify({ email: EMAIL }, { email: null }, 4),
    );

    expect(people(sandbox).map(({ identifiers: { cio_id: _, ...rest } }) => rest)).toEqual([
      { id: 'u1' },
      { email: EMAIL },
    ]);
  });

  it.each([[{}], [true], [[]]])('are no %j', async (email) => {
    const sandbox = await sandboxAfter(identify({ id: 'u1' }, { email }));

    expect(people(sandbox)[0]?.identifiers).not.toHaveProperty('email');
    expect(newest(sandbox)?.activity_type).toBe('Attribute Update Failure');
  });
});

describe('deletion', () => {
  it('removes the person, whom any later call creates anew', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL, plan: 'pro' }),
      person({ id: 'u1' }, 'delete'),
      event({ email: EMAIL }),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { email: EMAIL }, attributes: {}, events: 1 }]);
    expect(activityTypes(sandbox)).toContain('Person Deleted');
  });

  it('of nobody changes nothing', async () => {
    const sandbox = await sandboxAfter(person({ id: 'u1' }, 'delete'));

    expect(activityTypes(sandbox)).toEqual(['Skipped Update']);
  });
});

describe('suppression', () => {
  it('deletes the person and ignores their identifiers from then on', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }),
      person({ id: 'u1' }, 'suppress'),
      event({ id: 'u1' }),
      identify({ email: EMAIL }, { plan: 'pro' }),
      { type: 'person', action: 'merge', primary: { id: 'u1' }, secondary: { id: 'u2' } },
    );

    expect(people(sandbox)).toEqual([]);
    expect(activityTypes(sandbox).slice(2)).toEqual([
      'Person Deleted',
      'Skipped Update',
      'Skipped Update',
      'Skipped Update',
    ]);
  });

  it('is not got round by an object or by an attribute', async () => {
    const sandbox = await sandboxAfter(
      person({ id: 'u1' }, 'suppress'),
      person({ email: EMAIL }, 'suppress'),
      {
        type: 'object',
        action: 'identify',
        identifiers: { object_type_id: '1', object_id: 'acme' },
        cio_relationships: [{ identifiers: { id: 'u1' } }],
      },
      identify({ id: 'u2' }, { email: EMAIL, plan: 'pro' }),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u2' }, attributes: { plan: 'pro' } }]);
    expect(people(sandbox)[0]?.identifiers).not.toHaveProperty('email');
    expect(activityTypes(sandbox)).toContain('Attribute Update Failure');
  });

  it('of somebody unknown keeps them from coming into being', async () => {
    const sandbox = await sandboxAfter(
      person({ id: 'u1' }, 'suppress'),
      person({ id: 'u1' }, 'suppress'),
      event({ id: 'u1' }),
    );

    expect(people(sandbox)).toEqual([]);
    expect(activityTypes(sandbox)).toEqual(['Person Suppressed', 'Skipped Update', 'Skipped Update']);
  });

  it('leaves lines of the log that say nothing of the person', async () => {
    const sandbox = await sandboxAfter(
      event({ anonymous_id: 'a1' }, 'Seen', { attributes: { page: 'Pricing' } }),
      identify({ id: 'u1' }, { email: EMAIL, anonymous_id: 'a1' }),
      event({ id: 'u2' }, 'Signed Up', { attributes: { plan: 'pro' } }),
      person({ id: 'u1' }, 'suppress'),
    );

    const lines = sandbox.workspace.activities();
    expect(lines.filter(({ identifiers }) => Object.keys(identifiers).length === 0)).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toMatch(/u1|jane|a1|Pricing/);
    expect(lines).toContainEqual(
      expect.objectContaining({ activity_name: 'Signed Up', attributes: { plan: 'pro' } }),
    );
  });

  it('tells whoever watches whom it was about', async () => {
    const onActivity = jest.fn();
    const sandbox = await start({ onActivity });

    await sendBatch(sandbox, identify({ id: 'u1' }, {}), person({ id: 'u1' }, 'suppress'));

    expect(onActivity).toHaveBeenLastCalledWith(
      expect.objectContaining({
        activity_type: 'Person Deleted',
        activity_name: 'suppress',
        identifiers: expect.objectContaining({ id: 'u1' }),
      }),
    );
  });

  it.each([
    ['the identifier', { id: 'u1' }],
    ['another identifier of the person', { email: EMAIL }],
  ])('ends with unsuppress by %s, for all that were suppressed with it', async (_, identifiers) => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }),
      person({ id: 'u1' }, 'suppress'),
      person(identifiers, 'unsuppress'),
      event({ id: 'u1' }),
      event({ email: EMAIL }),
    );

    expect(people(sandbox)).toMatchObject([
      { identifiers: { id: 'u1' }, events: 1 },
      { identifiers: { email: EMAIL }, events: 1 },
    ]);
    expect(activityTypes(sandbox)).toContain('Person Unsuppressed');
  });

  it('that is not does not end', async () => {
    const sandbox = await sandboxAfter(person({ id: 'u1' }, 'unsuppress'));

    expect(activityTypes(sandbox)).toEqual(['Skipped Update']);
  });

  it('stands beside the people until it ends', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { email: EMAIL }),
      person({ email: EMAIL }, 'suppress'),
      person({ id: 'u2' }, 'suppress'),
    );

    expect(sandbox.workspace.listSuppressed()).toEqual([
      { identifiers: { id: 'u1', email: EMAIL, cio_id: expect.any(String) } },
      { identifiers: { id: 'u2' } },
    ]);
    expect(sandbox.workspace.listSuppressed(1)).toHaveLength(1);

    await sendBatch(sandbox, person({ id: 'u1' }, 'unsuppress'));

    expect(sandbox.workspace.listSuppressed()).toEqual([{ identifiers: { id: 'u2' } }]);
  });
});

it('lets two people have one email in a workspace that knows people by id alone', async () => {
  const sandbox = await start({ workspaces: [{ siteId: 'local', apiKey: 'local', identifiers: 'id' }] });

  await sendBatch(
    sandbox,
    identify({ id: 'u1' }, { email: EMAIL }),
    identify({ id: 'u2' }, { email: EMAIL }),
  );

  expect(
    people(sandbox).map(({ identifiers: { cio_id: _, ...rest }, attributes }) => [rest, attributes]),
  ).toEqual([
    [{ id: 'u1' }, { email: EMAIL }],
    [{ id: 'u2' }, { email: EMAIL }],
  ]);
});

describe('in a workspace that identifies by phone', () => {
  const PHONE = '+14155552671';
  const workspaces = [{ siteId: 'local', apiKey: 'local', phoneIdentifies: true }];

  const phoneSandboxAfter = async (...operations: readonly Json[]): Promise<Sandbox> => {
    const sandbox = await start({ workspaces });
    for (const operation of operations) expect((await sendBatch(sandbox, operation)).status).toBe(200);
    return sandbox;
  };

  it('a phone among the attributes leads to the person', async () => {
    const sandbox = await phoneSandboxAfter(
      identify({ id: 'u1' }, { phone: PHONE }),
      event({ phone: PHONE }),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u1', phone: PHONE }, events: 1 }]);
  });

  it('a new id with a known phone is given to who has the phone', async () => {
    const sandbox = await phoneSandboxAfter(
      identify({ phone: PHONE }, { source: 'ad' }, 1),
      identify({ id: 'u1' }, { email: EMAIL, phone: PHONE }, 2),
    );

    expect(people(sandbox)).toMatchObject([
      { identifiers: { id: 'u1', email: EMAIL, phone: PHONE }, attributes: { source: 'ad' } },
    ]);
  });

  it('a phone that is set changes for who is addressed by cio_id alone', async () => {
    const sandbox = await phoneSandboxAfter(
      identify({ id: 'u1' }, { phone: PHONE }, 1),
      identify({ id: 'u1' }, { phone: '+14155550000' }, 2),
    );
    expect(newest(sandbox)).toMatchObject({
      activity_type: 'Attribute Update Failure',
      activity_name: 'phone',
    });

    await sendBatch(sandbox, identify({ cio_id: cioId(sandbox) }, { phone: '+14155550000' }, 3));

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u1', phone: '+14155550000' } }]);
  });

  it('a merge gives the phone to a primary without one', async () => {
    const sandbox = await phoneSandboxAfter(
      identify({ id: 'u1' }, {}),
      identify({ id: 'u2' }, { phone: PHONE }),
      { type: 'person', action: 'merge', primary: { id: 'u1' }, secondary: { id: 'u2' } },
      event({ phone: PHONE }),
    );

    expect(people(sandbox)).toMatchObject([{ identifiers: { id: 'u1', phone: PHONE }, events: 1 }]);
  });

  it('whoever is deleted leaves the phone free', async () => {
    const sandbox = await phoneSandboxAfter(
      identify({ id: 'u1' }, { phone: PHONE }),
      person({ phone: PHONE }, 'delete'),
      event({ phone: PHONE }),
    );

    expect(people(sandbox)).toEqual([
      expect.objectContaining({ identifiers: { phone: PHONE, cio_id: expect.any(String) }, events: 1 }),
    ]);
  });
});

it('lets a phone be an attribute like any other where it does not identify', async () => {
  const sandbox = await sandboxAfter(
    identify({ id: 'u1' }, { phone: '+14155552671' }),
    identify({ id: 'u2' }, { phone: '+14155552671' }),
  );

  expect(people(sandbox)).toMatchObject([
    { attributes: { phone: '+14155552671' } },
    { attributes: { phone: '+14155552671' } },
  ]);
});
