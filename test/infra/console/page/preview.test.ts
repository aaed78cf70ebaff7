// Try it: what the examples show, and what had a part in it.

import { CODE_GROUPS, codeEntry } from '../../../../infra/console/page/codes';
import { EXAMPLE_GROUPS, EXAMPLES } from '../../../../infra/console/page/examples';
import { CHOICES, type Preview, preview } from '../../../../infra/console/page/preview';
import { mappingFields } from '../../../../lib/config/mapping-settings';
import { PRESET_NAMES } from '../../../../lib/config/presets';
import { EVENT_TYPES } from '../../../../lib/event/event';
import { ACTIONS } from '../../../../lib/rules/rule';

const NOW = Date.parse('2026-11-28T12:00:00Z');

const of = (event: unknown, settings = {}): Preview => preview(JSON.stringify(event), 'http', settings, NOW);

const first = (shown: Preview) => {
  if (!shown.ok || shown.events[0] === undefined) throw new Error(JSON.stringify(shown));
  return shown.events[0];
};

it.each(Object.keys(EXAMPLES))('The example "%s" becomes what its name says', (name) => {
  const { event, settings } = EXAMPLES[name] ?? { event: undefined };
  const { outcome } = first(of(event, settings));
  const expected = /^rejected/.test(name) || name === 'long names are rejected' ? 'rejected' : undefined;
  const skipped = /^skipped|^include|^exclude|refused$|are skipped$/.test(name) ? 'skipped' : undefined;
  expect(outcome.outcome).toBe(expected ?? skipped ?? 'operations');
});

it('There is an example of every call, every kind of rule and every preset, and each has a part in what becomes of it', () => {
  const types = Object.values(EXAMPLE_GROUPS['Calls'] ?? {}).map(({ event }) => JSON.stringify(event));
  for (const type of EVENT_TYPES) expect(types.join()).toContain(`"type":"${type}"`);

  const rules = Object.values(EXAMPLE_GROUPS['Rules'] ?? {});
  const written = rules.map(({ settings }) => JSON.stringify(settings)).join();
  for (const action of ACTIONS) expect(written).toContain(`"${action}":`);
  const silent = Object.entries(EXAMPLE_GROUPS['Rules'] ?? {}).filter(
    ([name, { event, settings }]) =>
      name !== 'consent given' && first(of(event, settings)).steps.length === 0,
  );
  expect(silent).toEqual([]);

  const settings = Object.entries(EXAMPLE_GROUPS['Presets and settings'] ?? {});
  for (const preset of PRESET_NAMES) expect(settings.map(([name]) => name)).toContain(`preset ${preset}`);
  const useless = settings.filter(
    ([, example]) => first(of(example.event, example.settings)).effective.length === 0,
  );
  expect(useless).toEqual([]);
});

it('Settings that did something are told, those of a preset as well, and those that would', () => {
  const event = { type: 'identify', userId: 'u1', traits: { at: '2026-01-01' } };

  expect(first(of(event, { preset: 'rudderstack' })).effective).toEqual([
    'convertTimestamps: false (rudderstack)',
  ]);
  expect(first(of(event, { convertTimestamps: false })).effective).toEqual(['convertTimestamps: false']);
  expect(first(of(event, { screens: 'screen' })).effective).toEqual([]);
  expect(first(of(event)).possible).toContain('convertTimestamps: false');
});

it('Every setting of the mapping that is a choice among words can be chosen', () => {
  const words = Object.entries(mappingFields).filter(([, schema]) => {
    const { type, innerType } = schema._zod.def as {
      type: string;
      innerType?: { _zod: { def: { type: string } } };
    };
    return type === 'default' && ['enum', 'boolean'].includes(innerType?._zod.def.type ?? '');
  });
  expect(Object.keys(CHOICES)).toEqual(expect.arrayContaining(words.map(([name]) => name)));
});

it('A mistake in the settings is told, a whole source with its keys is taken, and each workspace has its own', () => {
  expect(of({}, { screens: 'nonsense' })).toEqual({ ok: false, problem: expect.stringContaining('screens') });
  const whole = { name: 'web', writeKey: 'w', siteId: 's', apiKey: 'a' };
  expect(of({ type: 'track', userId: 'u1', event: 'A' }, whole).ok).toBe(true);

  const destinations = [{ name: 'eu', screens: 'screen' }, { name: 'us' }];
  const shown = of({ type: 'screen', userId: 'u1', name: 'Home' }, { destinations });
  expect(shown.ok && shown.events.map(({ workspace }) => workspace)).toEqual(['preview/eu', 'preview/us']);
});

