// Times as they are written: ISO 8601 in Segment's events, whole Unix seconds for Customer.io. Inside, a time is
// milliseconds since 1970.

export const toUnixSeconds = (ms: number): number => Math.floor(ms / 1_000);

const MINUTE_MS = 60_000;
/** Each made when it is first looked up: all of them at once would be a part of every cold start. */
const SECONDS = new Array<string>(60);
const MILLISECONDS = new Array<string>(1_000);

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
  return lastMinuteText + secondText(Math.floor(left / 1_000)) + millisecondText(left % 1_000);
};

const secondText = (second: number): string => {
  SECONDS[second] ??= `${String(second).padStart(2, '0')}.`;
  return SECONDS[second];
};

const millisecondText = (ms: number): string => {
  MILLISECONDS[ms] ??= `${String(ms).padStart(3, '0')}Z`;
  return MILLISECONDS[ms];
};
