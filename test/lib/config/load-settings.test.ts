import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import {
  loadSettings,
  READ_AGAIN_AFTER_MS,
  SETTINGS_MAX_AGE_SECONDS,
  settingsAtHand,
} from '../../../lib/config/load-settings';
import { lookUpName, type Settings, usableSources } from '../../../lib/config/settings';
import { SettingsError } from '../../../lib/errors';
import { logger } from '../../../lib/observability';
import { captureLogs, emittedMetrics } from '../../support/log-output';

const ssmMock = mockClient(SSMClient);
const MAX_AGE_MS = SETTINGS_MAX_AGE_SECONDS * 1_000;

const sourceOf = (name: string, over: object = {}) => ({
  name,
  writeKey: `key-${name}`,
  siteId: 'site',
  apiKey: 'hush',
  ...over,
});
const textOf = (...names: string[]): string => JSON.stringify(names.map((name) => sourceOf(name)));
const BROKEN = textOf('broken').slice(1);
const HALF_RIGHT = JSON.stringify([sourceOf('right'), sourceOf('wrong', { region: 'hush' })]);

/** A parameter of its own for each test: the process remembers what it has read of one. */
let count = 0;
let env: { SOURCES_PARAMETER: string; AWS_REGION: string };

const store = (text: string): void => {
  ssmMock.on(GetParameterCommand).resolves({ Parameter: { Value: text } });
};
const fail = (name: string): void => {
  ssmMock.on(GetParameterCommand).rejects(Object.assign(new Error('hush'), { name }));
};
const reads = (): number => ssmMock.commandCalls(GetParameterCommand).length;
const passMs = (ms: number): void => {
  jest.setSystemTime(Date.now() + ms);
};
/** Lets the pauses between attempts pass. */
const patiently = async <T>(work: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  void work.then(end, end);
  for (await Promise.resolve(); !isOver; ) await jest.advanceTimersToNextTimerAsync();
  return work;
};
const load = () => patiently(loadSettings(undefined, env));
const lookFor = (name: string) =>
  patiently(loadSettings((settings) => lookUpName(settings, name).kind === 'source', env));
const namesIn = (settings: Settings): string[] => usableSources(settings).map(({ name }) => name);

beforeEach(() => {
  count += 1;
  env = { SOURCES_PARAMETER: `/cio-relay/test-${count}/sources`, AWS_REGION: 'eu-west-1' };
  ssmMock.reset();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  // The settings are kept to their full age, and no pause has a length.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  jest.useRealTimers();
});

describe('settings in SOURCES', () => {
  it('are parsed once for the same text, and are never read again, whatever is missing in them', async () => {
    const inline = { SOURCES: textOf('direct'), SOURCES_PARAMETER: '/unused' };
    const first = await loadSettings(undefined, inline);

    expect(namesIn(first)).toEqual(['direct']);
    expect(await loadSettings(() => false, { ...inline })).toBe(first);
    expect(first.readAtMs).toBe(Infinity);
    expect(reads()).toBe(0);
  });

  it('with a mistake count and tell it once', async () => {
    const log = jest.spyOn(logger, 'error');

    const settings = await loadSettings(undefined, { SOURCES: HALF_RIGHT });
    await loadSettings(undefined, { SOURCES: HALF_RIGHT });

    expect(namesIn(settings)).toEqual(['right']);
    expect(log).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith('The settings have mistakes; the sources that have them are left out', {
      mistake: 'SOURCES has 1 mistake(s):\n- source 1 ("wrong"): region must be `us` or `eu`',
    });
  });

  it('are at hand at once', () => {
    expect(settingsAtHand({ SOURCES: textOf('direct') })?.entries).toMatchObject([
      { source: { name: 'direct' } },
    ]);
  });

  it('or elsewhere must be somewhere', async () => {
    await expect(loadSettings(undefined, {})).rejects.toThrow(
      'Neither SOURCES nor SOURCES_PARAMETER is set.',
    );
  });

  it('that were put into SOURCES_PARAMETER by mistake are not repeated', async () => {
    const swapped = loadSettings(undefined, { SOURCES_PARAMETER: textOf('direct') });

    await expect(swapped).rejects.toThrow('SOURCES_PARAMETER must be the name of a parameter');
    await expect(swapped).rejects.not.toThrow('hush');
  });
});

