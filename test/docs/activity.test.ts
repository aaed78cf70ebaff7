import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classifySegment } from '../../lib/destinations/segment/outcome';
import { REASONS, REQUEST_ERRORS } from '../../lib/errors';
import * as segmentLimits from '../../lib/event/segment-limits';
import { METRIC_WORDS, OBJECT_TYPE_WORDS } from '../../lib/mapping/to-segment/event-name';
import { parseSources } from '../support/sources';

const ROOT = join(__dirname, '../..');
const DOC = readFileSync(join(ROOT, 'docs/activity.md'), 'utf8');
const GOLDEN = join(ROOT, 'test/golden-activity');

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows, without the head, of the table whose first head cell and last head cell are given. */
const tableOf = (first: string, last: string): string[][] => {
  const lines = DOC.split('\n');
  const head = lines.findIndex((line) => cellsOf(line)[0] === first && cellsOf(line).at(-1) === last);
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map(cellsOf);
};

const withoutQuotes = (text: string | undefined): string => (text ?? '').replaceAll('`', '');
const asObject = (rows: string[][]) =>
  Object.fromEntries(rows.map(([code, value]) => [withoutQuotes(code), withoutQuotes(value)]));

describe('docs/activity.md', () => {
  it('shows the words of every object type', () => {
    expect(asObject(tableOf('`object_type`', 'words'))).toEqual(OBJECT_TYPE_WORDS);
  });

  it('shows the words of every metric', () => {
    expect(asObject(tableOf('`metric`', 'words'))).toEqual(METRIC_WORDS);
  });

  it('lists every event name, as the golden cases have it', () => {
    const rows = asObject(tableOf('`object_type`', 'events'));
    const listed = Object.entries(rows).flatMap(([objectType, names]) =>
      names.split(', ').map((name) => `${objectType}: ${name}`),
    );

    const cases = readdirSync(GOLDEN).filter((folder) => /^[a-z_]+-[a-z_]+$/.test(folder));
    const expected = cases.map((folder) => {
      const { event } = JSON.parse(readFileSync(join(GOLDEN, folder, 'event.json'), 'utf8')) as {
        event: string;
      };
      return `${folder.split('-')[0]}: ${event}`;
    });
    expect(listed.sort()).toEqual(expected.sort());
  });

  it('shows the defaults of the settings', () => {
    const [source] = parseSources('[{"name":"n","writeKey":"w","siteId":"s","apiKey":"a"}]');
    const rows = asObject(tableOf('setting of a source', 'meaning'));

    for (const [setting, shown] of Object.entries(rows)) {
      const value = (source as Readonly<Record<string, unknown>>)[setting];
      expect([setting, value === undefined ? 'none' : JSON.stringify(value)]).toEqual([setting, shown]);
    }
    expect(Object.keys(rows)).toHaveLength(6);
  });

  it('says of each status of Segment what the code says', () => {
    const rows = tableOf("Segment's answer", 'what becomes of the events');
    const kindOf = (status: number) =>
      classifySegment({ kind: 'response', status, headers: {}, body: '{}' }).kind;
    const meanings = {
      accepted: /^delivered/,
      refused: /^the request is halved/,
      unavailable: /^tried up to/,
      operator: /^an operator/,
    };

    const shown = rows.flatMap(([statuses = '', meaning = '']) =>
      (statuses.match(/\b(?:\d{3}|[25]xx)\b/g) ?? []).map(
        (status) => [Number(status.replace('xx', '00')), meaning] as const,
      ),
    );
    for (const [status, meaning] of shown.filter(([, text]) => text !== 'retried')) {
      expect([status, meaning]).toEqual([
        status,
        expect.stringMatching(meanings[kindOf(status) as keyof typeof meanings]),
      ]);
    }
    expect(shown).toHaveLength(12);
  });

  it('names the limits that the code keeps', () => {
    for (const limit of Object.values(segmentLimits)) {
      expect(DOC).toContain(limit.toLocaleString('en'));
    }
  });

  it('names each reason there may be, and only codes that exist', () => {
    const reasons = tableOf('reason', 'when').map(([reason]) => withoutQuotes(reason));
    const codes = tableOf('case', 'what becomes of the webhook').flatMap(
      ([, answer]) => answer?.match(/[a-z_]{5,}/g) ?? [],
    );

    const { operation_too_large: _, rejected_by_customerio: __, ...ofActivity } = REASONS;
    expect(reasons.sort()).toEqual(Object.keys(ofActivity).sort());
    expect(Object.keys(REQUEST_ERRORS)).toEqual(expect.arrayContaining(codes));
    expect(codes).toHaveLength(5);
  });
});
