// When an event happened, at either door; and that it stays so however often the event comes back.

import fc from 'fast-check';
import {
  clientTime,
  correctTime,
  dedupeTimeMs,
  type EventTime,
  eventTimeMs,
} from '../../../lib/event/event-time';
import type { JsonObject } from '../../../lib/json/json-object';

const at = (iso: string): number => new Date(iso).getTime();

describe('clientTime', () => {
  it.each([
    [{ timestamp: '2024-01-01' }, '2024-01-01'],
    [{ originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: '2024-01-01', originalTimestamp: '2024-01-02' }, '2024-01-01'],
    [{ timestamp: 'broken', originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: null, originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: '2024-01-01', originalTimestamp: '' }, '2024-01-01'],
    [{ timestamp: 'broken' }, 'broken'],
    [{ timestamp: 0 }, 0],
    [{ timestamp: null, originalTimestamp: '' }, undefined],
    [{}, undefined],
  ])('of %j is %j', (event, expected) => {
    expect(clientTime(event)).toBe(expected);
  });
});

const receivedAtMs = at('2026-11-24T06:00:00.000Z');
const DAY_MS = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

describe('the time of an event that comes from its sender', () => {
  it('is the time the event is old by the device clock, before it was received', () => {
    const sentAtMs = at('2026-11-20T01:00:00.000Z');
    const timestamp = iso(sentAtMs - 30_000);

    expect(correctTime({ timestamp }, { receivedAtMs, sentAtMs })).toEqual({
      timestampMs: receivedAtMs - 30_000,
      originalTimestamp: timestamp,
      receivedAtMs,
      isReplaced: false,
    });
  });

  it('corrects a clock that stands before 1970', () => {
    const event = { timestamp: iso(-90_000) };

    expect(correctTime(event, { receivedAtMs, sentAtMs: -60_000 })).toMatchObject({
      timestampMs: receivedAtMs - 30_000,
      isReplaced: false,
    });
  });

  it('keeps an import of years ago where it is', () => {
    const event = { timestamp: '2012-12-02T00:30:08.276Z' };

    expect(correctTime(event, { receivedAtMs, sentAtMs: receivedAtMs - 100 }).timestampMs).toBe(
      at('2012-12-02T00:30:08.376Z'),
    );
  });

  it('is what the sender says when nothing says when it was sent', () => {
    const event = { timestamp: iso(receivedAtMs - 5_000) };

    expect(correctTime(event, { receivedAtMs }).timestampMs).toBe(receivedAtMs - 5_000);
  });

  it.each([0, at('0001-01-01T00:00:00Z')])(
    'is what the sender says when its sentAt was never set (%d)',
    (sentAtMs) => {
      const event = { timestamp: iso(receivedAtMs - DAY_MS) };

      expect(correctTime(event, { receivedAtMs, sentAtMs }).timestampMs).toBe(receivedAtMs - DAY_MS);
    },
  );

  it.each([0, '1969-12-31T23:59:59Z'])(
    'is the other one that the sender says where one was never set (%j)',
    (timestamp) => {
      const event = { timestamp, originalTimestamp: iso(receivedAtMs - DAY_MS) };

      expect(correctTime(event, { receivedAtMs })).toMatchObject({
        timestampMs: receivedAtMs - DAY_MS,
        isReplaced: false,
      });
    },
  );

  it('is corrected as well for a clock that stands before 1970', () => {
    const event = { timestamp: '1969-12-31T23:00:00Z' };

    expect(correctTime(event, { receivedAtMs, sentAtMs: -3_599_000 }).timestampMs).toBe(receivedAtMs - 1_000);
  });

  it('is the arrival when the sender says none, and then nothing was replaced', () => {
    expect(correctTime({}, { receivedAtMs, sentAtMs: receivedAtMs - 1 })).toEqual({
      timestampMs: receivedAtMs,
      originalTimestamp: undefined,
      receivedAtMs,
      isReplaced: false,
    });
  });

  it.each([
    ['the clock is ahead and nothing says when it was sent', receivedAtMs + DAY_MS, undefined],
    ['the event is later than it was sent', receivedAtMs, receivedAtMs - DAY_MS],
  ])('is the arrival when %s', (_, clientMs, sentAtMs) => {
    expect(correctTime({ timestamp: clientMs }, { receivedAtMs, sentAtMs })).toMatchObject({
      timestampMs: receivedAtMs,
      originalTimestamp: clientMs,
      isReplaced: false,
    });
  });

  it.each([
    ['cannot be read', { timestamp: 'soon' }, undefined, 'soon'],
    ['is no time at all', { timestamp: { seconds: 5 } }, undefined, { seconds: 5 }],
    ['can be read in neither field', { timestamp: 'soon', originalTimestamp: 'now' }, undefined, 'now'],
    ['lies before 1970', { timestamp: '1969-12-31' }, undefined, '1969-12-31'],
    ['was never set, by a clock that is right', { timestamp: 0 }, receivedAtMs - 60_000, 0],
    [
      'lies before 1970 by a clock that does not',
      { timestamp: '1969-12-31T23:59:30Z' },
      receivedAtMs - 60_000,
      '1969-12-31T23:59:30Z',
    ],
    ['lies before 1970 once corrected', { timestamp: 5 }, receivedAtMs * 2, 5],
  ])('is the arrival, and says so, when what the sender says %s', (_, event, sentAtMs, originalTimestamp) => {
    expect(correctTime(event, { receivedAtMs, sentAtMs })).toEqual({
      timestampMs: receivedAtMs,
      originalTimestamp,
      receivedAtMs,
      isReplaced: true,
    });
  });

  it.each(['', null, 'soon', true, 0, -5, '1969-12-31', {}])(
    'is corrected although it carries a receivedAt, when that is %j',
    (receivedAt) => {
      const sentAtMs = receivedAtMs + DAY_MS;
      const event = { timestamp: iso(sentAtMs - 30_000), receivedAt };

      expect(correctTime(event, { receivedAtMs, sentAtMs })).toMatchObject({
        timestampMs: receivedAtMs - 30_000,
        receivedAtMs,
      });
    },
  );
});

