// What must hold of rules for every event and every set of them: nothing throws and nothing is changed in place, the
// same event meets the same fate, an event that goes nowhere is told by the name of a rule, and what is kept back is
// in no operation, no dead letter and no detail.

import fc from 'fast-check';
import type { Source } from '../../lib/config/source';
import { explain } from '../../lib/mapping/explain';
import { type RuledTranslation, translateByRules } from '../../lib/mapping/translate-by-rules';
import { asDeadLetter } from '../../lib/rules/as-dead-letter';
import { anyJson, segmentEvent } from '../support/event-arbitrary';
import { runs } from '../support/property-runs';
import { parseSources } from '../support/sources';

type Json = Record<string, unknown>;

const RUNS = { numRuns: runs(400) };
const SECRET = 'planted value of a denied key';
const DENIED = ['ssn', 'credit_card'];

const field = fc.constantFrom(
  ...[
    'userId',
    'traits.email',
    'traits.*',
    'properties.*',
    'properties.url',
    'properties.a.b',
    'event',
    'name',
  ],
  ...[
    'context.app.version',
    'context.traits.email',
    'properties.*.*',
    'traits.created_at',
    'context.device.token',
  ],
);
const exactField = field.filter((path) => !path.includes('*'));
const condition = fc.oneof(
  fc.record({ field, exists: fc.boolean() }),
  fc.record({ field, equals: fc.constantFrom('u1', 7, true) }),
  fc.record({ field, matches: fc.constantFrom('*@example.com', 'u*', '*') }),
);
const selector = fc.oneof(
  fc.record({ type: fc.constantFrom('track', 'identify', 'page') }),
  fc.record({ event: fc.constantFrom('Signed *', 'Application Opened') }),
  fc.record({ when: fc.oneof(condition, fc.record({ not: condition })) }),
);
const action = fc.oneof(
  fc.record({ exclude: selector }),
  fc.record({ include: selector }),
  fc.record({ rename: fc.constant({ 'Signed Up': 'Registered', 'A*': 'B' }) }),
  fc.record({ drop: fc.array(field, { minLength: 1, maxLength: 3 }) }),
  fc.record({ keep: fc.constant(['traits.email', 'properties.a']) }),
  fc.record({ hash: fc.array(field, { minLength: 1, maxLength: 2 }) }),
  fc.record({ set: fc.dictionary(field, fc.constantFrom(1, 'x', { y: [1] }), { minKeys: 1, maxKeys: 2 }) }),
  exactField.map((from) => ({ move: { [from]: 'properties.moved.here' } })),
  fc.record({ prefix: fc.constant({ traits: 'p_', properties: 'q_' }) }),
);
const rules = fc
  .array(fc.tuple(action, fc.option(selector, { nil: undefined })), { maxLength: 5 })
  .map((parts) => parts.map(([one, scope], index) => ({ name: `rule ${index}`, for: scope, ...one })));

const settings = fc.record(
  {
    rules,
    consent: fc.record({ require: fc.constant(['Ads']), onMissing: fc.constantFrom('deliver', 'skip') }),
    privacy: fc.record({
      deny: fc.constant(DENIED),
      ip: fc.constantFrom('keep', 'truncate', 'drop'),
      deadLetters: fc.constant('cleaned'),
    }),
    convertTimestamps: fc.boolean(),
  },
  { requiredKeys: ['rules'] },
);

const sourceOf = (own: Json): Source => {
  const required = { name: 'n', writeKey: 'w', siteId: 's', apiKey: 'k', hashSalt: 'salt of the property' };
  const [source] = parseSources(JSON.stringify([{ ...required, ...own }]));
  if (source === undefined) throw new Error('The property made settings without a source.');
  return source;
};
const source = settings.map(sourceOf);
const privateSource = settings.map((own) =>
  sourceOf({ ...own, privacy: { ip: 'keep', ...own.privacy, deny: DENIED, deadLetters: 'cleaned' } }),
);

const consent = fc.oneof(
  anyJson,
  fc.record({ categoryPreferences: fc.oneof(anyJson, fc.record({ Ads: fc.boolean() })) }),
);
const event = fc
  .tuple(segmentEvent, fc.option(consent, { nil: undefined }), fc.option(anyJson, { nil: undefined }))
  .map(([sent, said, management]) =>
    said === undefined && management === undefined
      ? sent
      : { ...sent, context: { ...Object(sent['context']), consent: said, consentManagement: management } },
  );

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};

/** The same JSON with a denied key, by one of the ways to write it, in every object. */
const plantDenied = (value: unknown, depth = 0): unknown => {
  if (Array.isArray(value)) return value.map((element) => plantDenied(element, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const key = ['ssn', 'S_S_N', 'creditCard', 'credit.card.ssn'][depth % 4] ?? 'ssn';
  const planted = Object.entries(value).map(([name, inner]) => [name, plantDenied(inner, depth + 1)]);
  return { ...Object.fromEntries(planted), [key]: depth % 2 === 0 ? SECRET : { inside: [SECRET] } };
};

/** The same JSON with a denied key in every object, within text. */
const plantDeniedInText = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plantDeniedInText);
  if (typeof value !== 'object' || value === null) return value;
  const planted = Object.entries(value).map(([name, inner]) => [name, plantDeniedInText(inner)]);
  const texts = { planted_url: `/?page=1&ssn=${SECRET}`, planted_json: jsonOf([{ ssn: SECRET }]) };
  return { ...Object.fromEntries(planted), ...texts };
};

