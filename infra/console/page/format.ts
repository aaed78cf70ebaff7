// Times and counts as the page writes them.

/** In the hours that can be searched for. With `hour12: false` some browsers begin the day at 24. */
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const CLOCK = new Intl.DateTimeFormat(undefined, TIME);
const DATE = new Intl.DateTimeFormat(undefined, {
  ...TIME,
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  timeZoneName: 'short',
});

export const clock = (ms: number): string => CLOCK.format(ms);

export const clockWithMs = (ms: number): string =>
  `${CLOCK.format(ms)}.${String(ms % 1_000).padStart(3, '0')}`;

/** In the zone of the reader, which it names. */
export const dateTime = (ms: number): string => DATE.format(ms);

/** What the zone of the reader is called at that time: `GMT+2`. */
export const zone = (ms: number): string =>
  DATE.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** To the second, as the command line writes it. */
export const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export const count = (number: number): string => number.toLocaleString('en');

/** A number and its word, which differs for one and many. */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

export const ago = (ms: number, now = Date.now()): string => {
  const seconds = Math.max(0, Math.round((now - ms) / 1_000));
  if (seconds < 60) return `${seconds}\u00a0s\u00a0ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)}\u00a0min\u00a0ago`;
  return seconds < 86_400
    ? `${Math.round(seconds / 3_600)}\u00a0h\u00a0ago`
    : `${Math.round(seconds / 86_400)}\u00a0d\u00a0ago`;
};

/** A part of a whole; nothing where there is none of either. */
export const percent = (part: number, whole: number): string => {
  if (whole === 0 || part === 0) return '';
  if (part < whole / 1_000) return '<\u202f0.1\u00a0%';
  return `${((100 * part) / whole).toFixed(part < whole / 10 ? 1 : 0)}\u00a0%`;
};

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** In the largest unit that says it without a fraction, or with one digit of it. */
export const duration = (seconds: number): string => {
  const [length, name] = UNITS.find(([least]) => seconds >= 2 * least || seconds === least) ?? [1, 's'];
  return `${Math.round((10 * seconds) / length) / 10} ${name}`;
};
