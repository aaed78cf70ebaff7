import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConsoleStack } from '../../../support/console-stack';
import { relayCli, type Stage, startStage } from '../../../support/relay-cli';

const SHOP = { name: 'shop', writeKey: 'secret-w', siteId: 'secret-s', apiKey: 'secret-k' };
const BLOG = { name: 'blog', writeKey: 'secret-w2', siteId: 'secret-s2', apiKey: 'secret-k2' };

let stage: Stage;
let folder: string;

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([SHOP, BLOG]);
  folder = await mkdtemp(join(tmpdir(), 'relay-settings-'));
});

afterEach(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

const put = async (sources: unknown): Promise<string> => {
  const path = join(folder, 'sources.json');
  await writeFile(path, typeof sources === 'string' ? sources : JSON.stringify(sources, undefined, 2));
  return path;
};

const stored = () => stage.parameters.versions.get('/cio-relay/test/sources') ?? [];

it('says that a file, or what is stored, is right', async () => {
  expect((await stage.run(`settings check ${await put([SHOP])}`)).out).toContain('is right: 1 source.');
  expect((await stage.run('settings check')).out).toBe('/cio-relay/test/sources is right: 2 sources.\n');
});

it('names every mistake and no secret', async () => {
  const { code, err } = await stage.run(
    `settings check ${await put([{ ...SHOP, region: 'secret-x', rate: 1 }, BLOG])}`,
  );
  expect(code).toBe(1);
  expect(err.replace(folder, '')).toMatchInlineSnapshot(`
"/sources.json has 2 mistakes:
- source 0 ("shop"): region must be \`us\` or \`eu\`
- source 0 ("shop"): unknown field(s) rate
Mend them; the fields are in the README, Settings.
"
`);
});

it('names them as JSON for scripts, and fails all the same', async () => {
  const { code, out } = await stage.run(`settings check --json ${await put([{ ...SHOP, rate: 1 }, BLOG])}`);
  expect({ code, ...JSON.parse(out) }).toEqual({
    code: 1,
    sources: 1,
    mistakes: ['source 0 ("shop"): unknown field(s) rate'],
  });
  expect(JSON.parse((await stage.run(`settings check --json ${await put('{')}`)).out)).toMatchObject({
    sources: 0,
    mistakes: [expect.stringContaining('not valid JSON')],
  });
});

it('stores a change after it was shown and agreed to, and keeps the version before', async () => {
  const path = await put([
    { ...SHOP, apiKey: 'secret-new', region: 'eu' },
    { ...BLOG, name: 'news' },
  ]);
  const { code, err } = await stage.run(`settings push ${path}`, { answer: 'y' });
  expect(code).toBe(0);
  expect(err).toMatchInlineSnapshot(`
"Changes of stage test in us-east-1:
- shop: apiKey changes
- shop: region changes
- blog is gone; what still names it becomes a dead letter
- news is new
Go on? [y/N] 
"
`);
  expect(stored()).toHaveLength(2);
  expect(JSON.parse(stored()[1] ?? '')[0]).toMatchObject({ apiKey: 'secret-new' });
});

it('only shows the changes when it is rehearsed, and asks nobody', async () => {
  const rehearse = async (sources: unknown, options = '') =>
    stage.run(`settings push ${await put(sources)} --dry-run ${options}`.trim());
  const changed = [{ ...SHOP, apiKey: 'secret-new' }, BLOG];
  expect(await rehearse(changed)).toEqual({
    code: 0,
    out: 'Changes of stage test in us-east-1:\n- shop: apiKey changes\n',
    err: 'A rehearsal: nothing was stored.\n',
  });
  expect(JSON.parse((await rehearse(changed, '--json')).out)).toEqual({
    stored: false,
    changes: ['shop: apiKey changes'],
  });
  expect((await rehearse([SHOP, BLOG])).out).toBe('Nothing changes.\n');
  expect((await rehearse([SHOP, BLOG], '--json')).out).toBe('{"stored":false,"changes":[]}\n');
  expect((await rehearse([{ ...SHOP, region: 'x' }])).code).toBe(1);
  const env = { EDITOR: "sed -i 's/secret-w2/secret-w3/'" };
  expect((await stage.run('settings edit --dry-run', { env })).out).toContain('- blog: writeKey changes');
  expect(stored()).toHaveLength(1);
});

it('stores nothing that has a mistake, that is the same, or that nobody agreed to', async () => {
  expect((await stage.run(`settings push ${await put([{ ...SHOP, region: 'x' }])} --yes`)).code).toBe(1);
  expect((await stage.run(`settings push ${await put([SHOP, BLOG])} --yes`)).out).toBe('Nothing changes.\n');
  expect((await stage.run(`settings push ${await put([SHOP])}`)).code).toBe(2);
  expect(stored()).toHaveLength(1);
});

it('stores the first settings of a stage', async () => {
  stage.parameters.versions.clear();
  const { err } = await stage.run(`settings push ${await put([SHOP])} --yes`);
  expect(err).toContain('- shop is new');
  expect(stored()).toHaveLength(1);
});

it('fetches what is stored into a new file that only its owner may read', async () => {
  const path = join(folder, 'pulled.json');
  expect((await stage.run(`settings pull ${path}`)).code).toBe(0);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual([SHOP, BLOG]);
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stage.run(`settings pull ${path}`)).code).toBe(2);
});

