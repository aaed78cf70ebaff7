// docs/migrating.md: its presets are those of the code, its links lead somewhere, and its payload does what it says.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PRESETS } from '../../lib/config/presets';
import { sourceSchema } from '../../lib/config/source';
import { httpRequest } from '../support/http-request';
import {
  AUTHORIZED,
  deadLetters,
  ingest,
  queuedEvents,
  resetQueues,
  setIngestSettings,
} from '../support/ingest';
import { parseSources } from '../support/sources';

const DOCS = path.join(__dirname, '../../docs');
const page = readFileSync(path.join(DOCS, 'migrating.md'), 'utf8');
const examples = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = '']) => json);

it('names each preset with what it sets', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (`".+`) +\|$/gm)].map(([, name, settings = '']) => [
    name,
    JSON.parse(`{${settings.replaceAll('`', '')}}`),
  ]);

  expect(Object.fromEntries(rows)).toEqual(PRESETS);
});

it('names settings that there are', () => {
  const named = [...page.matchAll(/`"(\w+)":/g)].map(([, name]) => name);

  expect(named).toContain('preset');
  expect(named.filter((name) => name === undefined || !(name in sourceSchema.shape))).toEqual([]);
});

it('shows a source that the settings take', () => {
  expect(parseSources(examples[0] ?? '')[0]).toMatchObject({ preset: 'segment-classic', lastVisit: true });
});

it('links to files and folders that exist', () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[\w-]+)?\)/g)].map(([, target = '']) => target);

  expect(links.length).toBeGreaterThan(25);
  expect(links.filter((link) => !existsSync(path.join(DOCS, link)))).toEqual([]);
});

describe("an event that Segment's Webhook destination posts", () => {
  const event = JSON.parse(examples[1] ?? '');
  const post = (body: unknown) =>
    ingest(httpRequest({ path: '/v1/track', headers: AUTHORIZED, body: JSON.stringify(body) }));

  beforeEach(() => {
    setIngestSettings();
    resetQueues();
    jest.useFakeTimers({
      now: new Date('2026-05-06T07:08:12.000Z'),
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    });
  });
  afterEach(() => jest.useRealTimers());

  it.each([
    ['bare', event, [event]],
    [
      'in a bare array when it batches',
      [event, { ...event, messageId: 'second' }],
      [event, { ...event, messageId: 'second' }],
    ],
  ])(
    'is queued as what its own type says, and keeps the time that Segment has corrected: %s',
    async (_, body, events) => {
      expect(await post(body)).toMatchObject({ statusCode: 200 });

      expect(deadLetters()).toEqual([]);
      expect(queuedEvents()).toEqual(
        events.map(
          ({ type, messageId, userId, traits, timestamp, originalTimestamp, receivedAt }: typeof event) =>
            expect.objectContaining({
              type,
              messageId,
              userId,
              traits,
              timestamp,
              originalTimestamp,
              receivedAt,
            }),
        ),
      );
    },
  );
});
