// The parameter store answers so many reads a second and throttles the rest: sandboxes that start together share them.

import { GetParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { AT_FIRST } from '../../../lib/config/load-settings';
import { readParameter } from '../../../lib/config/parameter-store';
import { seededRandom } from '../../support/seeded-random';

/** AWS's default of an account and region, all reads together. */
const READS_A_SECOND = 40;
const PATIENCE = AT_FIRST;
const TEXT = '[{"name":"shop"}]';
const ssm = mockClient(SSMClient);

beforeEach(() => {
  ssm.reset();
  jest.useFakeTimers({ now: 0 });
  jest.spyOn(Math, 'random').mockImplementation(seededRandom(7));
});
afterEach(() => {
  jest.useRealTimers();
});

/** A bucket that holds a second's reads and fills evenly, for single ones and those of several parameters alike. */
const throttle = (text: string): void => {
  let tokens = READS_A_SECOND;
  let atMs = Date.now();
  const take = (): void => {
    tokens = Math.min(READS_A_SECOND, tokens + ((Date.now() - atMs) / 1_000) * READS_A_SECOND);
    atMs = Date.now();
    if (tokens < 1) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    tokens -= 1;
  };
  ssm.on(GetParameterCommand).callsFake(() => {
    take();
    return { Parameter: { Value: text } };
  });
  ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) => {
    take();
    return { Parameters: Names.map((Name) => ({ Name, Value: TEXT })) };
  });
};

const kindsOfReads = async (sandboxes: number): Promise<string[]> => {
  const reads = Array.from({ length: sandboxes }, () => readParameter('/p', 'The parameter', PATIENCE));
  await jest.runAllTimersAsync();
  return (await Promise.all(reads)).map(({ kind }) => kind);
};

it('A hundred sandboxes that start at once all have their settings within seconds, and none answers 503', async () => {
  throttle(TEXT);
  const kinds = await kindsOfReads(100);

  expect(kinds).toEqual(kinds.map(() => 'read'));
  expect(Date.now()).toBeLessThan(6_000);
});

it('So have sixty whose settings stand in parts: what has been read is not read again for what was throttled', async () => {
  throttle('["./a", "./b"]');
  const kinds = await kindsOfReads(60);

  expect(kinds).toEqual(kinds.map(() => 'read'));
});

it('More than ten parts are read by ten, and in their order', async () => {
  const names = Array.from({ length: 21 }, (_, part) => `./p${part}`);
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(names) } });
  ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) => ({
    Parameters: Names.map((Name) => ({ Name, Value: JSON.stringify({ name: Name }) })),
  }));

  const read = await readParameter('/p', 'The parameter', PATIENCE);

  expect(read).toEqual({
    kind: 'read',
    text: JSON.stringify(names.map((name) => ({ name: name.replace('.', '/p') }))),
  });
  expect(ssm.commandCalls(GetParametersCommand).map(({ args }) => args[0].input.Names?.length)).toEqual([
    10, 10, 1,
  ]);
});

it('What stays busy is given up in time for the senders, and says that it will pass', async () => {
  ssm.on(GetParameterCommand).rejects(Object.assign(new Error('hush'), { name: 'ThrottlingException' }));
  const reading = readParameter('/p', 'The parameter', PATIENCE);
  await jest.runAllTimersAsync();

  expect(await reading).toMatchObject({
    kind: 'failed',
    mistake: {
      needsOperator: false,
      message: expect.stringContaining('ThrottlingException. It is read again by itself'),
    },
  });
  expect(Date.now()).toBeLessThanOrEqual(PATIENCE.withinMs);
});

describe('Settings in several parameters', () => {
  const stored = (values: Readonly<Record<string, string>>): void => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '[{"name":"a"},"./b","./c"]' } });
    ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) => ({
      Parameters: Names.flatMap((Name) =>
        values[Name] === undefined ? [] : [{ Name, Value: values[Name] }],
      ),
      InvalidParameters: Names.filter((name) => values[name] === undefined),
    }));
  };

  it('are read decrypted, in one call more, and are those that they hold together', async () => {
    stored({ '/p/b': '{"name":"b"}', '/p/c': '[{"name":"c"},{"name":"d"}]' });

    expect(await readParameter('/p', 'The parameter', PATIENCE)).toEqual({
      kind: 'read',
      text: '[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]',
    });
    expect(ssm.commandCalls(GetParametersCommand).map(({ args }) => args[0].input)).toEqual([
      { Names: ['/p/b', '/p/c'], WithDecryption: true },
    ]);
  });

  it('are read anew each time', async () => {
    stored({ '/p/b': '{"name":"old"}', '/p/c': '[]' });
    await readParameter('/p', 'The parameter', PATIENCE);
    stored({ '/p/b': '{"name":"new"}', '/p/c': '[]' });

    expect(await readParameter('/p', 'The parameter', PATIENCE)).toMatchObject({
      text: '[{"name":"a"},{"name":"new"}]',
    });
  });

  it('of which one is not there cannot be used: an operator must act', async () => {
    stored({ '/p/b': '{"name":"b"}' });

    expect(await readParameter('/p', 'The parameter', PATIENCE)).toMatchObject({
      kind: 'failed',
      mistake: { needsOperator: true, message: 'The parameter names "./c", and there is no /p/c.' },
    });
  });

  it('of which one is no JSON cannot be used either', async () => {
    stored({ '/p/b': '{', '/p/c': '[]' });

    expect(await readParameter('/p', 'The parameter', PATIENCE)).toMatchObject({
      kind: 'failed',
      mistake: { needsOperator: true, message: expect.stringContaining('"./b", which is not valid JSON') },
    });
  });
});