describe('the parameter', () => {
  it('is read decrypted, and again when it has aged: a key is rotated without a deploy', async () => {
    store(textOf('old'));
    const first = await load();
    store(textOf('new'));
    passMs(MAX_AGE_MS - 1);
    const cached = await load();
    passMs(1);
    const aged = await load();

    expect([first, cached, aged].map(namesIn)).toEqual([['old'], ['old'], ['new']]);
    expect(ssmMock.commandCalls(GetParameterCommand).map(({ args }) => args[0].input)).toEqual([
      { Name: env.SOURCES_PARAMETER, WithDecryption: true },
      { Name: env.SOURCES_PARAMETER, WithDecryption: true },
    ]);
  });

  it.each([
    ['ParameterNotFound', 'First deployment'],
    ['AccessDeniedException', 'ssm:GetParameter'],
    ['InvalidKeyId', 'The key that encrypts it'],
    ['ThrottlingException', 'It is read again by itself'],
    ['TimeoutError', 'It is read again by itself'],
  ])(
    'that cannot be read for %s is a settings mistake that names it, its region and the error',
    async (name, advice) => {
      fail(name);
      const loading = load();

      await expect(loading).rejects.toThrow(SettingsError);
      await expect(loading).rejects.toThrow(
        `The parameter "${env.SOURCES_PARAMETER}" in eu-west-1 could not be read: ${name}. `,
      );
      await expect(loading).rejects.toThrow(advice);
      await expect(loading).rejects.not.toThrow('hush');
    },
  );

  it.each([
    ['empty', '', 'is empty'],
    ['no JSON', BROKEN, 'is not valid JSON'],
    ['no array', '{}', 'is not a JSON array'],
    ['without a source that can be used', '[{"name":"a"}]', 'has 3 mistake(s)'],
  ])('that is %s is named, and SOURCES is not', async (_, text, message) => {
    store(text);
    const loading = load();

    await expect(loading).rejects.toThrow(`The parameter "${env.SOURCES_PARAMETER}" in eu-west-1 ${message}`);
    await expect(loading).rejects.not.toThrow(/SOURCES|hush/);
  });

  it('that could never be used is counted, and read again within seconds, but not by each who asks', async () => {
    store(BROKEN);
    const output = captureLogs();
    for (let request = 0; request < 100; request += 1) await expect(load()).rejects.toThrow('not valid JSON');
    output.release();

    expect(emittedMetrics(output.lines).map(({ name }) => name)).toEqual(['SettingsMistakes']);
    expect(reads()).toBe(1);
    store(textOf('mended'));
    passMs(READ_AGAIN_AFTER_MS);
    expect(namesIn(await load())).toEqual(['mended']);
  });
});

describe('a name or key that is missing', () => {
  it('has the parameter read again, past every cache: a new source works while warm', async () => {
    store(textOf('old'));
    await load();
    store(textOf('old', 'new'));
    passMs(READ_AGAIN_AFTER_MS);

    expect(namesIn(await lookFor('new'))).toEqual(['old', 'new']);
    expect(reads()).toBe(2);
  });

  it('costs a flood of strangers twelve reads a minute and no more', async () => {
    store(textOf('old'));
    await load();
    for (let tick = 0; tick < 6_000; tick += 1) {
      passMs(10);
      await lookFor(`stranger-${tick}`);
    }

    expect(reads()).toBe(1 + 60_000 / READ_AGAIN_AFTER_MS);
    expect(reads()).toBe(13);
  });

  it('costs those who ask at once one read together', async () => {
    store(textOf('old'));
    await load();
    passMs(READ_AGAIN_AFTER_MS);
    store(textOf('old', 'new'));
    const all = await Promise.all(Array.from({ length: 50 }, () => lookFor('new')));

    expect(all.map(namesIn)).toEqual(all.map(() => ['old', 'new']));
    expect(reads()).toBe(2);
  });

  it('is not looked for again in settings that were read a moment ago', async () => {
    store(textOf('old'));
    await load();
    passMs(READ_AGAIN_AFTER_MS - 1);

    expect(namesIn(await lookFor('new'))).toEqual(['old']);
    expect(reads()).toBe(1);
  });

  it('costs thirty seconds of peace while the store fails: each read takes its time', async () => {
    store(textOf('old'));
    await load();
    fail('TimeoutError');
    for (let second = 0; second < 60; second += 1) {
      passMs(1_000);
      expect(lookUpName(await lookFor('new'), 'new')).toMatchObject({
        kind: second < READ_AGAIN_AFTER_MS / 1_000 - 1 ? 'unknown' : 'undecided',
      });
    }

    // Two attempts each time.
    expect(reads()).toBe(1 + 2 * 2);
  });
});

