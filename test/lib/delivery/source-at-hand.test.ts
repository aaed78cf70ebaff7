import { parseSettings } from '../../../lib/config/parse-settings';
import type { Settings } from '../../../lib/config/settings';
import { reportWaiting, sortRecords } from '../../../lib/delivery/source-at-hand';
import { logger } from '../../../lib/observability';
import { captureLogs } from '../../support/log-output';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const CLOCKS_APART_MS = 10_000;
const sourceOf = (name: string, over: object = {}) => ({
  name,
  writeKey: `key-${name}`,
  siteId: 's',
  apiKey: 'a',
  ...over,
});
const settingsOf = (over: Partial<Settings> = {}, ...sources: object[]): Settings => ({
  ...parseSettings(JSON.stringify([sourceOf('shop'), ...sources]), 'SOURCES'),
  readAtMs: 0,
  mayBeOutdated: false,
  ...over,
});
const event = { type: 'track', userId: 'u1', event: 'Ordered' };
const recordFor = (source: string, over: object = {}) =>
  recordOf({ messageId: source, body: event, attributes: { source }, ...over });
const sorted = (settings: Settings, ...records: ReturnType<typeof recordFor>[]) => {
  const { ready, waiting } = sortRecords(records, settings);
  return {
    ready: ready.map(({ messageId }) => messageId),
    waiting: waiting.map(({ message, delay }) => [message.sqsMessageId, delay.kind]),
  };
};

describe('a message', () => {
  it('of a source that works is ready, however old the settings are', () => {
    expect(sorted(settingsOf(), recordFor('shop'))).toEqual({ ready: ['shop'], waiting: [] });
  });

  it.each([
    ['before it was sent', -1, 'backoff'],
    ['with it, by clocks that may differ', CLOCKS_APART_MS - 1, 'backoff'],
    ['after it was sent', CLOCKS_APART_MS, undefined],
    ['never again', Infinity, undefined],
  ])('of an unknown source waits while the settings were read %s', (_, afterMs, delay) => {
    const settings = settingsOf({ readAtMs: SENT_AT.getTime() + afterMs });

    expect(sorted(settings, recordFor('new'))).toEqual(
      delay === undefined ? { ready: ['new'], waiting: [] } : { ready: [], waiting: [['new', delay]] },
    );
  });

  it('of a workspace that its source has is ready, and of another one waits as for an unknown source', () => {
    const destinations = [{ name: 'us', siteId: 'us', apiKey: 'a' }];
    const web = { name: 'web', writeKey: 'key-web', destinations };
    const records = ['us', 'eu'].map((workspace) =>
      recordFor('web', { messageId: workspace, attributes: { source: 'web', workspace } }),
    );
    const older = settingsOf({ readAtMs: SENT_AT.getTime() }, web);
    const outdated = settingsOf({ readAtMs: Infinity, mayBeOutdated: true }, web);
    const newer = settingsOf({ readAtMs: Infinity }, web);

    expect(sorted(older, ...records)).toEqual({ ready: ['us'], waiting: [['eu', 'backoff']] });
    expect(sorted(outdated, ...records)).toEqual({ ready: ['us'], waiting: [['eu', 'backoff']] });
    expect(sorted(newer, ...records)).toEqual({ ready: ['us', 'eu'], waiting: [] });
  });

  it('waits for an operator where its source has a mistake, and soon again where it may have', () => {
    const wrong = sourceOf('wrong', { region: 'uk' });
    const outdated = settingsOf({ readAtMs: Infinity, mayBeOutdated: true }, wrong);

    expect(sorted(outdated, recordFor('wrong'), recordFor('shop'), recordFor('new'))).toEqual({
      ready: ['shop'],
      waiting: [
        ['wrong', 'operator'],
        ['new', 'backoff'],
      ],
    });
  });
});

describe('what waits', () => {
  const AGE_SECONDS = 90;
  const now = new Date(SENT_AT.getTime() + AGE_SECONDS * 1_000);

  it('is counted by events and source, the first time as received, and told in a line with few ids', () => {
    const warn = jest.spyOn(logger, 'warn');
    const error = jest.spyOn(logger, 'error');
    const settings = settingsOf({}, sourceOf('wrong', { region: 'uk' }));
    const records = [
      recordFor('wrong', { messageId: 'm1', body: [event, event] }),
      recordFor('wrong', { messageId: 'm2', receiveCount: 2, sentAt: now }),
      ...Array.from({ length: 12 }, (_, index) =>
        recordFor('new', { messageId: `n${index}`, body: 'no JSON' }),
      ),
    ];
    const output = captureLogs();
    reportWaiting(sortRecords(records, settings).waiting, now);
    output.release();
    const metrics = output.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => '_aws' in line);

    expect(metrics).toEqual([
      expect.objectContaining({
        source: 'wrong',
        EventsReceived: 2,
        EventsRetried: 3,
        RetriedEventAgeSeconds: AGE_SECONDS,
      }),
      expect.objectContaining({ source: 'unknown', EventsReceived: 12, EventsRetried: 12 }),
    ]);
    expect(error.mock.calls).toEqual([
      [
        'An operator must act',
        expect.objectContaining({ source: 'wrong', messages: 2, sqsMessageIds: ['m1', 'm2'] }),
      ],
    ]);
    expect(warn.mock.calls).toEqual([
      [
        'Messages wait for settings that know their source',
        {
          source: 'unknown',
          messages: 12,
          sqsMessageIds: Array.from({ length: 10 }, (_, index) => `n${index}`),
        },
      ],
    ]);
  });

  it('is nothing, and nothing is told', () => {
    const output = captureLogs();
    reportWaiting([], now);
    output.release();

    expect(output.lines).toEqual([]);
  });
});
