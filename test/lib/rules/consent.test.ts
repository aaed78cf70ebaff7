import { compileConsent } from '../../../lib/rules/consent';
import type { ConsentSettings } from '../../../lib/rules/rule';

type Json = Record<string, unknown>;

const SETTINGS: ConsentSettings = { require: ['Ads', 'Mail'], onMissing: 'deliver' };

/** Whether it is delivered, by what is done with an event that says nothing. */
const verdicts = (context: unknown, settings: Partial<ConsentSettings> = {}): string[] =>
  (['deliver', 'skip'] as const).map(
    (onMissing) => compileConsent({ ...SETTINGS, ...settings, onMissing })({ type: 'page', context }).kind,
  );

const YES = ['granted', 'granted'];
const NO = ['refused', 'refused'];
const MISSING = ['granted', 'refused'];

const segment = (categoryPreferences: unknown): Json => ({ consent: { categoryPreferences } });
const rudder = (consentManagement: unknown): Json => ({ consentManagement });

describe('consent as Segment writes it', () => {
  it.each<[unknown, string[]]>([
    [segment({ Ads: true, Mail: true }), YES],
    [segment({ Ads: true, Mail: false }), NO],
    [segment({ Ads: true }), NO],
    [segment({}), NO],
    [{ consent: { categoryPreference: { Ads: true, Mail: true } } }, YES],
    [segment({ Ads: 'true', Mail: 'true' }), NO],
    [segment({ Ads: 1, Mail: 1 }), NO],
    [segment('false'), NO],
    [segment(['Ads', 'Mail']), NO],
    [segment([true, true]), NO],
    [segment(null), MISSING],
    [{ consent: { categoryPreference: null } }, MISSING],
    [{ consent: {} }, MISSING],
    [{ consent: 'yes' }, NO],
    [{ consent: false }, NO],
    [{ consent: ['Ads', 'Mail'] }, NO],
    [{ consent: [] }, MISSING],
    [{ consent: null }, MISSING],
    [{}, MISSING],
    [null, MISSING],
    ['text', MISSING],
  ])('%j', (context, expected) => {
    expect(verdicts(context)).toEqual(expected);
  });

  it('is not taken from what an object inherits', () => {
    expect(verdicts(segment({}), { require: ['constructor'] })).toEqual(NO);
  });

  it('needs one of several where the setting says so', () => {
    expect(verdicts(segment({ Mail: true }), { resolution: 'or' })).toEqual(YES);
    expect(verdicts(segment({ Mail: false }), { resolution: 'or' })).toEqual(NO);
  });
});

describe('consent as RudderStack writes it', () => {
  it.each<[unknown, string[]]>([
    [{ allowedConsentIds: ['Ads', 'Mail'], deniedConsentIds: [] }, YES],
    [{ allowedConsentIds: ['Ads'], deniedConsentIds: ['Mail'] }, NO],
    [{ allowedConsentIds: ['Ads'], deniedConsentIds: ['Mail'], resolutionStrategy: 'or' }, YES],
    [{ allowedConsentIds: [], deniedConsentIds: ['Mail', 'Ads'], resolutionStrategy: 'or' }, NO],
    [{ allowedConsentIds: ['Ads'], deniedConsentIds: ['Mail'], resolutionStrategy: 'any' }, YES],
    [{ allowedConsentIds: ['Ads'], deniedConsentIds: ['Mail'], resolutionStrategy: 'all' }, NO],
    [{ allowedConsentIds: [' Ads ', 'Mail\n'] }, YES],
    [{ allowedConsentIds: ['Ads', 'Mail'], deniedConsentIds: [' Ads'] }, NO],
    [{ deniedConsentIds: ['', ' '] }, MISSING],
    [{ allowedConsentIds: null, deniedConsentIds: ['Other'] }, YES],
    [{ deniedConsentIds: ['Other'] }, YES],
    [{ allowedConsentIds: ['Ads'], deniedConsentIds: ['Other'] }, MISSING],
    [{ allowedConsentIds: [], deniedConsentIds: [] }, MISSING],
    [{ allowedConsentIds: { Ads: 'Advertising', Mail: 'Mails' } }, YES],
    [{ allowedConsentIds: 'Ads,Mail' }, NO],
    [{ allowedConsentIds: ['Ads', 'Mail'], deniedConsentIds: false }, NO],
    [{}, MISSING],
    [[], MISSING],
    [null, MISSING],
    [['Ads', 'Mail'], NO],
    [false, NO],
    ['denied', NO],
  ])('%j', (management, expected) => {
    expect(verdicts(rudder(management))).toEqual(expected);
  });

  it('compares ids that are numbers by their digits', () => {
    expect(verdicts(rudder({ allowedConsentIds: [1, 2] }), { require: ['1', '2'] })).toEqual(YES);
  });

  it('counts from the provider alone that the setting names', () => {
    const management = rudder({ provider: 'ketch', deniedConsentIds: ['Ads', 'Mail'] });

    expect(verdicts(management)).toEqual(NO);
    expect(verdicts(management, { provider: 'ketch' })).toEqual(NO);
    expect(verdicts(management, { provider: 'oneTrust' })).toEqual(MISSING);
  });

  it('lets the setting decide between one and all', () => {
    const management = rudder({
      allowedConsentIds: ['Ads'],
      deniedConsentIds: ['Mail'],
      resolutionStrategy: 'or',
    });

    expect(verdicts(management, { resolution: 'and' })).toEqual(NO);
  });
});