it('What is no JSON is told, a batch is taken apart, and of a long one the beginning is shown', () => {
  expect(preview('{"a":', 'queue', {}, NOW)).toEqual({
    ok: false,
    problem: expect.stringContaining('no JSON'),
  });
  const batch = { batch: Array.from({ length: 60 }, () => ({ type: 'track', userId: 'u1', event: 'A' })) };
  expect(of(batch)).toMatchObject({ ok: true, more: 10 });
});

it('Each door judges an event in the preview as it would on its way', () => {
  const inexact = '{"type":"track","userId":12345678901234567890,"event":"A"}';
  expect(first(preview(inexact, 'http', {}, NOW)).outcome).toMatchObject({
    outcome: 'rejected',
    reason: 'invalid_event',
    detail: expect.stringContaining('userId: a number too large to be exact'),
  });
  expect(first(preview(inexact, 'queue', {}, NOW)).outcome).toMatchObject({ reason: 'invalid_event' });
  const large = JSON.stringify({
    type: 'track',
    userId: 'u1',
    event: 'A',
    properties: { a: 'x'.repeat(33_000) },
  });
  expect(first(preview(large, 'http', {}, NOW)).outcome).toMatchObject({ reason: 'event_too_large' });
  const old = '{"action":"track","userId":"u1","event":"A"}';
  for (const to of ['http', 'queue'] as const)
    expect(first(preview(old, to, {}, NOW)).outcome).toMatchObject({ outcome: 'operations' });
  const notOurs = { type: 'track', integrations: { 'Customer.io': false } };
  expect(first(of(notOurs)).outcome).toMatchObject({ outcome: 'skipped' });
  const wrapped = JSON.stringify({
    Type: 'Notification',
    TopicArn: 'arn:aws:sns:us-east-1:0:t',
    MessageId: 'm',
    Message: '{"type":"track","userId":"u1","event":"Wrapped"}',
  });
  expect(JSON.stringify(preview(wrapped, 'queue', {}, NOW))).toContain('"name":"Wrapped"');
  const ids = { destinations: [{ name: 'eu' }, { name: 'us' }] };
  expect(preview(inexact, 'http', ids, NOW)).toMatchObject({ ok: true, events: [{ workspace: '' }] });
  const allowed = of({ type: 'track', userId: 'nil', event: 'A' }, { allowIdentifiers: ['nil'] });
  expect(first(allowed).outcome).toMatchObject({ outcome: 'operations' });
});

it('A request that the endpoint refuses as a whole is told with its code, and what the path would say of the type', () => {
  const untyped = of({ userId: 'u1', event: 'A' });
  expect(untyped).toEqual({
    ok: false,
    problem: expect.stringMatching(/malformed_json.*`type`.*\/v1\/track/s),
  });
  expect(of({ batch: 'none' })).toEqual({ ok: false, problem: expect.not.stringContaining('/v1/track') });
  expect(of(17)).toEqual({ ok: false, problem: expect.stringContaining('malformed_json') });
  const many = Array.from({ length: 10_001 }, () => 0);
  expect(of(many)).toEqual({ ok: false, problem: expect.stringContaining('payload_too_large') });
  expect(preview(JSON.stringify(many), 'queue', {}, NOW)).toMatchObject({
    events: [{ outcome: { outcome: 'rejected', reason: 'too_many_events' } }],
  });
});

it.each(['[]', '{"batch":[]}'])('Of what holds no event that is told: %s', (text) => {
  for (const to of ['http', 'queue'] as const)
    expect(preview(text, to, {}, NOW)).toEqual({ ok: true, events: [], more: 0 });
});

it('An operation larger than Customer.io takes is rejected, as it is on its way', () => {
  const large = JSON.stringify({
    type: 'track',
    userId: 'u1',
    event: 'A',
    properties: { a: 'x'.repeat(33_000) },
  });
  expect(first(preview(large, 'queue', {}, NOW)).outcome).toMatchObject({
    outcome: 'rejected',
    reason: 'operation_too_large',
  });
});

it('What nests too deeply to be written again is rejected, as it is on its way', () => {
  const deep = `{"type":"track","userId":"u1","event":"A","properties":{"a":${'['.repeat(14_000)}${']'.repeat(14_000)}}}`;
  for (const to of ['http', 'queue'] as const)
    expect(first(preview(deep, to, {}, NOW)).outcome).toMatchObject({
      outcome: 'rejected',
      reason: 'invalid_event',
      detail: expect.stringContaining('nested too deeply'),
    });
});

it('Every code has a meaning and a remedy, and a status is found by its hundred', () => {
  for (const { entries } of CODE_GROUPS) {
    for (const { means, toDo } of entries) expect([means, toDo].every((text) => text.length > 5)).toBe(true);
  }
  expect(codeEntry('503')?.code).toBe('5xx');
  expect(codeEntry('429')?.code).toBe('429');
  expect(codeEntry('constructor')).toBeUndefined();
});
