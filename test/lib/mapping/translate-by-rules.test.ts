import type { Custom } from '../../../lib/mapping/custom';
import { explain } from '../../../lib/mapping/explain';
import { type TranslationSettings, translateByRules } from '../../../lib/mapping/translate-by-rules';
import type { RuleStep } from '../../../lib/rules/apply-rules';

const SETTINGS: TranslationSettings = {
  name: 'shop',
  workspaceIdentifiers: 'email_or_id',
  convertTimestamps: true,
};
const EVENT = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm1',
  timestamp: '2026-01-02T03:04:05.000Z',
  userId: 'u1',
};

const run = (custom: Custom, event: unknown = EVENT) => {
  const steps: RuleStep[] = [];
  const translation = translateByRules(event, SETTINGS, (step) => steps.push(step), custom);
  return { translation, steps };
};
const operationsOf = (custom: Custom) => {
  const { translation } = run(custom);
  return translation.outcome === 'operations'
    ? translation.parts.flatMap((part) => (part.outcome === 'operations' ? part.operations : []))
    : [];
};

describe('code of the user’s own', () => {
  it('is told the source, and may pass the event on', () => {
    const seen: unknown[] = [];
    const { translation, steps } = run((event, context) => {
      seen.push(event, context);
      return event;
    });

    expect(seen).toEqual([EVENT, { source: 'shop' }]);
    expect(translation).toMatchObject({
      parts: [{ event: EVENT, operations: [{ name: 'Order Completed' }] }],
    });
    expect(steps).toEqual([]);
  });

  it('may make another event', () => {
    const { translation, steps } = run((event) => ({ ...event, event: 'Purchase' }));

    expect(translation).toMatchObject({ parts: [{ operations: [{ name: 'Purchase' }] }] });
    expect(steps).toEqual([{ rule: 'custom', did: 'made something else of the event' }]);
  });

  it.each([undefined, []])('may make nothing, which is counted: %j', (nothing) => {
    expect(run(() => nothing).translation).toEqual({ outcome: 'skipped', reason: 'custom_code' });
  });

  it('may make several, which Customer.io must not take for one', () => {
    const operations = operationsOf((event) => [
      event,
      { ...event, event: 'Second' },
      { ...event, messageId: 'own' },
    ]);

    const ids = operations.map((operation) => 'id' in operation && operation.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(
      operationsOf((event) => event).map((operation) => 'id' in operation && operation.id)[0],
    );
  });

  it('makes the same where nobody listens', () => {
    const custom: Custom = (event) => ({ ...event, event: 'Purchase' });

    expect(translateByRules(EVENT, SETTINGS, undefined, custom)).toEqual(run(custom).translation);
  });

  it('may make events without an id, each judged by the mapping', () => {
    const { messageId: _, ...nameless } = EVENT;

    expect(run(() => [nameless, nameless]).translation).toMatchObject({ reason: 'invalid_event' });
  });

  it('may make several without an id where none is needed, and none is made up for them', () => {
    const { messageId: _, ...nameless } = { ...EVENT, type: 'identify' };
    const { translation } = run(() => [nameless, nameless]);

    expect(translation.outcome === 'operations' && translation.parts.map(({ event }) => event)).toEqual([
      nameless,
      nameless,
    ]);
  });

  it('is rejected as a whole when one of its events is, because a dead letter replays all of it', () => {
    const { translation } = run((event) => [event, { ...event, event: '' }]);

    expect(translation).toMatchObject({ outcome: 'rejected', reason: 'missing_event_name' });
  });

  it('is skipped only when all of its events are', () => {
    const skip = { ...EVENT, integrations: { All: false } };

    expect(run(() => [skip, skip]).translation).toEqual({
      outcome: 'skipped',
      reason: 'integrations_disabled',
    });
    expect(run(() => [skip, EVENT]).translation).toMatchObject({
      outcome: 'operations',
      parts: [{ event: { ...EVENT, messageId: 'm1-1' } }],
    });
  });

  it('is not asked about what is no event', () => {
    const { translation } = run(() => {
      throw new Error('It was asked.');
    }, 'text');

    expect(translation).toMatchObject({ outcome: 'rejected', reason: 'invalid_event' });
  });
});

it('An explanation names the rules that did something, with the outcome', () => {
  const rules = [
    { name: 'orders', rename: { 'Order Completed': 'Purchase' } },
    { name: 'idle', drop: ['properties.absent'] },
  ];

  expect(explain(EVENT, { ...SETTINGS, rules })).toMatchObject({
    outcome: { outcome: 'operations', parts: [{ operations: [{ name: 'Purchase' }] }] },
    steps: [{ rule: 'orders', did: 'renamed the event' }],
  });
});
