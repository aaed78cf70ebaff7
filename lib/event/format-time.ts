// Times as they are written: ISO 8601 in Segment's events, whole Unix seconds for Customer.io. Inside, a time is
// milliseconds since 1970.

export const toUnixSeconds = (ms: number): number => Math.floor(ms / 1_000);

const MINUTE_MS = 60_000;
const SECONDS = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.`);
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

let lastMinute = Number.NaN;
let lastMinuteText = '';

/**
 * What `toISOString` answers, for whole milliseconds since 1970. That method, called twice for each event,
 * was the dearest part of ingest after JSON itself. Most events are of one minute, so its text is kept.
 */
export const formatTime = (ms: number): string => {
  const minute = Math.floor(ms / MINUTE_MS);
  if (minute !== lastMinute) {
    lastMinute = minute;
    lastMinuteText = new Date(minute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length);
  }
  const left = ms - minute * MINUTE_MS;
  return `${lastMinuteText}${SECONDS[Math.floor(left / 1_000)]}${MILLISECONDS[left % 1_000]}`;
};
