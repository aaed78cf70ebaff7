// The rules of .dependency-cruiser.cjs bite: each is broken once in a small tree of its own, and each is reported.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import floors from '../../infra/structure/floors.json';

const ROOT = resolve(__dirname, '../..');

/** Files of the tree; a file that is imported but not listed here is empty. */
const TREE: Readonly<Record<string, string>> = {
  'functions/consumer.ts': "import '../lib/delivery/allowed';",
  'functions/other.ts': "import './consumer';",
  'lib/config/source.ts': '',
  'lib/observability.ts': '',
  'lib/event/event.ts': 'export const event = 1;',
  'lib/mapping/pure.ts':
    "import { event } from '../event/event'; import { hash } from 'node:crypto'; export const pure = [event, hash];",
  'lib/mapping/reads-clock.ts': "import { readFileSync } from 'node:fs'; export const impure = readFileSync;",
  'lib/rules/pure.ts': "import { event } from '../event/event'; export const rule = event;",
  'lib/rules/reads-clock.ts': "import { readFileSync } from 'node:fs'; export const impure = readFileSync;",
  'lib/rules/logs.ts': "import '../observability';",
  'lib/mapping/logs.ts': "import '../observability';",
  'lib/delivery/allowed.ts':
    "import type { SQSClient } from '@aws-sdk/client-sqs'; export type Allowed = SQSClient;",
  'lib/delivery/imports-got.ts': "import got from 'got'; export { got };",
  'lib/delivery/imports-bottleneck.ts': "import Bottleneck from 'bottleneck'; export { Bottleneck };",
  'lib/delivery/imports-aws.ts': "import { SQSClient } from '@aws-sdk/client-sqs'; export { SQSClient };",
  'lib/delivery/imports-parameters.ts': "export * from '@aws-lambda-powertools/parameters/ssm';",
  'lib/delivery/imports-logger.ts': "export * from '@aws-lambda-powertools/logger';",
  'lib/delivery/imports-dev.ts': "import fc from 'fast-check'; export { fc };",
  'lib/delivery/imports-function.ts': "import '../../functions/consumer';",
  'lib/delivery/imports-infra.ts': "import '../../infra/local/addresses';",
  'lib/delivery/imports-nothing.ts': "import './missing';",
  'lib/delivery/cycle-a.ts': "import './cycle-b';",
  'lib/delivery/cycle-b.ts': "import './cycle-a';",
  'lib/attic/nowhere.ts': '',
  'functions/climbs-nowhere.ts': "import '../lib/attic/nowhere';",
  'infra/local/addresses.ts': '',
  'infra/local/sandbox/borrows.ts': "import '../../../lib/mapping/pure';",
};

/** Rule and file of every violation that must be reported; there must be no other. */
const EXPECTED = [
  ['functions-are-the-top', 'functions/other.ts'],
  ['functions-are-the-top', 'lib/delivery/imports-function.ts'],
  ['every-room-has-a-floor', 'functions/climbs-nowhere.ts'],
  ['deployed-code-stands-alone', 'lib/delivery/imports-infra.ts'],
  ['mapping-is-pure', 'lib/mapping/reads-clock.ts'],
  ['mapping-is-pure', 'lib/mapping/logs.ts'],
  ['rules-are-pure', 'lib/rules/reads-clock.ts'],
  ['rules-are-pure', 'lib/rules/logs.ts'],
  ['sandbox-is-independent', 'infra/local/sandbox/borrows.ts'],
  ['one-importer-of-got', 'lib/delivery/imports-got.ts'],
  ['one-importer-of-bottleneck', 'lib/delivery/imports-bottleneck.ts'],
  ['one-importer-of-aws-sdk', 'lib/delivery/imports-aws.ts'],
  ['one-importer-of-parameters', 'lib/delivery/imports-parameters.ts'],
  ['one-importer-of-logger-and-metrics', 'lib/delivery/imports-logger.ts'],
  ['deployed-code-uses-dependencies', 'lib/delivery/imports-dev.ts'],
  ['every-import-resolves', 'lib/delivery/imports-nothing.ts'],
  ['no-cycles', 'lib/delivery/cycle-a.ts'],
];

/** Each room tries to take from another on its own floor or above; the top one has none. */
const rooms = floors.flatMap((floor, level) => floor.map((room) => ({ room, level })));
const above = rooms.flatMap(({ room, level }) => {
  const higher = floors
    .slice(level)
    .flat()
    .find((other) => other !== room);
  return higher === undefined ? [] : [{ room, higher }];
});

let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'cio-relay-direction-'));
  const climbing = above.map(({ room, higher }) => [`lib/${room}/climbs.ts`, `import '../${higher}/top';`]);
  const tops = rooms.map(({ room }) => [`lib/${room}/top.ts`, '']);
  for (const [path = '', text = ''] of [...Object.entries(TREE), ...climbing, ...tops]) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  await mkdir(join(tree, 'test'));
  for (const shared of ['node_modules', 'package.json'])
    await symlink(join(ROOT, shared), join(tree, shared));
});

afterAll(() => rm(tree, { recursive: true }));

it('Every rule reports the file that breaks it, and nothing else is reported', async () => {
  const command = [join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')];
  const options = ['--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];

  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...command, ...options, 'functions', 'lib', 'infra', 'test'],
    {
      cwd: tree,
    },
  ).catch((error) => error);
  const { violations } = (JSON.parse(stdout) as Report).summary;

  const reported = violations.map(({ rule, from }) => [rule.name, from]);
  const climbers = above.map(({ room }) => [`floor-of-${room}`, `lib/${room}/climbs.ts`]);
  const purity = [
    ['mapping-is-pure', 'lib/mapping/climbs.ts'],
    ['rules-are-pure', 'lib/rules/climbs.ts'],
  ];
  expect(reported.toSorted()).toEqual([...EXPECTED, ...climbers, ...purity].toSorted());
});

interface Report {
  readonly summary: { readonly violations: readonly { rule: { name: string }; from: string }[] };
}
