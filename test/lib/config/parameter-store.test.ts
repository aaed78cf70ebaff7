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

/** A bucket that holds a second's reads and fills evenly. */
const throttle = (): void => {
  let tokens = READS_A_SECOND;
  let atMs = Date.now();
  ssm.on(GetParameterCommand).callsFake(() => {
    tokens = Math.min(READS_A_SECOND, tokens + ((Date.now() - atMs) / 1_000) * READS_A_SECOND);
    atMs = Date.now();
    if (tokens < 1) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    tokens -= 1;
    return { Parameter: { Value: TEXT } };
  });
};

it('A hundred sandboxes that start at once all have their settings within seconds, and none answers 503', async () => {
  throttle();
  const reads = Array.from({ length: 100 }, () => readParameter('/p', 'The parameter', PATIENCE));
  await jest.runAllTimersAsync();
  const kinds = (await Promise.all(reads)).map(({ kind }) => kind);

  expect(kinds).toEqual(kinds.map(() => 'read'));
  expect(Date.now()).toBeLessThan(6_000);
});

it('What stays busy is given up in time for the senders, and says that it will pass', async () => {
  ssm.on(GetParameterCommand).rejects(Object.assign(new Error('hush'), { name: 'ThrottlingException' }));
  const reading = readParameter('/p', 'The parameter', PATIENCE);
  await jest.runAllTimersAsync();

  expect(await reading).toMatchObject({
    kind: 'failed',
    needsOperator: false,
    mistake: { message: expect.stringContaining('ThrottlingException. It is read again by itself') },
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
      needsOperator: true,
      mistake: { message: 'The parameter names "./c", and there is no /p/c.' },
    });
  });

  it('of which one is no JSON cannot be used either', async () => {
    stored({ '/p/b': '{', '/p/c': '[]' });

    expect(await readParameter('/p', 'The parameter', PATIENCE)).toMatchObject({
      kind: 'failed',
      needsOperator: true,
      mistake: { message: expect.stringContaining('"./b", which is not valid JSON') },
    });
  });
});
