import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../infra/local/sandbox/server';
import { REQUEST_ERRORS } from '../../lib/errors';
import { MAX_EVENT_BYTES } from '../../lib/event/segment-limits';
import { TRACKER_WAIT_MS } from '../../lib/ingest/customerio-plugin/tracker';
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from '../../lib/ingest/request-limits';
import { findRoute } from '../../lib/ingest/routes';
import { PLUGIN_NAME } from '../../lib/mapping/device-mode';
import { translate } from '../../lib/mapping/translate';

const page = readFileSync(join(__dirname, '../../docs/sdks.md'), 'utf8');

it('names the code of everything that a sender can do wrong', () => {
  for (const code of [
    'malformed_json',
    'payload_too_large',
    'invalid_write_key',
    'body_encoding_lost',
  ] as const) {
    expect(page).toContain(`\`${REQUEST_ERRORS[code]} ${code}\``);
  }
});

it('names the limits as they are', () => {
  expect(page).toContain(`body over ${MAX_BODY_BYTES / 1_024} KiB`);
  expect(page).toContain(`more than ${MAX_BATCH_EVENTS.toLocaleString('en')} events`);
  expect(page).toContain(`single event over ${MAX_EVENT_BYTES / 1_024} KiB`);
});

it('names paths that exist', () => {
  const paths = page.match(/(?<=`)\/(v1|beacon)\/[\w/]+(?=`)/g) ?? [];

  expect(paths.length).toBeGreaterThan(4);
  for (const path of paths) expect(findRoute('POST', path).kind).not.toBe('not_found');
});

it('says of an alias what becomes of it', async () => {
  const [, section = ''] = page.split('\n## Alias\n');
  const sandbox = await startSandbox();
  const person = (value: string) => ({ by: 'id', value }) as const;
  sandbox.workspace.apply({ kind: 'merge', primary: person('u1'), secondary: person('visitor-1') });
  const [activity] = sandbox.workspace.activities(1);
  await sandbox.close();

  expect(section).toContain(`"${activity?.activity_type}"`);
});

it('sends a RudderStack browser SDK to nobody else', () => {
  const [, snippet = ''] = /```js\n([^`]*rudderanalytics[^`]*)```/.exec(page) ?? [];

  expect(snippet).toContain("from '@rudderstack/analytics-js/bundled'");
  expect(snippet.match(/https:[^']*/g)).toEqual(['https://relay.example.com', 'https://relay.example.com']);
  expect(findRoute('GET', '/sourceConfig').kind).toBe('found');
});

describe('Of device mode', () => {
  const [, section = ''] = (page.split('\n## Device mode\n')[1] ?? '').match(/^([\s\S]*?)\n## /) ?? [];

  it('names the mark and the reason as they are', () => {
    const event = { type: 'page', _metadata: { bundled: [PLUGIN_NAME] } };
    const settings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true } as const;

    expect(section).toContain(`\`_metadata.bundled: ["${PLUGIN_NAME}", …]\``);
    expect(translate(event, { ...settings, connectionMode: 'device' })).toEqual({
      outcome: 'skipped',
      reason: /skipped there as `(\w+)`/.exec(section)?.[1],
    });
  });

  it('says how long a page waits for the tracker', () => {
    expect(section).toContain('not there within three seconds');
    expect(TRACKER_WAIT_MS).toBe(3_000);
  });
});
