import fc from 'fast-check';
import { MAX_EVENT_BYTES } from '../../lib/event/segment-limits';
import { isObject } from '../../lib/json/json-object';
import { METRIC_WORDS, OBJECT_TYPE_WORDS } from '../../lib/mapping/to-segment/event-name';
import { translateActivity } from '../../lib/mapping/to-segment/translate-activity';
import { translate } from '../../lib/mapping/translate';

type Json = Record<string, unknown>;

const settings = fc.constantFrom('snake', 'camel').map((activityPropertyCase) => ({
  activityPropertyCase: activityPropertyCase as 'snake' | 'camel',
}));

const known = (table: Json) => fc.constantFrom(...Object.keys(table));
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const dataKey = fc.oneof(
  fc.constantFrom('delivery_id', 'subject', 'href', 'link_id', 'link', 'failure_message', 'email_subject'),
  fc.stringMatching(/^[a-zA-Z]{1,3}(_[a-zA-Z]{1,3}){0,2}$/),
);

/** A webhook as Customer.io describes them, with fields nobody has described. */
const webhook = fc.record({
  event_id: fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
  object_type: fc.oneof(known(OBJECT_TYPE_WORDS), fc.stringMatching(/^[a-z]{1,8}(_[a-z]{1,8})?$/)),
  metric: fc.oneof(known(METRIC_WORDS), fc.stringMatching(/^[a-z]{1,8}(_[a-z]{1,8})?$/)),
  timestamp: fc.integer({ min: 0, max: 4_000_000_000 }),
  data: fc
    .tuple(
      fc.dictionary(dataKey, fc.jsonValue()),
      fc.record({
        id: fc.constantFrom('42', null),
        email: fc.constant('a@example.com'),
        cio_id: fc.constant('c1'),
      }),
    )
    .map(([fields, identifiers]): Json => ({ ...fields, identifiers })),
});

describe('the translation of activity', () => {
  it('answers every JSON value and changes none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), settings, (value, chosen) => {
        const before = JSON.stringify(value);

        const { outcome } = translateActivity(value, chosen);

        expect(['event', 'rejected']).toContain(outcome);
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });

  it('answers every webhook in which any field is any JSON value', () => {
    const field = fc.constantFrom('event_id', 'object_type', 'metric', 'timestamp', 'data');
    fc.assert(
      fc.property(webhook, field, fc.jsonValue(), settings, (value, name, wrong, chosen) => {
        const { outcome } = translateActivity({ ...value, [name]: wrong }, chosen);

        expect(['event', 'rejected']).toContain(outcome);
      }),
    );
  });

  it('gives every webhook that Customer.io describes a name, one identity and the loop guard', () => {
    fc.assert(
      fc.property(webhook, settings, (value, chosen) => {
        const translation = translateActivity(value, chosen);

        if (translation.outcome !== 'event') throw new Error(translation.detail);
        const { event } = translation;
        expect(event.event).toMatch(/^\S.* .*\S$/);
        expect(event.event).not.toContain('Unknown');
        expect([event.userId, event.anonymousId].filter((id) => id !== undefined)).toHaveLength(1);
        expect(event.messageId).toBe(value.event_id);
        expect(Date.parse(event.timestamp)).toBe(value.timestamp * 1000);
        expect(event.integrations).toEqual({ 'Customer.io': false });
      }),
    );
  });

  it('gives events that are skipped when they are fed back in: nothing loops', () => {
    const mapping = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true } as const;
    fc.assert(
      fc.property(webhook, settings, (value, chosen) => {
        const translation = translateActivity(value, chosen);

        if (translation.outcome !== 'event') throw new Error(translation.detail);
        expect(translate(translation.event, mapping)).toEqual({
          outcome: 'skipped',
          reason: 'integrations_disabled',
        });
      }),
    );
  });

  it('drops nothing that Customer.io sent', () => {
    fc.assert(
      fc.property(webhook, settings, (value, chosen) => {
        const translation = translateActivity(value, chosen);

        if (translation.outcome !== 'event') throw new Error(translation.detail);
        const { identifiers: _, ...sent } = value.data;
        const kept = leavesOf(translation.event.properties);
        for (const leaf of leavesOf(sent)) expect(kept).toContain(leaf);
        expect(kept.length).toBeGreaterThanOrEqual(leavesOf(sent).length);
      }),
    );
  });

  it('never gives an event over Segment’s limit, and shortens only message content', () => {
    const length = fc.integer({ min: 0, max: 40_000 });
    fc.assert(
      fc.property(webhook, length, length, scalar, settings, (value, content, subject, note, chosen) => {
        const data = { ...value.data, content: 'c'.repeat(content), subject: 's'.repeat(subject), note };

        const translation = translateActivity({ ...value, data }, chosen);

        if (translation.outcome === 'rejected') {
          expect(translation.reason).toBe('event_too_large');
          expect(subject).toBeGreaterThan(MAX_EVENT_BYTES / 2);
          return;
        }
        const json = JSON.stringify(translation.event);
        expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_EVENT_BYTES);
        expect(json).toContain('s'.repeat(subject));
        expect(json.includes('runcated":true')).toBe(!json.includes('"content":'));
      }),
    );
  });
});

/** Every value that is no object or array, as JSON. */
const leavesOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (isObject(value)) return Object.values(value).flatMap(leavesOf);
  return [JSON.stringify(value)];
};
