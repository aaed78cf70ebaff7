import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUEST_ERRORS } from '../../lib/errors';
import { MAX_EVENT_BYTES } from '../../lib/event/limits';
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from '../../lib/ingest/request-limits';
import { findRoute } from '../../lib/ingest/routes';

const page = readFileSync(join(__dirname, '../../docs/sdks.md'), 'utf8');

it('names the code of everything that a sender can do wrong', () => {
  for (const code of ['malformed_json', 'payload_too_large', 'invalid_write_key'] as const) {
    expect(page).toContain(`\`${REQUEST_ERRORS[code].status} ${code}\``);
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