const jsonOf = (value: unknown): string => JSON.stringify(value) ?? '';
const operationsOf = (translation: RuledTranslation): unknown =>
  translation.outcome === 'operations' ? translation.parts.map(({ event: _, ...part }) => part) : translation;

describe('rules, for every event and every set of them', () => {
  it('never throw, and never change the event', () => {
    fc.assert(
      fc.property(fc.oneof(event, anyJson), source, (sent, own) => {
        const before = jsonOf(sent);

        translateByRules(deepFreeze(sent), own);

        expect(jsonOf(sent)).toBe(before);
      }),
      RUNS,
    );
  });

  it('give the same twice, whether they are compiled anew or not', () => {
    fc.assert(
      fc.property(event, settings, (sent, own) => {
        const first = sourceOf(own);
        const again = JSON.parse(jsonOf(sent));

        expect(jsonOf(operationsOf(translateByRules(again, first)))).toBe(
          jsonOf(operationsOf(translateByRules(sent, first))),
        );
        expect(jsonOf(operationsOf(translateByRules(sent, sourceOf(own))))).toBe(
          jsonOf(operationsOf(translateByRules(sent, first))),
        );
      }),
      RUNS,
    );
  });

  it('never lose an event without naming the rule', () => {
    fc.assert(
      fc.property(event, source, (sent, own) => {
        const { outcome, steps } = explain(sent, own);

        if (outcome.outcome !== 'skipped') return;
        if (outcome.reason === 'excluded_by_rule') {
          expect(own.rules.map(({ name }) => name)).toContain(outcome.rule);
          expect(steps.at(-1)).toEqual({ rule: outcome.rule, did: 'skipped the event' });
        } else if (outcome.reason === 'consent_refused') {
          expect(own.consent).toBeDefined();
        } else {
          expect(['integrations_disabled', 'alias_to_itself']).toContain(outcome.reason);
        }
      }),
      RUNS,
    );
  });

  it('say what they did without a value of the event', () => {
    fc.assert(
      fc.property(event, source, (sent, own) => {
        const marked = JSON.parse(jsonOf(sent), (_, value) =>
          value === 'jane@example.com' ? SECRET : value,
        );

        expect(jsonOf(explain(marked, own).steps)).not.toContain(SECRET);
      }),
      RUNS,
    );
  });

  it('without any, leave the mapping as it is', () => {
    const none = sourceOf({});
    fc.assert(
      fc.property(event, (sent) => {
        const translation = translateByRules(sent, none);

        if (translation.outcome === 'operations') expect(translation.parts[0]?.event).toBe(sent);
      }),
    );
  });
});

describe('a denied key', () => {
  it('is in no operation, no detail and no dead letter, wherever it stands in the event', () => {
    fc.assert(
      fc.property(event, privateSource, (sent, own) => {
        const planted = plantDeniedInText(plantDenied(sent));

        const { outcome, steps } = explain(planted, own);

        expect(jsonOf(planted)).toContain(SECRET);
        expect(jsonOf(outcome)).not.toContain(SECRET);
        expect(jsonOf(steps)).not.toContain(SECRET);
        expect(asDeadLetter(jsonOf(planted), own)).not.toContain(SECRET);
      }),
      RUNS,
    );
  });

  it('makes no difference to what becomes of the event', () => {
    fc.assert(
      fc.property(event, privateSource, (sent, own) => {
        expect(jsonOf(operationsOf(translateByRules(plantDenied(sent), own)))).toBe(
          jsonOf(operationsOf(translateByRules(sent, own))),
        );
      }),
      RUNS,
    );
  });
});

describe('a dead letter that was cleaned', () => {
  it('becomes the same operations when it is replayed', () => {
    fc.assert(
      fc.property(event, privateSource, (sent, own) => {
        const planted = plantDenied(sent);
        const kept = asDeadLetter(jsonOf(planted), own);

        expect(jsonOf(operationsOf(translateByRules(JSON.parse(kept), own)))).toBe(
          jsonOf(operationsOf(translateByRules(planted, own))),
        );
        expect(asDeadLetter(kept, own)).toBe(kept);
      }),
      RUNS,
    );
  });
});

it('The events and rules these properties are tried on meet every fate', () => {
  const fates = fc
    .sample(fc.tuple(event, source), { numRuns: 1_500, seed: 1 })
    .map(([sent, own]) => translateByRules(sent, own))
    .map((translation) => (translation.outcome === 'operations' ? 'operations' : translation.reason));

  expect([...new Set(fates)]).toEqual(
    expect.arrayContaining(['operations', 'excluded_by_rule', 'consent_refused', 'missing_identifier']),
  );
});