describe('the time of an event that a server has corrected', () => {
  const archived = {
    type: 'track',
    originalTimestamp: '2023-06-04T22:00:00.000Z',
    sentAt: '2023-06-04T22:00:01.000Z',
    timestamp: '2023-06-05T00:00:00.000Z',
    receivedAt: '2023-06-05T00:00:01.000Z',
  };

  it('stays, as do what its device said and when it was received', () => {
    expect(correctTime(archived, { receivedAtMs, sentAtMs: receivedAtMs })).toEqual({
      timestampMs: at('2023-06-05T00:00:00.000Z'),
      originalTimestamp: '2023-06-04T22:00:00.000Z',
      receivedAtMs: at('2023-06-05T00:00:01.000Z'),
      isReplaced: false,
    });
  });

  it('stays when it is later than that server received it, but not later than now', () => {
    const event = { ...archived, timestamp: '2023-06-06T00:00:00.000Z' };

    expect(correctTime(event, { receivedAtMs }).timestampMs).toBe(at('2023-06-06T00:00:00.000Z'));
  });

  it.each([
    ['soon', '2023-06-04T22:00:00.000Z', '2023-06-04T22:00:00.000Z', false],
    [undefined, '2023-06-04T22:00:00.000Z', '2023-06-04T22:00:00.000Z', false],
    ['2023-06-05T00:00:00.000Z', 'soon', '2023-06-05T00:00:00.000Z', false],
    ['soon', 'now', '2023-06-05T00:00:01.000Z', true],
    ['soon', '', '2023-06-05T00:00:01.000Z', true],
    ['1969-12-31', undefined, '2023-06-05T00:00:01.000Z', true],
    [undefined, null, '2023-06-05T00:00:01.000Z', false],
  ])(
    'with timestamp %j and originalTimestamp %j is %s',
    (timestamp, originalTimestamp, expected, isReplaced) => {
      const event = { ...archived, timestamp, originalTimestamp };

      expect(correctTime(event, { receivedAtMs })).toMatchObject({ timestampMs: at(expected), isReplaced });
    },
  );

  it('keeps its timestamp as what was said, when nothing else was', () => {
    const { timestamp, receivedAt } = archived;

    expect(correctTime({ timestamp, receivedAt }, { receivedAtMs }).originalTimestamp).toBe(timestamp);
  });

  it('is the arrival when it lies in the future, whatever its receivedAt claims', () => {
    const future = iso(receivedAtMs + DAY_MS);
    const event = { timestamp: future, originalTimestamp: future };

    for (const receivedAt of [future, archived.receivedAt])
      expect(correctTime({ ...event, receivedAt }, { receivedAtMs })).toMatchObject({
        timestampMs: receivedAtMs,
        originalTimestamp: future,
      });
    expect(correctTime({ ...event, receivedAt: future }, { receivedAtMs }).receivedAtMs).toBe(receivedAtMs);
  });

  it.each([
    [1_000, 1_000],
    [1_001, 0],
  ])('of a server whose clock is %i ms ahead is %i ms ahead', (aheadMs, expectedMs) => {
    const ahead = iso(receivedAtMs + aheadMs);

    expect(correctTime({ timestamp: ahead, receivedAt: ahead }, { receivedAtMs })).toMatchObject({
      timestampMs: receivedAtMs + expectedMs,
      receivedAtMs: receivedAtMs + expectedMs,
    });
  });
});

