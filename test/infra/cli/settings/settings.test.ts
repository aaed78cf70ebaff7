import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stage, startStage } from '../../../support/relay-cli';

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

  it('keep the parts of the version before, and no older ones, and never touch what an operator has named', async () => {
    stage.parameters.versions.set(`${PARAMETER}/own`, ['{}']);
    await stage.run(`settings push ${await put(many(40))} --yes`);
    const first = parts();
    await stage.run(`settings push ${await put(many(40, { region: 'eu' }))} --yes`);
    expect(parts()).toEqual(expect.arrayContaining(first));
    await stage.run(`settings push ${await put([SHOP])} --yes`);
    expect(JSON.parse(head())).toEqual([SHOP]);
    expect(parts().filter((name) => first.includes(name))).toEqual([`${PARAMETER}/own`]);
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
