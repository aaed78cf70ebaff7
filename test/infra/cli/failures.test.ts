// Every way in which a command fails, as an operator reads it: what is wrong, and what to do. The last test finds in the
// sources any failure that no snapshot shows.

import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteMessageBatchCommand,
  ListMessageMoveTasksCommand,
  SendMessageBatchCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { cannotRead, toFailure } from '../../../infra/cli/failure';
import { whileLocked } from '../../../infra/cli/import/checkpoint-lock';
import { startServer } from '../../support/http-server';
import { type RunOptions, relayCli, type Stage, startStage } from '../../support/relay-cli';

const ROOT = join(__dirname, '../../..');
const SHOP = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };
const OLD = '2025-03-01T10:00:00Z';

let stage: Stage;
let folder: string;

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([SHOP]);
  folder = await mkdtemp(join(tmpdir(), 'relay-failures-'));
  // The same words on every machine, wherever its temporary files are.
  process.chdir(folder);
});

afterEach(async () => {
  process.chdir(ROOT);
  await stage.stop();
  await rm(folder, { recursive: true });
});

const file = async (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);

const fail = async (line: string, options: RunOptions = {}) => {
  const { code, out, err } = await stage.run(line, options);
  expect(code).toBeGreaterThan(0);
  expect(`${out}${err}`).not.toMatch(/^ +at /m);
  return { code, text: `${out}${err}`.replace(/127\.0\.0\.1:\d+/g, 'HOST') };
};

const event = (changes: object = {}) =>
  JSON.stringify({ type: 'track', userId: 'u1', event: 'Ordered', timestamp: OLD, ...changes });

describe('what is asked for wrongly', () => {
  it.each([
    'settings check none.json',
    'settings push none.json',
    'settings pull none/there.json',
    'settings edit',
    'send',
    'send none.json',
    'send --user u1 --event x --properties [1]',
    'send --user u1 --event x --properties {',
    'send --user u1 --event x --source nobody',
    'send --user undefined --event x',
    'send --user undefined --event x --translate',
    'import none.ndjson',
    'import .',
    'import a b --checkpoint c',
    'import a --share 2',
    'import a --rate 0',
    'import a --as person',
    'dead-letters show --limit 0',
    'dead-letters show --id none',
    'dead-letters edit none --yes',
    'dead-letters retry --deleted none.txt --yes',
    'dead-letters discard --exported none.ndjson --yes',
    'dead-letters discard --yes',
    'dead-letters export none/there.ndjson',
    'completion tcsh',
  ])('%s', async (line) => {
    expect(await fail(line)).toMatchSnapshot();
  });

  it('a source, when the first one has a mistake', async () => {
    stage.setSources([
      { ...SHOP, region: 'x' },
      { ...SHOP, name: 'blog', writeKey: 'w2' },
    ]);
    expect(await fail('send --user u1 --event x')).toMatchSnapshot();
  });

  it('the console: a port that is taken, and --write on the local stack', async () => {
    const taken = await startServer((_, response) => response.end('{}'));
    const { port } = new URL(taken.url);
    const { code, text } = await fail(`console --port ${port}`);
    expect({ code, text: text.replaceAll(port, 'PORT') }).toMatchSnapshot();
    const local = await relayCli(['console', '--write'], { env: { PORT: port, SANDBOX_PORT: port } });
    await taken.close();
    expect(local).toMatchSnapshot();
  });

  it('a port of the local stack', async () => {
    const { code, err } = await relayCli(['doctor'], { env: { PORT: 'abc' } });
    expect({ code, err }).toMatchSnapshot();
  });

  it('settings of the local stack', async () => {
    const up = await startServer((_, response) => response.end('{}'));
    const { port } = new URL(up.url);
    await file('sources.json', JSON.stringify([SHOP]));
    const argv = ['settings', 'push', 'sources.json', '--yes'];
    const { code, err } = await relayCli(argv, { env: { PORT: port, SANDBOX_PORT: port } });
    await up.close();
    expect({ code, err }).toMatchSnapshot();
  });
});