it('says what to do when nothing is stored', async () => {
  stage.parameters.versions.clear();
  const { code, err } = await stage.run('settings check');
  expect(code).toBe(1);
  expect(err).toContain('Store the settings first');
});

it('changes what is stored in an editor', async () => {
  const env = { EDITOR: "sed -i 's/secret-k2/secret-k3/'" };
  const { code, err } = await stage.run('settings edit', { env, answer: 'y' });
  expect(code).toBe(0);
  expect(err).toContain('- blog: apiKey changes');
  expect(JSON.parse(stored()[1] ?? '')).toEqual([SHOP, { ...BLOG, apiKey: 'secret-k3' }]);
});

it('stores nothing that was written with a mistake', async () => {
  const env = { EDITOR: "sed -i 's/siteId/sideId/'" };
  expect(await stage.run('settings edit --yes', { env })).toMatchObject({
    code: 1,
    err: expect.stringContaining('siteId'),
  });
  expect(stored()).toHaveLength(1);
});

describe('what was written with a mistake', () => {
  /** Breaks a field the first time, and mends it the second. */
  const EDITOR = `sh -c 'grep -q sideId "$0" && sed -i s/sideId/siteId/ "$0" || sed -i "s/siteId/sideId/; s/secret-k2/k3/" "$0"'`;

  it('is told, and edited again by whoever wants to: nothing of it is lost', async () => {
    const { code, err } = await stage.run('settings edit', { env: { EDITOR }, answer: 'y' });

    expect(err).toMatch(
      /unknown field\(s\) sideId[\s\S]*Edit it again\? \[y\/N\][\s\S]*- blog: apiKey changes/,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stored()[1] ?? '')).toEqual([SHOP, { ...BLOG, apiKey: 'k3' }]);
  });

  it('ends the command for whoever does not', async () => {
    const { code, err } = await stage.run('settings edit', { env: { EDITOR }, answer: '' });

    expect({ code, asked: err.split('Edit it again?').length - 1 }).toEqual({ code: 1, asked: 1 });
    expect(stored()).toHaveLength(1);
  });
});

it('opens no editor for settings that cannot be stored', async () => {
  const { env, close } = await startConsoleStack();
  const opened = join(folder, 'opened');
  const { code, err } = await relayCli(['settings', 'edit'], {
    env: { ...env, EDITOR: `touch ${opened};:` },
  });
  await close();

  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('are in SOURCES') });
  await expect(stat(opened)).rejects.toThrow('ENOENT');
});

