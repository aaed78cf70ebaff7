// What a message says of its earlier lives is believed only where it can be true.

import {
  HISTORY_ATTRIBUTES,
  type History,
  historyAttributes,
  MAX_FAILED_ALONE,
  readHistory,
} from '../../../lib/queue/history';

const FIRST_SENT_MS = Date.parse('2026-03-01T00:00:00Z');
const PUT_BACK_MS = Date.parse('2026-03-02T00:00:00Z');
const HOUR_MS = 3_600_000;
const EARLIER: History = { receives: 7, firstSentAtMs: FIRST_SENT_MS, failedAlone: [], isCulprit: false };
/** What SQS itself says of the message that was put back. */
const OWN: History = { receives: 2, firstSentAtMs: PUT_BACK_MS, failedAlone: [], isCulprit: false };

const written = (history: History = EARLIER) => historyAttributes(history, new Date(PUT_BACK_MS));
const read = (attributes: Readonly<Record<string, string | undefined>>, own: History = OWN) =>
  readHistory((name) => attributes[name], own);

it('goes on with what was written: receives add up, and the first time of sending stays', () => {
  expect(read(written())).toEqual({ ...EARLIER, receives: 9 });
});

it('a culprit stays one', () => {
  expect(read(written({ ...EARLIER, isCulprit: true })).isCulprit).toBe(true);
});

it('a culprit is written as a plain yes, and only of one', () => {
  expect(written({ ...EARLIER, isCulprit: true })[HISTORY_ATTRIBUTES.culprit]).toBe('yes');
  expect(written()).not.toHaveProperty(HISTORY_ATTRIBUTES.culprit);
  expect(read({ ...written(), culprit: '' }).isCulprit).toBe(false);
});

it('the events that failed alone are named by their positions, and only where there are any', () => {
  const attributes = written({ ...EARLIER, failedAlone: [0, 7, 9_999] });

  expect(attributes[HISTORY_ATTRIBUTES.failedAlone]).toBe('0,7,9999');
  expect(read(attributes).failedAlone).toEqual([0, 7, 9_999]);
  expect(written()).not.toHaveProperty(HISTORY_ATTRIBUTES.failedAlone);
});

it('no more of them are written than may be read', () => {
  const positions = Array.from({ length: MAX_FAILED_ALONE + 1 }, (_, index) => 9_000 + index);

  expect(read(written({ ...EARLIER, failedAlone: positions })).failedAlone).toEqual(positions.slice(0, -1));
});

it.each(['', 'yes', '0,', ',0', '0,,1', '-1', '1.5', '123456', ' 0', `${'0,'.repeat(400)}0`])(
  'positions that are no such list are none: %j',
  (text) => {
    expect(read({ ...written(), failedAlone: text }).failedAlone).toEqual([]);
  },
);

it('a message without a history has its own', () => {
  expect(read({})).toEqual(OWN);
});

it.each(['receives', 'firstSentAt', 'putBackAt'])('without %s nothing of the history is taken', (name) => {
  expect(read({ ...written(), [name]: undefined })).toEqual(OWN);
});

it.each([
  ['letters', 'seven'],
  ['digits with something before them', ' 7'],
  ['digits with something behind them', '7 times'],
  ['a fraction', '7.5'],
  ['a number below zero', '-7'],
  ['nothing', ''],
  ['more digits than a number can hold', '1'.repeat(16)],
])('%s is no count of receives', (_, text) => {
  expect(read({ ...written(), receives: text })).toEqual(OWN);
});

it('as many receives as ten years have are believed, and no more', () => {
  expect(read({ ...written(), receives: '1000000' }).receives).toBe(1_000_002);
  expect(read({ ...written(), receives: '1000001' })).toEqual(OWN);
});

it.each([HOUR_MS, -HOUR_MS])(
  'a clock that differs by an hour (%d ms) does not end the history',
  (differenceMs) => {
    const own = { ...OWN, firstSentAtMs: PUT_BACK_MS + differenceMs };

    expect(read(written(), own).receives).toBe(9);
  },
);

it.each([HOUR_MS + 1, -HOUR_MS - 1])('a message moved %d ms after it was put back starts anew', (movedMs) => {
  const own = { ...OWN, firstSentAtMs: PUT_BACK_MS + movedMs };

  expect(read(written(), own)).toEqual(own);
});

it('what was put back at once keeps its history, and what was put back before it was sent has none', () => {
  const sentAt = (ms: number) => read(written({ ...EARLIER, firstSentAtMs: ms }));

  expect(sentAt(PUT_BACK_MS).firstSentAtMs).toBe(PUT_BACK_MS);
  expect(sentAt(PUT_BACK_MS).receives).toBe(9);
  expect(sentAt(PUT_BACK_MS + 1)).toEqual(OWN);
});