/** Of each option that takes a file, what the command is. */
const WITH_A_FILE = [
  ...['settings check F', 'settings push F --yes', 'send F', 'import F --yes', 'rules test F'],
  ...['rules test a.ndjson --settings F', 'import a.csv --mapping F --yes'],
  ...['dead-letters retry --deleted F --yes', 'dead-letters edit m1 --body F --yes'],
  ...['dead-letters discard --exported F --yes'],
];

describe('a file that cannot be read', () => {
  beforeEach(async () => {
    await file('a.ndjson', event());
    await file('a.csv', 'id,name\n1,x');
    await stage.put('dead-letters', event(), { reason: 'invalid_event', messageId: 'm1' });
  });

  it.each(WITH_A_FILE)('because it is a folder: %s', async (line) => {
    const { text } = await fail(line.replace('F', '.'));
    expect(text).toContain('. is a folder.\n');
    expect(text).not.toContain('EISDIR');
  });

  it.each(WITH_A_FILE)('because it is not there: %s', async (line) => {
    expect((await fail(line.replace('F', 'none'))).text).toContain('There is no file none.\n');
  });

  it.each(WITH_A_FILE.filter((line) => !line.includes('discard')))(
    'because it is empty: %s',
    async (line) => {
      await file('empty', '');
      const { out, err } = await stage.run(line.replace('F', 'empty'));
      expect(out + err).toMatchSnapshot();
    },
  );

  it('because one may not', () => {
    const error = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const caught = (): unknown => cannotRead('mine', 'Give it.')(error);
    expect(caught).toThrow(
      expect.objectContaining({
        message: 'mine may not be read.',
        whatToDo: expect.stringContaining('ask for the right'),
      }),
    );
  });
});

describe('what is written wrongly', () => {
  it.each([
    ['an event that is none', 'events.json', '[1]', 'send events.json'],
    ['a file without an event', 'events.json', '[]', 'send events.json'],
    ['an object that is no event', 'a.json', `{\n"people": "${'x'.repeat(4e6)}"\n}`, 'import a.json --yes'],
    ['a file that is no JSON', 'events.json', '{', 'send events.json'],
    ['a mapping that is no JSON', 'map.json', '{', 'import map.json --mapping map.json'],
    ['a mapping without columns', 'map.json', '{}', 'import map.json --mapping map.json'],
    [
      'a mapping of another type',
      'map.json',
      '{"type":"person","columns":{}}',
      'import map.json --mapping map.json',
    ],
    [
      'a mapping that says nothing of a column',
      'map.json',
      '{"columns":{"Age":{"as":"date"}}}',
      'import map.json --mapping map.json',
    ],
    ['a mapping that is not there', 'map.json', '{}', 'import map.json --mapping none.json'],
    [
      'a mapping to no field of an event',
      'map.json',
      '{"columns":{"Age":"trait.age"}}',
      'import map.json --mapping map.json',
    ],
    ['CSV with a column twice', 'a.csv', 'id,email,email\n1,a,b', 'import a.csv --yes'],
    ['a file in UTF-16', 'a.ndjson', '\u00ff\u00fe{\0', 'import a.ndjson --yes'],
    ['CSV that is broken', 'a.csv', 'id,name\n1,"x\n2', 'import a.csv --yes'],
    ['CSV whose first line is broken', 'a.csv', 'id,"na"me\n1,x\n', 'import a.csv --yes'],
    ['an array that is broken', 'a.json', `[${event()},]`, 'import a.json --yes'],
    ['gzip that is broken', 'a.gz', '\x1f\u008bx', 'import a.gz --yes'],
    ['settings with mistakes', 's.json', '[{"name":"shop"}]', 'settings check s.json'],
    ['settings that are no JSON', 's.json', '{', 'settings push s.json --yes'],
    ['a sample without an event', 'a.ndjson', '', 'rules test a.ndjson'],
    ['a sample that is no JSON', 'a.csv', 'a,b\n1,2', 'rules test a.csv'],
    ['a sample for a workspace that is none', 'a.ndjson', event(), 'rules test a.ndjson --workspace eu'],
    [
      'rules with a mistake',
      's.json',
      JSON.stringify([
        { ...SHOP, rules: [{}] },
        { ...SHOP, name: 'blog', writeKey: 'w2' },
      ]),
      'rules test s.json --settings s.json',
    ],
    ['a sample that would be a dead letter', 'a.ndjson', '{"type":"track"}', 'rules test a.ndjson'],
    ['an export that is none', 'l.ndjson', '{}\n', 'dead-letters discard --exported l.ndjson --yes'],
    ['a file that is there already', 'l.ndjson', '', 'dead-letters export l.ndjson'],
    ['a file of settings that is there already', 's.json', '', 'settings pull s.json'],
  ])('%s', async (_, name, content, line) => {
    await writeFile(join(folder, name), Buffer.from(content, 'latin1'));
    expect(await fail(line)).toMatchSnapshot();
  });

  it('a source that is too large for a parameter', async () => {
    await file('s.json', JSON.stringify([{ ...SHOP, integrationNames: ['x'.repeat(9_000)] }]));
    expect(await fail('settings push s.json --yes')).toMatchSnapshot();
  });

  it('settings of which a part is missing', async () => {
    stage.parameters.versions.set('/cio-relay/test/sources', ['["./gone"]']);
    expect(await fail('settings check')).toMatchSnapshot();
  });

  it.each([
    ['as it was', 'true'],
    ['no JSON', 'echo x >'],
    ['by an editor that fails', 'false'],
  ])('a dead letter, %s', async (_, EDITOR) => {
    await stage.put('dead-letters', event(), { reason: 'invalid_event', messageId: 'm1' });
    expect(await fail('dead-letters edit m1 --yes', { env: { EDITOR } })).toMatchSnapshot();
    expect(await stage.count('dead-letters')).toBe(1);
  });
});