describe('new settings that cannot be used', () => {
  it.each([
    ['are no JSON', () => store(BROKEN)],
    ['hold no source without a mistake', () => store('[{}]')],
    ['are empty', () => store('')],
    ['were deleted', () => fail('ParameterNotFound')],
    ['are throttled', () => fail('ThrottlingException')],
  ])('because they %s leave the last good ones in force', async (_, worsen) => {
    store(textOf('last'));
    await load();
    worsen();
    passMs(MAX_AGE_MS);
    const settings = await load();

    expect(namesIn(settings)).toEqual(['last']);
    expect(settings).toMatchObject({ mayBeOutdated: true });
    expect(lookUpName(settings, 'new')).toEqual({ kind: 'undecided' });
  });

  it('are seen within seconds of being mended, at the cost of twelve reads a minute', async () => {
    store(textOf('last'));
    await load();
    store(BROKEN);
    passMs(MAX_AGE_MS);
    for (let second = 0; second < 60; second += 1) {
      expect(namesIn(await load())).toEqual(['last']);
      passMs(1_000);
    }

    expect(reads()).toBe(1 + 12);
    store(textOf('mended'));
    expect(namesIn(await load())).toEqual(['mended']);
  });

  it('are counted with each read for the alarm, and told when they are new and every five minutes', async () => {
    const log = jest.spyOn(logger, 'error');
    store(textOf('last'));
    await load();
    store(BROKEN);
    passMs(MAX_AGE_MS);
    const output = captureLogs();
    for (let second = 0; second < 300; second += 1) {
      await load();
      passMs(1_000);
    }
    output.release();
    const counted = emittedMetrics(output.lines).filter(({ name }) => name === 'SettingsMistakes');

    expect(counted).toHaveLength(60);
    expect(log).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith('The settings could not be read again; the last ones stay in use', {
      mistake: expect.stringContaining('is not valid JSON'),
    });
    await load();
    expect(log).toHaveBeenCalledTimes(2);
  });

  it('for a store that is busy wake nobody', async () => {
    store(textOf('last'));
    await load();
    fail('ThrottlingException');
    passMs(MAX_AGE_MS);
    const output = captureLogs();
    await load();
    output.release();

    expect(emittedMetrics(output.lines)).toEqual([]);
    expect(output.lines.join('')).toContain('ThrottlingException');
  });
});

describe('a source with a mistake', () => {
  it('is left out, named and counted, and the others work', async () => {
    const log = jest.spyOn(logger, 'error');
    store(HALF_RIGHT);
    const output = captureLogs();
    const settings = await load();
    output.release();

    expect(namesIn(settings)).toEqual(['right']);
    expect(emittedMetrics(output.lines)).toEqual([
      expect.objectContaining({ name: 'SettingsMistakes', dimensions: [] }),
    ]);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('left out'), {
      mistake: expect.stringMatching(
        /^The parameter ".*" in eu-west-1 has 1 mistake\(s\):\n- source 1 \("wrong"\)/,
      ),
    });
  });

  it('works within seconds of being mended, once somebody asks for it', async () => {
    store(HALF_RIGHT);
    await load();
    store(textOf('right', 'wrong'));
    passMs(READ_AGAIN_AFTER_MS);

    expect(namesIn(await lookFor('wrong'))).toEqual(['right', 'wrong']);
  });
});

describe('settings at hand', () => {
  it('are none before the parameter was read, nor once it is old, nor those of another parameter', async () => {
    store(textOf('kept'));
    expect(settingsAtHand(env)).toBeUndefined();
    const loaded = await load();
    expect(settingsAtHand(env)).toBe(loaded);
    expect(settingsAtHand({ ...env, SOURCES_PARAMETER: '/another' })).toBeUndefined();
    passMs(MAX_AGE_MS);
    expect(settingsAtHand(env)).toBeUndefined();
    expect(reads()).toBe(1);
  });
});