it('A no of either is a no', () => {
  const granted = { allowedConsentIds: ['Ads', 'Mail'] };

  expect(verdicts({ ...segment({ Ads: false }), ...rudder(granted) })).toEqual(NO);
  expect(verdicts({ ...segment({ Ads: true, Mail: true }), ...rudder({}) })).toEqual(YES);
});

describe('a change of preferences', () => {
  const change = (more: Json): Json => ({
    type: 'track',
    event: 'Segment Consent Preference Updated',
    ...more,
  });
  const check = (event: Json, settings: Partial<ConsentSettings> = {}) =>
    compileConsent({ ...SETTINGS, ...settings })(event);

  it.each([
    'Segment Consent Preference Updated',
    'Segment Consent Preference Updated Event',
    'Segment Consent Preference',
    ' Segment Consent Preference ',
  ])('by the name %j passes with its preferences and nothing else when it is a refusal', (event) => {
    const sent = { type: 'track', event, properties: { page: '/' }, context: segment({ Ads: false }) };

    expect(check(sent)).toEqual({
      kind: 'granted',
      event: { ...sent, properties: { categoryPreferences: { Ads: false } } },
    });
  });

  it('is a track alone: another call by that name is refused', () => {
    const event = 'Segment Consent Preference';
    const sent = { type: 'page', name: event, event, context: segment({ Ads: false }) };

    expect(check(sent)).toEqual({ kind: 'refused' });
    expect(check({ ...sent, type: 'track', event: 7 })).toEqual({ kind: 'refused' });
  });

  it('carries of a refusal no device where it has no traits, and its traits where it has no context', () => {
    const context = { ...segment({ Ads: false }), device: { token: 't' } };

    expect(check(change({ context }))).toMatchObject({
      event: { context: segment({ Ads: false }), properties: { categoryPreferences: { Ads: false } } },
    });
    expect(check(change({ context })).kind).toBe('granted');
    expect(check(change({ context }))).not.toHaveProperty('event.context.device');
    expect(check(change({ traits: { userId: 'u' } }), { onMissing: 'skip' })).toMatchObject({
      event: { context: { traits: { userId: 'u' } } },
    });
  });

  it('carries of a refusal neither what stands at its root nor a device, and still says of whom it is', () => {
    const context = {
      ...segment({ Ads: false }),
      device: { token: 't' },
      locale: 'de',
      traits: { email: 'old@x.co', age: 5 },
    };
    const traits = { userId: 7, email: ' jane@x.co ', phone: '+1', plan: 'pro' };
    const sent = change({
      userId: null,
      plan: 'pro',
      category: 'c',
      name: 'n',
      traits,
      context,
      messageId: 'm',
    });

    expect(check(sent)).toEqual({
      kind: 'granted',
      event: change({
        userId: null,
        messageId: 'm',
        properties: { categoryPreferences: { Ads: false } },
        context: {
          ...segment({ Ads: false }),
          locale: 'de',
          traits: { email: 'jane@x.co', age: 5, userId: '7' },
        },
      }),
    });
  });

  it.each([
    [{ userId: ' ', email: 'none', phone: 5 }, undefined, {}],
    [{ userId: {} }, { userId: 'u' }, { userId: {} }],
    [{ email: 'no address' }, { email: 'jane@x.co' }, { email: 'jane@x.co' }],
    [{ phone: '+14155552671' }, [], { phone: '+14155552671' }],
    [{}, { userId: 'u', phone: '+14155552671' }, { userId: 'u', phone: '+14155552671' }],
  ])('means by the traits %j beside %j in its context those of %j', (traits, inContext, expected) => {
    const context = { ...segment({ Ads: false }), traits: inContext };

    expect(check(change({ traits, context }))).toMatchObject({ event: { context: { traits: expected } } });
  });

  it('without a context says nothing but what it is called where silence is a refusal', () => {
    expect(check(change({ plan: 'pro', properties: { a: 1 } }), { onMissing: 'skip' })).toEqual({
      kind: 'granted',
      event: change({ properties: {} }),
    });
  });

  it('keeps its properties when it is an agreement, and an attribute that it has itself', () => {
    const context = segment({ Ads: true, Mail: true });

    expect(check(change({ properties: { page: '/' }, context }))).toMatchObject({
      event: { properties: { page: '/', categoryPreferences: { Ads: true, Mail: true } } },
    });
    const own = change({ properties: { categoryPreferences: 'own' }, context });
    expect(check(own)).toEqual({ kind: 'granted', event: own });
  });

  it('says what RudderStack allows and denies as yes and no, under the name of the setting', () => {
    const context = rudder({ allowedConsentIds: ['Mail'], deniedConsentIds: ['Ads'] });

    expect(check(change({ context }), { attribute: 'consent' })).toMatchObject({
      event: { properties: { consent: { Mail: true, Ads: false } } },
    });
  });

  it('that is a refusal because nobody can read it tells of no category', () => {
    const context = rudder({ allowedConsentIds: 'Mail', deniedConsentIds: 7 });

    expect(check(change({ context }))).toEqual({
      kind: 'granted',
      event: change({ context, properties: { categoryPreferences: {} } }),
    });
  });

  it('without preferences passes as it is', () => {
    expect(check(change({}))).toEqual({ kind: 'granted', event: change({}) });
  });

  it('without preferences leaves an identify, and one without a setting leaves it with them', () => {
    const silent = { type: 'identify', context: { traits: { plan: 'pro' } } };
    const telling = { type: 'identify', context: segment({ Ads: true, Mail: true }) };

    expect(check(silent, { attribute: 'consent' })).toHaveProperty('event', silent);
    expect(check(telling)).toEqual({ kind: 'granted', event: telling });
  });

  it('becomes a trait of an identify where the setting names one, never of another call', () => {
    const context = segment({ Ads: true, Mail: true });
    const settings = { attribute: 'consent' };

    expect(check({ type: 'identify', context }, settings)).toMatchObject({
      event: { traits: { consent: { Ads: true, Mail: true } } },
    });
    expect(
      check({ type: 'identify', context: { ...context, traits: { plan: 'pro' } } }, settings),
    ).toMatchObject({
      event: { traits: { plan: 'pro', consent: { Ads: true, Mail: true } } },
    });
    const own = { type: 'identify', context: { ...context, traits: { consent: 'own' } } };
    expect(check(own, settings)).toEqual({ kind: 'granted', event: own });
    expect(check({ type: 'group', context }, settings)).toEqual({
      kind: 'granted',
      event: { type: 'group', context },
    });
    expect(check({ type: 'identify', context: segment({ Ads: false }) }, settings)).toEqual({
      kind: 'refused',
    });
  });
});