it('a mapping of a column that the file does not have', async () => {
  await file('map.json', '{"columns":{"Emial":"traits.email"}}');
  await file('a.csv', 'id,Email\n1,a@x.y\n');
  expect(await fail('import a.csv --as identify --mapping map.json --yes')).toMatchSnapshot();
});

describe('settings of which there is no older version', () => {
  it('that is asked for, or whose parts are gone', async () => {
    expect(await fail('settings restore')).toMatchSnapshot();
    expect(await fail('settings restore 7')).toMatchSnapshot();
    stage.parameters.versions.set('/cio-relay/test/sources', ['["./0123456789abcdef"]', '[]']);
    expect(await fail('settings restore')).toMatchSnapshot();
  });
});

describe('what is not agreed to', () => {
  it('by no, and where nobody can be asked', async () => {
    await file('a.ndjson', event());
    expect(await fail('import a.ndjson', { answer: 'n' })).toMatchSnapshot();
    expect(await fail('import a.ndjson')).toMatchSnapshot();
  });
});

describe('an import', () => {
  it('of which some is rejected', async () => {
    await file('a.ndjson', `${event()}\n${event({ timestamp: undefined })}\nx\n`);
    expect(await fail('import a.ndjson --yes')).toMatchSnapshot();
  });

  it('with a checkpoint by which another command is at work', async () => {
    await file('a.ndjson', event());
    await whileLocked('c', async () => {
      expect(await fail('import a.ndjson --checkpoint c --yes')).toMatchSnapshot();
    });
  });

  it('with a checkpoint of another file', async () => {
    await file('a.ndjson', event());
    await stage.run('import a.ndjson --yes');
    await file('a.ndjson', `${event()}\n${event()}`);
    expect(await fail('import a.ndjson --yes')).toMatchSnapshot();
  });

  it('that is interrupted, of a file and of standard input, and so is a rehearsal', async () => {
    const signal = AbortSignal.abort();
    await file('a.ndjson', event());
    expect(await fail('import a.ndjson --yes', { signal })).toMatchSnapshot();
    const stdin = Readable.from([Buffer.from(event())]);
    expect(await fail('import - --yes --rejected r', { signal, stdin })).toMatchSnapshot();
    expect(await fail('import a.ndjson --dry-run', { signal })).toMatchSnapshot();
  });

  it('that the HTTP API refuses', async () => {
    const door = await startServer((_, response) =>
      response.writeHead(401).end('{"code":"invalid_write_key"}'),
    );
    await file('a.ndjson', event());
    expect(await fail(`import a.ndjson --yes --via http --endpoint ${door.url}`)).toMatchSnapshot();
    await door.close();
  });

  it('by HTTP, of a stack that does not say where its API is', async () => {
    const cloudFormation = mockClient(CloudFormationClient);
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    await file('a.ndjson', event());
    expect(await fail('import a.ndjson --yes --via http')).toMatchSnapshot();
    cloudFormation.restore();
  });
});