describe('settings beyond one parameter', () => {
  const PARAMETER = '/cio-relay/test/sources';
  const many = (count: number, over: object = {}) =>
    Array.from({ length: count }, (_, index) => ({
      name: `shop-${index}`,
      writeKey: `secret-w${index}`,
      siteId: `secret-s${index}`,
      apiKey: 'k'.repeat(200),
      ...over,
    }));
  const head = () => stage.parameters.versions.get(PARAMETER)?.at(-1) ?? '';
  const parts = () =>
    [...stage.parameters.versions.keys()].filter((name) => name.startsWith(`${PARAMETER}/`));

  it('stand in several, each of which fits, and are read as one in the order they were written', async () => {
    const sources = many(100);
    const { code, out } = await stage.run(`settings push ${await put(sources)} --yes`);
    expect({ code, out }).toEqual({ code: 0, out: 'Stored; functions read it within five minutes.\n' });
    expect(JSON.parse(head())).toEqual(parts().map((name) => `.${name.slice(PARAMETER.length)}`));
    for (const name of parts())
      expect(Buffer.byteLength(stage.parameters.versions.get(name)?.at(-1) ?? '')).toBeLessThanOrEqual(8_192);

    const path = join(folder, 'pulled.json');
    await stage.run(`settings pull ${path}`);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(sources);
    expect((await stage.run('settings check')).out).toBe(`${PARAMETER} is right: 100 sources.\n`);
    expect((await stage.run(`settings push ${path} --yes`)).out).toBe('Nothing changes.\n');
  });

  it('keep the parts of ten versions, and no older ones, and never touch what an operator has named', async () => {
    stage.parameters.versions.set(`${PARAMETER}/own`, ['{}']);
    await stage.run(`settings push ${await put(many(40))} --yes`);
    const first = parts();
    for (let index = 1; index < 10; index += 1)
      await stage.run(`settings push ${await put([{ ...SHOP, siteId: `s${index}` }])} --yes`);
    expect(parts()).toEqual(first);
    await stage.run(`settings push ${await put([SHOP])} --yes`);
    expect(parts()).toEqual([`${PARAMETER}/own`]);
  });

  it('keep all of their parts where the versions may not be read', async () => {
    stage.parameters.secretHistories.add(PARAMETER);
    await stage.run(`settings push ${await put(many(40))} --yes`);
    const first = parts();
    for (let index = 0; index < 12; index += 1)
      await stage.run(`settings push ${await put([{ ...SHOP, siteId: `s${index}` }])} --yes`);
    expect(parts()).toEqual(first);
  });

  it('are replaced by a push, though a part of them is missing or broken', async () => {
    stage.parameters.versions.set(PARAMETER, ['["./gone"]']);
    expect(await stage.run(`settings push ${await put([SHOP])} --yes`)).toMatchObject({ code: 0 });
    stage.parameters.versions.set(PARAMETER, ['["./broken"]']);
    stage.parameters.versions.set(`${PARAMETER}/broken`, ['{']);
    expect(await stage.run(`settings push ${await put([SHOP])} --yes`)).toMatchObject({ code: 0 });
    expect(JSON.parse(head())).toEqual([SHOP]);
  });

  it('may be named by hand, a parameter for each source', async () => {
    stage.parameters.versions.set(PARAMETER, ['["./shop",{"name":"blog"}]']);
    expect((await stage.run('settings check')).err).toMatch(
      /names "\.\/shop", and there is no\s+\S+\/shop\./,
    );
    stage.parameters.versions.set(PARAMETER, ['["./shop"]']);
    stage.parameters.versions.set(`${PARAMETER}/shop`, [JSON.stringify(SHOP)]);
    expect((await stage.run('settings check')).out).toContain('is right: 1 source.');
  });

  it('of which one source alone does not fit are refused', async () => {
    const { code, err } = await stage.run(
      `settings push ${await put([SHOP, { ...BLOG, apiKey: 'k'.repeat(9_000) }])} --yes`,
    );
    expect(code).toBe(1);
    expect(err).toMatch(/Source 1 alone has 9\d\d\d bytes; a parameter holds 8192\./);
  });
});

it('stores another order, since the first source is that of messages without one', async () => {
  const { code, err } = await stage.run(`settings push ${await put([BLOG, SHOP])} --yes`);
  expect(code).toBe(0);
  expect(err).toContain('- blog is the first now, that of messages without a source');
  expect(JSON.parse(stored()[1] ?? '')).toEqual([BLOG, SHOP]);
});

