import { openedIn } from '../../../../infra/console/page/hash';
import {
  athenaWords,
  fromField,
  inAddress,
  pathOfSearch,
  rangeWords,
  searchIn,
  timeOf,
  toField,
} from '../../../../infra/console/page/trace-search';

const DEFAULTS = { since: '7d', limits: [20, 100] };
const searched = (hash: string) => searchIn(openedIn(hash), DEFAULTS);

it('What the address leaves out, or has that there is none of, is as by default, and is left out again', () => {
  for (const hash of ['#/trace/ada%40example.com', '#/trace/ada@example.com?limit=7&scans=yes&since=']) {
    expect(searched(hash)).toEqual({
      ...{ wanted: 'ada@example.com', since: '7d', until: '', source: '', limit: 20, scans: false },
    });
    expect(Object.values(inAddress(searched(hash), DEFAULTS)).join('')).toBe('');
  }
});

it('What the address has is asked of the server', () => {
  const search = searched('#/trace/a%2Fb%3F?since=30d&until=2026-11-01&source=shop&limit=100&scans=true');

  expect(inAddress(search, DEFAULTS)).toEqual({
    ...{ since: '30d', until: '2026-11-01', source: 'shop', limit: '100', scans: 'true' },
  });
  expect(pathOfSearch(search)).toBe(
    'trace?wanted=a%2Fb%3F&since=30d&until=2026-11-01&source=shop&limit=100&scans=true',
  );
  expect(pathOfSearch({ ...search, wanted: 'half \ud83d' })).toContain('wanted=half+%EF%BF%BD&');
});

it('A range has its words, and any other is between two times, which fields of the browser take', () => {
  const now = Date.parse('2026-11-29T10:00:00Z');

  expect(rangeWords({ since: '30d', until: '' })).toBe('in the last 30 days');
  expect(rangeWords({ since: '30d', until: '1d' })).toBe('between two times');
  expect(rangeWords({ since: '3d', until: '' })).toBe('between two times');
  expect(timeOf('3d', now)).toBe('2026-11-26T10:00:00.000Z');
  expect(timeOf('2026-11-01', now)).toBe('2026-11-01');
  expect(fromField(toField('2026-11-26T10:00:00.000Z'))).toBe('2026-11-26T10:00:00.000Z');
  expect([toField('never'), fromField('')]).toEqual(['', '']);
});

it('What Athena read is said with what it costs', () => {
  expect(athenaWords(4_200)).toBe('Athena read 5 kB, less than $0.01.');
  expect(athenaWords(24e9)).toBe('Athena read 24,000 MB, some $0.12.');
});