describe('what SQS does not do', () => {
  /** What is sent to SQS is answered so; undefined goes to the real stand-in. */
  const whileSqsAnswers = async (
    answerTo: (command: unknown) => object | undefined,
    run: () => Promise<void>,
  ) => {
    const { send } = SQSClient.prototype;
    const answering = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(async function (
      this: SQSClient,
      ...args
    ) {
      const answer = answerTo(args[0]);
      return answer === undefined ? Reflect.apply(send, this, args) : answer;
    });
    await run().finally(() => answering.mockRestore());
  };

  const isSending = (command: unknown): boolean => command instanceof SendMessageBatchCommand;

  it('take an import', async () => {
    await file('a.ndjson', event());
    const Failed = [{ Id: '0', SenderFault: true, Code: 'InvalidMessageContents' }];
    await whileSqsAnswers(
      (command) => (isSending(command) ? { Failed } : undefined),
      async () => expect(await fail('import a.ndjson --yes')).toMatchSnapshot(),
    );
  });

  it.each([
    { name: 'QueueDoesNotExist' },
    { name: 'AccessDenied' },
    { name: 'ExpiredToken' },
    { name: 'Error', code: 'ECONNREFUSED' },
    { name: 'AggregateError', code: 'ECONNREFUSED' },
    { name: 'Error', code: 'ENOTFOUND' },
    { name: 'TimeoutError' },
    { name: 'Unheard' },
  ])('take events, for %p', async (fields) => {
    await file('a.ndjson', event());
    await whileSqsAnswers(
      (command) => {
        if (isSending(command)) throw Object.assign(new Error('as said'), fields);
        return undefined;
      },
      async () => {
        expect(await fail('import a.ndjson --yes')).toMatchSnapshot();
        expect(await fail('send --user u1 --event x')).toMatchSnapshot();
      },
    );
  });

  const DENIED = { Failed: [{ Id: '0', SenderFault: true, Code: 'AccessDenied' }] };
  const IN_NO_LIST = { Failed: [] };

  it.each([
    ['say that it takes', SendMessageBatchCommand, IN_NO_LIST],
    ['take', SendMessageBatchCommand, DENIED],
    ['delete', DeleteMessageBatchCommand, DENIED],
  ])('%s a dead letter that is retried, edited or discarded', async (_, kind, answer) => {
    await stage.put('dead-letters', event(), { reason: 'invalid_event', source: 'shop', messageId: 'm1' });
    await file('mended.json', event({ event: 'Mended' }));
    await stage.run('dead-letters export l.ndjson');
    await whileSqsAnswers(
      (command) => (command instanceof kind ? answer : undefined),
      async () => {
        expect(await fail('dead-letters retry --yes --source shop')).toMatchSnapshot();
        expect(await fail('dead-letters edit m1 --body mended.json --yes')).toMatchSnapshot();
        if (kind === DeleteMessageBatchCommand)
          expect(await fail('dead-letters discard --exported l.ndjson --yes')).toMatchSnapshot();
      },
    );
    expect(await stage.count('dead-letters')).toBe(1);
  });

  it.each([
    ['answer, whether it has the copy of a dead letter', SendMessageBatchCommand, { code: 'ECONNRESET' }],
    ['answer, whether it has deleted a dead letter', DeleteMessageBatchCommand, { code: 'ECONNRESET' }],
    [
      'let go of a dead letter that is sent',
      DeleteMessageBatchCommand,
      { name: 'RequestThrottled', $metadata: { httpStatusCode: 400 } },
    ],
  ])('%s', async (_, kind, fields) => {
    await stage.put('dead-letters', event(), { reason: 'invalid_event', source: 'shop' });
    await whileSqsAnswers(
      (command) => {
        if (command instanceof kind) throw Object.assign(new Error('as said'), fields);
        return undefined;
      },
      async () => expect(await fail('dead-letters retry --yes --source shop')).toMatchSnapshot(),
    );
  });

  it('end a move as it should', async () => {
    const Results = [
      { Status: 'FAILED', FailureReason: 'KmsAccessDenied', ApproximateNumberOfMessagesMoved: 3 },
    ];
    await whileSqsAnswers(
      (command) => {
        if (command instanceof ListMessageMoveTasksCommand) return { Results };
        return command instanceof StartMessageMoveTaskCommand ? {} : undefined;
      },
      async () => expect(await fail('dead-letters retry --yes')).toMatchSnapshot(),
    );
  });
});

