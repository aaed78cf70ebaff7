// Times and counts as the page writes them.

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const clock = (ms: number): string => CLOCK.format(ms);

export const clockWithMs = (ms: number): string =>
  `${CLOCK.format(ms)}.${String(ms % 1_000).padStart(3, '0')}`;

export const dateTime = (ms: number): string => DATE.format(ms);

export const count = (number: number): string => number.toLocaleString('en');

/** A number and its word, which differs for one and many. */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

export const ago = (ms: number, now = Date.now()): string => {
  const seconds = Math.max(0, Math.round((now - ms) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
};
