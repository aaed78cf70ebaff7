// docs/local.md against the code it speaks of: ports, words of the terminal, the sandbox's requests and fields.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPorts } from '../../infra/local/addresses';
import { effectOf } from '../../infra/local/effect';
import { ACTIVITY_TYPES } from '../../infra/local/sandbox/activity-log';
import { parseFaults } from '../../infra/local/sandbox/api/faults';
import { parseEmissions } from '../../infra/local/sandbox/reporting/emission';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox/server';

const ROOT = join(__dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/local.md'), 'utf8');

/** The cells of the table with that head, row by row. */
const table = (head: string): string[][] => {
  const [, after = ''] = page.split(new RegExp(`^\\| ${head} +\\|.*\\n\\|[-| ]+\\n`, 'm'));
  const [rows = ''] = after.split('\n\n');
  return rows.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

const codes = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

it('names every port with its default', () => {
  const rows = table('Port variable').map(([name, port]) => [codes(name)[0], Number(port)]);

  expect(Object.fromEntries(rows)).toEqual(readPorts({}));
});

it('has a word for whatever Customer.io may do', () => {
  const words = table('Word').map(([word]) => codes(word)[0]);
  const activity = { activity_name: '', identifiers: {}, attributes: {}, timestamp: 0 };

  for (const type of Object.values(ACTIVITY_TYPES)) {
    const effect = effectOf({ ...activity, activity_type: type });
    expect(words).toContain(effect);
    if (effect !== 'accepted') expect(page).toContain(`"${type}"`);
  }
});

describe('Of the sandbox', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox();
  });

  afterAll(() => sandbox.close());

  it('names every request, and no other', async () => {
    const answer = await fetch(`${sandbox.url}/sandbox/none`);
    const { error } = (await answer.json()) as { error: string };
    const [, known = ''] = error.split('; there are ');

    expect(table('Request').map(([request]) => codes(request)[0])).toEqual(
      expect.arrayContaining(known.split(', ')),
    );
    expect(table('Request')).toHaveLength(known.split(', ').length);
  });

  it.each(['Faults', 'Message activity'])('shows requests about %s that it takes', async (section) => {
    const [, text = ''] = page.split(`**${section}.**`);
    const [block = ''] = text.match(/(?<=```sh\n)[^`]+/) ?? [];
    const requests = block.replaceAll('\\\n', '').split('\n').filter(Boolean);

    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      const body = JSON.parse(/-d '(.*)'$/.exec(request)?.[1] ?? '');
      const parsed = section === 'Faults' ? parseFaults(body) : parseEmissions(body);
      expect(parsed.ok).toBe(true);
    }
  });
});

/** What a strict parser says there is. */
const knownFields = (result: { ok: boolean; mistakes?: readonly string[] }): string[] =>
  (result.mistakes?.[0]?.split('; there are ')[1] ?? '').split(', ').sort();

it('names every fault, and every field of a report', () => {
  const faults = table('Field').flatMap(([name]) => codes(name));
  const [, emissions = ''] = page.split('**Message activity.**');
  const fields = [...emissions.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);

  expect(faults.sort()).toEqual(knownFields(parseFaults({ unknown: 1 })));
  expect(fields.slice(0, 6).sort()).toEqual(knownFields(parseEmissions({ unknown: 1 })));
});