it.each([
  ...['QueueDoesNotExist', 'CredentialsProviderError', 'ExpiredTokenException', 'ExpiredToken'],
  ...['AccessDenied', 'AccessDeniedException', 'UnauthorizedException', 'AuthorizationErrorException'],
  ...['ParameterNotFound', 'ResourceNotFoundException', 'ValidationError', 'Unheard'],
])('says what to do about %s of AWS', (name) => {
  const { message, whatToDo } = toFailure(Object.assign(new Error('what AWS says'), { name }));
  expect(`${message}\n${whatToDo}`).toMatchSnapshot();
});

it.each([
  ...['ENOENT', 'EISDIR', 'EACCES', 'EROFS', 'ENOSPC'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EUNHEARD'],
])('says what to do about %s of the system', (code) => {
  const { message, whatToDo } = toFailure(Object.assign(new Error(`${code}: what it says`), { code }));
  expect(`${message}\n${whatToDo}`).toMatchSnapshot();
});

it('says what kept a request from being sent, rather than that it failed', async () => {
  const error = await fetch('http://127.0.0.1:9').catch((failed: unknown) => failed);
  expect(toFailure(error).message).not.toContain('fetch failed');
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:99'), { code: 'ECONNREFUSED' });
  expect(toFailure(new TypeError('fetch failed', { cause: refused }))).toMatchObject({
    message: 'connect ECONNREFUSED 127.0.0.1:99',
    whatToDo: expect.stringContaining('Nothing listens there'),
  });
});

describe('every failure of the sources', () => {
  const squeeze = (text: string): string => text.replaceAll('\\`', '`').replace(/\s+/g, ' ');
  const shown = squeeze(
    globSync('test/infra/cli/**/*.{snap,test.ts}', { cwd: ROOT })
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n'),
  );
  const sources = globSync('infra/cli/**/*.ts', { cwd: ROOT }).filter(
    (path) => !path.endsWith('/failure.ts'),
  );
  const written = sources.flatMap((path) => {
    const calls = readFileSync(join(ROOT, path), 'utf8').matchAll(
      /(?:usageFailure|new Failure)\(\s*(`[^`]*`|'[^']*')/g,
    );
    return [...calls].map(([, text = '']) => [path, text.slice(1, -1)] as const);
  });

  /** The longest part of a template that is always the same. */
  const fixedPart = (text: string): string =>
    text
      .split(/\$\{(?:[^{}]|\{[^{}]*\})*\}|\\n/)
      .toSorted((a, b) => b.length - a.length)[0]
      ?.trim() ?? '';

  it('stands in a snapshot', () => {
    expect(written.length).toBeGreaterThan(30);
    expect(written.filter(([, text]) => !shown.includes(squeeze(fixedPart(text))))).toEqual([]);
  });
});
