// The auditor itself: a run that lost, doubled or misjudged anything must not pass it.

import { audit, type Remains } from './audit';
import type { StoredDeadLetter } from './dead-letters';
import { Evidence } from './evidence';
import type { PlannedEvent } from './planned-event';
import { trace } from './trace';
import type { Workload } from './workload';

const DELIVERED: PlannedEvent = {
  number: 1,
  event: { messageId: 'chaos-1', type: 'track', userId: 'person-1', event: 'Signed Up' },
  fate: { kind: 'delivered', trace: trace.event(1) },
};
const SKIPPED: PlannedEvent = {
  number: 2,
  event: { messageId: 'chaos-2', type: 'track', userId: 'person-1', integrations: { All: false } },
  fate: { kind: 'skipped' },
};
const DEAD: PlannedEvent = {
  number: 3,
  event: { messageId: 'chaos-3', type: 'track', userId: 'person-1' },
  fate: { kind: 'dead_lettered', reason: 'missing_event_name', names: 'event' },
};
const NO_JSON: PlannedEvent = {
  number: 4,
  event: '{"type":',
  fate: { kind: 'dead_lettered', reason: 'invalid_json', names: 'JSON' },
};

const EVENTS = [DELIVERED, SKIPPED, DEAD, NO_JSON];

const workloadWith = (copies: 1 | 2): Workload => ({
  parcels: [
    { via: 'sdk', events: [DELIVERED, SKIPPED, DEAD], copies },
    { via: 'hand', events: [NO_JSON], copies: 1 },
  ],
  events: EVENTS,
  sendings: [],
  ofOther: [],
  harmless: [],
});

const letter = (changes: Partial<StoredDeadLetter> = {}): StoredDeadLetter => ({
  body: JSON.stringify(DEAD.event),
  messageId: 'chaos-3',
  reason: 'missing_event_name',
  detail: 'event: expected a string',
  ...changes,
});
const NO_JSON_LETTER = letter({
  body: '{"type":',
  messageId: 'a1-0',
  reason: 'invalid_json',
  detail: 'the message body is not JSON',
});

const seen = (...numbers: readonly number[]): Evidence => {
  const evidence = new Evidence();
  for (const n of numbers) {
    evidence.observe({
      activity_type: 'event',
      activity_name: 'Signed Up',
      identifiers: { id: 'person-1' },
      attributes: { n },
      timestamp: 0,
    });
  }
  return evidence;
};

const profilesWith = (plan: string) => ({ people: [{ plan }], anonymous: [], objects: [] });

const remains = (changes: Partial<Remains> = {}): Remains => ({
  evidence: seen(1),
  deadLetters: [letter(), NO_JSON_LETTER],
  profiles: profilesWith('free'),
  orderlyProfiles: profilesWith('free'),
  ...changes,
});

const differencesOf = (changes: Partial<Remains>, copies: 1 | 2 = 1): readonly string[] =>
  audit(workloadWith(copies), remains(changes)).differences;

it('passes a run in which every event is where it belongs', () => {
  const { delivered, skipped, deadLettered, reasons, deadLettersAgain, differences } = audit(
    workloadWith(1),
    remains(),
  );

  expect({ delivered, skipped, deadLettered, deadLettersAgain }).toEqual({
    delivered: 1,
    skipped: 1,
    deadLettered: 2,
    deadLettersAgain: 0,
  });
  expect(reasons).toEqual({ missing_event_name: 1, invalid_json: 1 });
  expect(differences).toEqual([]);
});

it.each<[string, Partial<Remains>, RegExp]>([
  ['an event that is nowhere', { evidence: seen() }, /Event 1 is lost/],
  ['an event that counts twice', { evidence: seen(1, 1) }, /Event 1 was counted 2 times/],
  ['a skipped event that was delivered', { evidence: seen(1, 2) }, /Event 2 should be skipped/],
  ['a dead event that was delivered as well', { evidence: seen(1, 3) }, /Event 3 should be dead_lettered/],
  ['a dead event that is nowhere', { deadLetters: [NO_JSON_LETTER] }, /Event 3 has 0 of 1 dead letters/],
  [
    'a dead letter of a good event',
    { deadLetters: [letter(), NO_JSON_LETTER, letter({ messageId: 'chaos-1' })] },
    /Event 1 should have no dead letter/,
  ],
  [
    'a dead letter with another reason',
    { deadLetters: [letter({ reason: 'invalid_event' }), NO_JSON_LETTER] },
    /Event 3 should be missing_event_name/,
  ],
  [
    'a dead letter whose detail is about something else',
    { deadLetters: [letter({ detail: 'timestamp' }), NO_JSON_LETTER] },
    /Event 3 should be missing_event_name for its event/,
  ],
  [
    'a dead letter that is not the event as it was',
    { deadLetters: [letter({ body: '{"messageId":"chaos-3"}' }), NO_JSON_LETTER] },
    /Event 3 has a dead letter that is not the event/,
  ],
  [
    'a dead letter of nothing that was sent, as SQS itself would make one',
    { deadLetters: [letter(), NO_JSON_LETTER, letter({ messageId: '', reason: '', body: '[]' })] },
    /of no event that was sent/,
  ],
  [
    'a profile that an orderly run does not have',
    { profiles: profilesWith('team') },
    /Only this run has people/,
  ],
])('finds %s', (_, changes, difference) => {
  expect(differencesOf(changes)).toContainEqual(expect.stringMatching(difference));
});

it('wants a dead letter for each time an event was sent, and counts more as those of a crash', () => {
  expect(differencesOf({}, 2)).toEqual(['Event 3 has 1 of 2 dead letters.']);

  const three = audit(
    workloadWith(2),
    remains({ deadLetters: [letter(), letter(), letter(), NO_JSON_LETTER] }),
  );
  expect(three.differences).toEqual([]);
  expect(three.deadLettersAgain).toBe(1);
});
