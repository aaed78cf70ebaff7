// docs/local.md against the code it speaks of: ports, words of the terminal, the sandbox's requests and fields.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPorts } from '../../infra/local/addresses';
import { effectOf } from '../../infra/local/effect';
import { ACTIVITY_TYPES } from '../../infra/local/sandbox/activity-log';
import { parseFaults } from '../../infra/local/sandbox/api/faults';
import { parseOperation } from '../../infra/local/sandbox/parse/parse-operation';
import type { ParsedOperation } from '../../infra/local/sandbox/parse/parsed-operation';
import { parseEmissions } from '../../infra/local/sandbox/reporting/emission';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox/server';
import * as limits from '../../lib/customerio/limits';

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

/** `type action` of each, from what the parser says there is. */
const knownOperations = (): string[] =>
  expected({}, 'type').flatMap((type) => expected({ type }, 'action').map((action) => `${type} ${action}`));

const expected = (operation: object, field: string): string[] => {
  const result = parseOperation(operation, { givenIdentifiers: ['id'] });
  const [problem] = result.ok ? [] : result.problems;
  return (problem?.message.split(`${field} must be `)[1] ?? '').split(', ');
};

/** All attributes of an object or a relationship: the sandbox alone needs it, whose tests have it in detail. */
const MAX_OBJECT_BYTES = 100_000;

const RELATIONSHIPS = [ACTIVITY_TYPES.relationshipAdded, ACTIVITY_TYPES.relationshipChange];

const parsed = (operation: object): ParsedOperation => {
  const result = parseOperation(operation, { givenIdentifiers: ['id'] });
  if (result.ok) return result.operation;
  throw new Error(JSON.stringify(result.problems));
};

/** An operation of any kind: each reads what it needs of it, and nothing else. */
const sample = (type: string, action: string, id = 'u1'): object => {
  const acme = { object_type_id: '1', object_id: 'acme' };
  const person = action === 'identify_anonymous' ? { anonymous_id: 'a1' } : { id };
  const end = type === 'object' ? person : acme;
  return {
    type,
    action,
    identifiers: type === 'object' ? acme : { id },
    name: type === 'delivery' ? 'opened' : 'Home',
    attributes: { device_token: 't1' },
    device: { token: 't1', platform: 'ios' },
    primary: { id: 'u1' },
    secondary: { id: 'u2' },
    cio_relationships: [{ identifiers: end, relationship_attributes: { role: 'admin' } }],
  };
};

/** So that there is something for each to change. */
const EARLIER = [
  sample('person', 'event'),
  sample('person', 'event', 'u2'),
  sample('person', 'add_device'),
  sample('object', 'identify'),
];

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

  it('names every operation it takes, and no other', () => {
    const rows = table('Operation').map(([operation]) => codes(operation)[0]);

    expect(rows).toEqual([...knownOperations(), 'POST /api/v1/metrics']);
  });

  it('names every limit', () => {
    const numbers = table('Limit').map(([limit = '']) => Number.parseInt(limit.replace(',', ''), 10));

    expect(new Set(numbers)).toEqual(new Set([...Object.values(limits), MAX_OBJECT_BYTES]));
  });

  it('names every line that the Activity Log may have', () => {
    const named = [...page.matchAll(/"([^"]+)"/g)].map(([, type]) => type);

    expect(named).toEqual(expect.arrayContaining(Object.values(ACTIVITY_TYPES)));
  });

  it.each(knownOperations())('says what %s leaves in the Activity Log', async (operation) => {
    const [type = '', action = ''] = operation.split(' ');
    const { workspace } = sandbox;
    sandbox.reset();
    const send = (sent: object) => workspace.apply(parsed(sent));
    for (const earlier of EARLIER) send(earlier);
    if (action === 'unsuppress') send(sample('person', 'suppress'));
    const before = workspace.activities().length;

    send(sample(type, action));

    const lines = workspace.activities(workspace.activities().length - before);
    const changes = lines.map((line) => line.activity_type).filter((one) => !one.endsWith(' Created'));
    const [, , documented = ''] = table('Operation').find(([cell]) => codes(cell)[0] === operation) ?? [];
    const types = [...documented.matchAll(/"([^"]+)"/g)].map(([, one]) => one);
    const related = documented.includes('`add_relationships`') ? RELATIONSHIPS : [];
    expect(changes).not.toEqual([]);
    expect([...types, ...related]).toEqual(expect.arrayContaining(changes));
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