describe('what was stored before', () => {
  const PARAMETER = '/cio-relay/test/sources';
  const many = (region: string) =>
    Array.from({ length: 40 }, (_, index) => ({
      ...SHOP,
      name: `shop-${index}`,
      writeKey: `w${index}`,
      apiKey: 'k'.repeat(250),
      region,
    }));
  const pushAll = async (...all: readonly (readonly object[])[]): Promise<void> => {
    for (const sources of all)
      expect((await stage.run(`settings push ${await put(sources)} --yes`)).code).toBe(0);
  };
  const unhurried = (text: string): string => text.replace(/\d+ s ago/g, '0 s ago');
  const inForce = async (): Promise<unknown> => {
    const path = join(folder, `${Math.random()}.json`);
    await stage.run(`settings pull ${path}`);
    return JSON.parse(await readFile(path, 'utf8'));
  };

  it('is shown by version, with who stored it and what changed, without a value', async () => {
    await pushAll([{ ...SHOP, apiKey: 'secret-2' }, BLOG], [{ ...SHOP, apiKey: 'secret-2' }]);
    const { code, out, err } = await stage.run('settings history');
    expect(code).toBe(0);
    expect(unhurried(out)).toMatchInlineSnapshot(`
"version      stored   by   sources  what changed
3, in force  0 s ago  ada  1        blog is gone; what still names it becomes a…
2            0 s ago  ada  2        shop: apiKey changes
1            0 s ago  ada  2        shop is new; blog is new
"
`);
    expect(err).toMatchInlineSnapshot(`
"
Put one back:
  npx relay settings restore <version> --stage test
"
`);
    expect(out).not.toContain('secret');
  });

  it('is shown as JSON, the newest first, as many as are asked for', async () => {
    await pushAll([SHOP], [BLOG]);
    const { out } = await stage.run('settings history --json --limit 2');
    expect(JSON.parse(out)).toEqual({
      versions: [
        {
          version: 3,
          storedAt: expect.stringMatching(/Z$/),
          storedBy: 'ada',
          isInForce: true,
          sources: 1,
          changes: [
            'shop is gone; what still names it becomes a dead letter',
            'blog is new',
            'blog is the first now, that of messages without a source',
          ],
        },
        expect.objectContaining({
          version: 2,
          isInForce: false,
          changes: ['blog is gone; what still names it becomes a dead letter'],
        }),
      ],
    });
    expect((await stage.run('settings history --limit 2')).err).toContain('2 of 3 shown');
  });

  it('is put back after the difference was shown and agreed to: the version before, or one that is named', async () => {
    await pushAll([SHOP], [BLOG]);
    const { code, out, err } = await stage.run('settings restore', { answer: 'y' });
    expect({ code, out }).toEqual({ code: 0, out: 'Stored; functions read it within five minutes.\n' });
    expect(unhurried(err)).toMatchInlineSnapshot(`
"Changes of stage test in us-east-1:
- blog is gone; what still names it becomes a dead letter
- shop is new
- shop is the first now, that of messages without a source
That is version 2, stored by ada, 0 s ago.
Go on? [y/N] 
"
`);
    expect(await inForce()).toEqual([SHOP]);
    expect((await stage.run('settings restore 1 --dry-run')).out).toContain('That is version 1, stored by');
    expect((await stage.run('settings restore 1 --yes --json')).out).toBe('{"stored":true}\n');
    expect(await inForce()).toEqual([SHOP, BLOG]);
    expect((await stage.run('settings restore 1 --yes')).out).toBe('Nothing changes.\n');
    expect(stored()).toHaveLength(5);
  });

  it('is not put back unasked, where it has a mistake, or where there is none', async () => {
    expect(await stage.run('settings restore --yes')).toMatchObject({
      code: 2,
      err: 'There is no version before this one.\nWhat there is:\n  npx relay settings history --stage test\n',
    });
    expect((await stage.run('settings restore 7')).err).toContain('There is no version 7.');
    stage.parameters.versions.set(PARAMETER, ['[{"name":"shop"}]', JSON.stringify([SHOP])]);
    expect(await stage.run('settings restore --yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Version 1 has'),
    });
    expect(await stage.run('settings restore')).toMatchObject({ code: 1 });
    expect(stored()).toHaveLength(2);
  });

  it('is found beyond the first page, up to a hundred versions', async () => {
    const versions = Array.from({ length: 100 }, (_, index) =>
      JSON.stringify([{ ...SHOP, siteId: `s${index}` }]),
    );
    stage.parameters.versions.set(PARAMETER, versions);
    expect(JSON.parse((await stage.run('settings history --json --limit 100')).out).versions).toHaveLength(
      100,
    );
    await stage.run('settings restore 60 --yes');
    expect(await inForce()).toEqual([{ ...SHOP, siteId: 's59' }]);
  });

  it('is put back from its parts, for ten versions', async () => {
    await pushAll(many('us'), many('eu'), [SHOP]);
    expect((await stage.run('settings restore 2 --yes')).code).toBe(0);
    expect(await inForce()).toEqual(many('us'));
    expect(await stage.run('settings history --json')).toMatchObject({ code: 0 });
    for (let index = 0; index < 10; index += 1) await pushAll([{ ...SHOP, siteId: `s${index}` }]);
    const { code, err } = await stage.run('settings restore 3 --yes');
    expect(code).toBe(1);
    expect(err).toContain('A part of version 3 is gone.');
    const { versions } = JSON.parse((await stage.run('settings history --json --limit 100')).out);
    expect(versions.at(-3)).not.toHaveProperty('sources');
    expect((await stage.run('settings history --limit 100')).out).toContain('parts are gone');
  });

  it('is put back with the parts that an operator has named as they were then', async () => {
    const part = `${PARAMETER}/shop`;
    stage.parameters.versions.set(PARAMETER, ['["./shop"]', JSON.stringify([BLOG])]);
    stage.parameters.times.set(PARAMETER, [1_000, 5_000]);
    stage.parameters.versions.set(
      part,
      ['old', 'then', 'later'].map((siteId) => JSON.stringify({ ...SHOP, siteId })),
    );
    stage.parameters.times.set(part, [500, 2_000, 9_000]);
    await stage.run('settings restore 1 --yes');
    expect(await inForce()).toEqual([{ ...SHOP, siteId: 'then' }]);
  });

  it('is put back though what is in force lacks a part', async () => {
    stage.parameters.versions.set(PARAMETER, [JSON.stringify([SHOP]), '["./gone"]']);
    expect(await stage.run('settings restore --yes')).toMatchObject({ code: 0 });
    expect(await inForce()).toEqual([SHOP]);
  });
});