describe('a replay that was clamped at the door', () => {
  it('keeps that time although the clock of the queue is behind', () => {
    const replay = { timestamp: iso(receivedAtMs + DAY_MS), receivedAt: '2023-06-05T00:00:01.000Z' };
    const { timestampMs } = correctTime(replay, { receivedAtMs });
    const queued = { ...replay, timestamp: iso(timestampMs) };

    expect(correctTime(queued, { receivedAtMs: receivedAtMs - 20 }).timestampMs).toBe(receivedAtMs);
  });
});

describe('any event', () => {
  const anyTime = fc.oneof(
    fc.integer({ min: receivedAtMs - 400 * DAY_MS, max: receivedAtMs + 400 * DAY_MS }).map(iso),
    fc.integer({ min: receivedAtMs - 3_000, max: receivedAtMs + 3_000 }).map(iso),
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.constantFrom(undefined, null, '', 'soon', {}, 'Mon, 05 Jun 2023 00:00:00 GMT'),
  );
  const anyEvent = fc.record({ timestamp: anyTime, originalTimestamp: anyTime });
  const anySentAt = fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 }), { nil: undefined });

  it('happened after 1970 and not after its arrival', () => {
    fc.assert(
      fc.property(anyEvent, anyTime, anySentAt, (event, receivedAt, sentAtMs) => {
        const { timestampMs } = correctTime({ ...event, receivedAt }, { receivedAtMs, sentAtMs });
        expect(timestampMs).toBeGreaterThan(0);
        expect(timestampMs).toBeLessThanOrEqual(receivedAtMs + 1_000);
      }),
    );
  });

  /** As ingest puts it on the queue. */
  const toQueued = (time: EventTime): JsonObject => ({
    originalTimestamp: time.originalTimestamp ?? iso(time.receivedAtMs),
    timestamp: iso(time.timestampMs),
    receivedAt: iso(time.receivedAtMs),
  });

  it('that ingest has taken keeps its times for ever, on the queue and posted again', () => {
    // The clock of the queue may stand a little behind that of ingest.
    const later = fc.integer({ min: -1_000, max: 30 * DAY_MS });
    fc.assert(
      fc.property(anyEvent, anyTime, anySentAt, later, later, (event, receivedAt, sentAtMs, one, other) => {
        const first = correctTime({ ...event, receivedAt }, { receivedAtMs, sentAtMs });
        const queued = toQueued(first);
        const seenAtMs = Math.max(first.receivedAtMs, first.timestampMs, receivedAtMs);
        const again = [
          correctTime(queued, { receivedAtMs: seenAtMs + one }),
          correctTime(queued, { receivedAtMs: seenAtMs + other, sentAtMs: seenAtMs + other }),
        ];

        for (const time of again) expect({ ...toQueued(time) }).toEqual(queued);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('eventTimeMs', () => {
  it('prefers timestamp, then originalTimestamp, then receivedAt, of those that can be read', () => {
    const [timestamp, originalTimestamp, receivedAt] = ['2024-05-03', '2024-05-02', '2024-05-01'];

    expect(eventTimeMs({ timestamp, originalTimestamp, receivedAt })).toBe(Date.parse(timestamp));
    expect(eventTimeMs({ timestamp: 'soon', originalTimestamp, receivedAt })).toBe(
      Date.parse(originalTimestamp),
    );
    expect(eventTimeMs({ timestamp: 'soon', originalTimestamp: '', receivedAt })).toBe(
      Date.parse(receivedAt),
    );
    expect(eventTimeMs({ originalTimestamp: 'soon' })).toBeUndefined();
    expect(eventTimeMs({})).toBeUndefined();
  });
});

describe('dedupeTimeMs', () => {
  it('is what the SDK said first, which a second attempt does not change', () => {
    const event = { originalTimestamp: '2024-05-06T07:08:09.123Z', timestamp: '2024-05-06T08:00:00Z' };

    expect(dedupeTimeMs(event, Date.parse(event.timestamp))).toBe(1714979289123);
  });

  it.each([undefined, null, 'soon'])(
    'is the time of the event when originalTimestamp is %s',
    (originalTimestamp) => {
      expect(dedupeTimeMs({ originalTimestamp }, 1_000)).toBe(1_000);
    },
  );
});
