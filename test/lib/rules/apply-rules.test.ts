import { applyRules, type RuleStep } from '../../../lib/rules/apply-rules';
import { asDeadLetter } from '../../../lib/rules/as-dead-letter';
import { rulesOf } from '../../../lib/rules/compile';
import type { RulesSettings } from '../../../lib/rules/rule';

const PRIVACY = { deny: ['ssn'], useDefaultDenyList: false, ip: 'keep', deadLetters: 'cleaned' } as const;
const CONSENT = { require: ['Ads'], onMissing: 'deliver' } as const;
const REFUSED = { consent: { categoryPreferences: { Ads: false } } };

const apply = (event: unknown, settings: RulesSettings) => {
  const steps: RuleStep[] = [];
  const ruled = applyRules(event, rulesOf(settings), (step) => steps.push(step));
  return { ruled, steps };
};

describe('applying rules', () => {
  it('answers the very same event when there are none, or when none has anything to do', () => {
    const event = { type: 'track', event: 'E', properties: { a: 1 } };
    const idle: RulesSettings = {
      rules: [
        { name: 'a', drop: ['properties.b'] },
        { name: 'b', exclude: { event: 'F' } },
        { name: 'c', include: { type: 'track' } },
        { name: 'd', for: { when: { field: 'userId', exists: true } }, set: { 'properties.c': 1 } },
      ],
      privacy: PRIVACY,
      consent: CONSENT,
    };

    for (const settings of [{}, { rules: [] }, idle]) {
      const { ruled, steps } = apply(event, settings);
      expect(ruled.outcome === 'event' && ruled.event).toBe(event);
      expect(steps).toEqual([]);
    }
  });

  it('are none where a source has none, nor anything else to do', () => {
    expect(rulesOf({})).toBeUndefined();
    expect(rulesOf({ rules: [] })).toBeUndefined();
  });

  it('passes what is no event', () => {
    for (const value of [null, 'text', 7, [], undefined]) {
      expect(apply(value, { rules: [{ name: 'a', include: { type: 'track' } }] }).ruled).toEqual({
        outcome: 'event',
        event: value,
      });
    }
  });

  it('asks for consent first, so that a rule is not even named', () => {
    const settings = { consent: CONSENT, rules: [{ name: 'a', exclude: { type: 'track' } }] } as const;

    const { ruled, steps } = apply({ type: 'track', context: REFUSED }, settings);

    expect(ruled).toEqual({ outcome: 'skipped', reason: 'consent_refused' });
    expect(steps).toEqual([{ rule: 'consent', did: 'skipped the event' }]);
  });

  it('hides from every rule what must not leave', () => {
    const rules = [
      { name: 'a', exclude: { when: { field: 'traits.ssn', exists: true } } },
      { name: 'b', move: { 'traits.ssn': 'traits.number' } },
    ] as const;

    const { ruled, steps } = apply({ type: 'identify', traits: { ssn: 1 } }, { privacy: PRIVACY, rules });

    expect(ruled).toEqual({ outcome: 'event', event: { type: 'identify', traits: {} } });
    expect(steps).toEqual([{ rule: 'privacy', did: 'removed what never leaves' }]);
  });

  it('names the first rule that keeps an event out', () => {
    const rules = [
      { name: 'a', exclude: { event: 'F' } },
      { name: 'b', for: { type: 'track' }, include: { event: 'G' } },
      { name: 'c', exclude: { type: 'track' } },
    ] as const;

    const { ruled, steps } = apply({ type: 'track', event: 'E' }, { rules });

    expect(ruled).toEqual({ outcome: 'skipped', reason: 'excluded_by_rule', rule: 'b' });
    expect(steps).toEqual([{ rule: 'b', did: 'skipped the event' }]);
  });

  it.each([
    [{ env: 'x', kind: 'y' }, 'event'],
    [{ env: 'x', kind: 'z' }, 'skipped'],
    [{ kind: 'z' }, 'event'],
  ])('an include that is for some events asks of those alone: %j', (properties, outcome) => {
    const rules = [
      {
        name: 'a',
        for: { when: { field: 'properties.env', equals: 'x' } },
        include: { when: { field: 'properties.kind', equals: 'y' } },
      },
    ] as const;

    expect(apply({ type: 'page', properties }, { rules }).ruled.outcome).toBe(outcome);
  });

  it.each([
    [{ env: 'x' }, 'skipped'],
    [{ env: 'y' }, 'event'],
  ])('an exclude that is for some events skips of those alone: %j', (properties, outcome) => {
    const rules = [
      {
        name: 'a',
        for: { when: { field: 'properties.env', equals: 'x' } },
        exclude: { type: 'page' },
      },
    ] as const;

    expect(apply({ type: 'page', properties }, { rules }).ruled.outcome).toBe(outcome);
  });

  it('asks of an identify that has its traits in the context alone what it asks of any other', () => {
    const event = { type: 'identify', context: { traits: { email: 'qa@test.example.com', plan: 'pro' } } };
    const when = { field: 'traits.email', matches: '*@test.example.com' };

    expect(apply(event, { rules: [{ name: 'a', exclude: { when } }] }).ruled.outcome).toBe('skipped');
    expect(apply(event, { rules: [{ name: 'a', include: { when } }] }).ruled).toEqual({
      outcome: 'event',
      event,
    });
    expect(
      apply(event, { rules: [{ name: 'a', for: { when }, set: { 'traits.plan': 'test' } }] }).ruled,
    ).toMatchObject({
      event: { traits: { email: 'qa@test.example.com', plan: 'test' } },
    });
    expect(apply({ ...event, traits: {} }, { rules: [{ name: 'a', exclude: { when } }] }).ruled.outcome).toBe(
      'event',
    );
  });

  it('says of each rule what it did, in the words of the settings', () => {
    const settings: RulesSettings = {
      hashSalt: 'salt of the tests',
      consent: { ...CONSENT, attribute: 'consent' },
      rules: [
        { name: 'a', hash: ['traits.email', 'traits.phone'] },
        { name: 'b', keep: ['traits.email'] },
        { name: 'c', set: { 'traits.x': 1 } },
        { name: 'd', move: { 'traits.x': 'traits.y' } },
        { name: 'e', prefix: { traits: 'p_', properties: 'q_' } },
        { name: 'f', drop: ['traits.email'] },
      ],
    };
    const event = {
      type: 'identify',
      traits: { email: 'ann@example.com', plan: 'pro' },
      context: { consent: { categoryPreferences: { Ads: true } } },
    };

    expect(apply(event, settings).steps).toEqual([
      { rule: 'consent', did: 'wrote the preferences into the event' },
      { rule: 'a', did: 'hashed traits.email' },
      { rule: 'b', did: 'kept of traits only what is named' },
      { rule: 'c', did: 'set traits.x' },
      { rule: 'd', did: 'moved traits.x to traits.y' },
      { rule: 'e', did: 'prefixed traits' },
      { rule: 'f', did: 'dropped traits.email' },
    ]);
  });

  it('compiles settings once, and gives the same for names beyond those it remembers', () => {
    const settings: RulesSettings = { rules: [{ name: 'a', exclude: { event: 'Name 1*' } }] };

    expect(rulesOf(settings)).toBe(rulesOf(settings));
    const outcomes = Array.from({ length: 2_500 }, (_, index) => {
      const { ruled } = apply({ type: 'track', event: `Name ${index}` }, settings);
      return ruled.outcome === 'skipped' ? index : -1;
    });
    expect(outcomes.filter((index) => index >= 0).every((index) => String(index).startsWith('1'))).toBe(true);
    expect(outcomes.filter((index) => index >= 0)).toHaveLength(1_111);
  });

  it('remembers what concerns a type and name, of the first thousand of them', () => {
    const rules = rulesOf({ rules: [{ name: 'a', exclude: { event: 'Name 1*' } }] });
    const first = rules?.planFor('track', 'Name 1');
    for (let index = 2; index <= 999; index += 1) rules?.planFor('track', `Name ${index}`);
    const [last, beyond] = [rules?.planFor('page', 'Name 1'), rules?.planFor('page', 'Name 2')];

    expect(rules?.planFor('track', 'Name 1')).toBe(first);
    expect(rules?.planFor('page', 'Name 1')).toBe(last);
    expect(rules?.planFor('page', 'Name 2')).not.toBe(beyond);
    expect(rules?.planFor('page', 'Name 2')).toEqual(beyond);
  });
});

describe('a dead letter', () => {
  const event = '{"type":"identify","traits":{"ssn":1,"plan":"pro","n":12345678901234567890}}';

  it('is as it came unless the setting says otherwise', () => {
    expect(asDeadLetter(event, {})).toBe(event);
    expect(asDeadLetter(event, { privacy: { ...PRIVACY, deadLetters: 'as_it_came' } })).toBe(event);
    expect(asDeadLetter(event, { rules: [{ name: 'a', drop: ['traits.plan'] }] })).toBe(event);
  });

  it('is without what never leaves where it does; rules are left to the replay', () => {
    const rules = [{ name: 'a', drop: ['traits.plan'] }];

    expect(asDeadLetter('[{"traits":{"ssn":1,"plan":"pro"}}]', { privacy: PRIVACY, rules })).toBe(
      '[{"traits":{"plan":"pro"}}]',
    );
  });

  it('is the same text, to the digit, when nothing must go; and what is no JSON stays', () => {
    const clean = '{"type":"identify","n":12345678901234567890}';

    expect(asDeadLetter(clean, { privacy: PRIVACY })).toBe(clean);
    expect(asDeadLetter('{"ssn":1', { privacy: PRIVACY })).toBe('{"ssn":1');
  });
});
