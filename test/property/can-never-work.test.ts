// The two ways in agree: what HTTP takes, the mapping never rejects as an event that can never work, and what one
// turns away the other turns away for the same reason.

import fc from 'fast-check';
import { EVENT_TYPES } from '../../lib/event/event';
import { findFault } from '../../lib/event/find-fault';
import { acceptEvents } from '../../lib/ingest/accept';
import { isObject } from '../../lib/json/json-object';
import { translate } from '../../lib/mapping/translate';
import type { MappingSettings } from '../../lib/mapping/translation';
import { anyJson, segmentEvent } from '../support/event-arbitrary';

const RECEIVED_AT_MS = Date.parse('2026-11-24T06:00:00Z');

const settings: fc.Arbitrary<MappingSettings> = fc.record({
  workspaceIdentifiers: fc.constant('email_phone_or_id' as const),
  convertTimestamps: fc.boolean(),
  integrationNames: fc.constantFrom([], ['CIO']),
  allowIdentifiers: fc.constantFrom([], ['undefined', 'guest']),
});

const enter = (event: unknown, { integrationNames, allowIdentifiers }: MappingSettings) => {
  const request = {
    receivedAtMs: RECEIVED_AT_MS,
    ip: undefined,
    isBrowser: false,
    newMessageId: () => 'generated',
    integrationNames,
    allowIdentifiers,
  };
  const envelope = {
    events: [event],
    texts: () => [JSON.stringify(event)],
    writeKeys: [],
    shared: undefined,
  };
  const entered = acceptEvents(envelope, { kind: 'batch' }, request);
  if (entered.kind === 'refused') throw new Error(entered.message);
  return { queued: entered.events[0], reason: entered.rejected[0]?.reason };
};

/** Of an event that is not for Customer.io, neither of the two asks what is wrong with it. */
const forCustomerIo = (event: unknown): unknown => (isObject(event) ? { ...event, integrations: {} } : event);

const mappingOf = (event: unknown, mappingSettings: MappingSettings) =>
  translate(
    isObject(event) ? { messageId: 'm1', timestamp: '2026-01-01T00:00:00Z', ...event } : event,
    mappingSettings,
  );

it('HTTP and the mapping take and turn away the same events, for the same reasons', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: segmentEvent }, anyJson), settings, (anyEvent, source) => {
      const event = forCustomerIo(anyEvent);
      const { queued, reason } = enter(event, source);

      if (queued !== undefined) {
        const translation = mappingOf(JSON.parse(queued), source);
        // A workspace that knows people by phone merges none by it, and only where groups are objects have they a type:
        // what a setting makes impossible is queued.
        if (translation.outcome === 'rejected')
          expect(translation.detail).toMatch(/a phone number|number of an object type/);
      } else {
        // Only HTTP fills in a time and a messageId, and reads the type of very old SDKs in `action`.
        expect(mappingOf(event, source)).toMatchObject({ outcome: 'rejected', reason });
      }
      seen.add(reason ?? 'taken');
    }),
    { numRuns: 2_000 },
  );
  expect([...seen].sort()).toEqual([
    'illegal_identifier',
    'invalid_event',
    'missing_event_name',
    'missing_identifier',
    'taken',
  ]);
});

it.each([
  ['id', { email: 'ada@example.com' }],
  ['email_or_id', { phone: '+14155552671' }],
] as const)('what is left to the mapping is what a setting makes impossible: %s, %j', (knows, traits) => {
  const event = { type: 'identify', traits };
  const source: MappingSettings = { workspaceIdentifiers: knows, convertTimestamps: true };

  const { queued } = enter(event, source);

  expect(mappingOf(JSON.parse(queued ?? ''), source)).toMatchObject({ reason: 'missing_identifier' });
});

it('a fault is found whatever the settings allow, or by none of them', () => {
  fc.assert(
    fc.property(segmentEvent, fc.constantFrom(...EVENT_TYPES), (event, type) => {
      const strict = findFault(event, type, { workspaceIdentifiers: 'id' });
      const lenient = findFault(event, type, {
        workspaceIdentifiers: 'email_phone_or_id',
        allowIdentifiers: ['undefined', 'guest', '"null"'],
      });

      if (lenient !== undefined) expect(strict).toBeDefined();
    }),
  );
});
