import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type Sandbox, startSandbox } from '../../../infra/local/sandbox/server';
import { startServer } from '../../support/http-server';
import { type Stage, startStage } from '../../support/relay-cli';

let stage: Stage;
let sandbox: Sandbox;

const source = (changes: object = {}) => ({
  name: 'shop',
  writeKey: 'w',
  siteId: 'local',
  apiKey: 'local',
  trackUrl: sandbox.url,
  ...changes,
});

beforeEach(async () => {
  stage = await startStage();
  sandbox = await startSandbox();
  stage.setSources([source()]);
});

afterEach(async () => {
  await Promise.all([stage.stop(), sandbox.close()]);
});

it('finds nothing to mend where all is well', async () => {
  const { code, out } = await stage.run('doctor');
  expect(code).toBe(0);
  expect(out.replace(/\d+ bytes, which/, '<n> bytes, which')).toMatchInlineSnapshot(`
"ok    settings: 1 source
ok    settings: <n> bytes, which fit one parameter
ok    workspace of shop: keys are right, region us
ok    workspace of shop: the clock of this machine agrees with it
ok    workspace of shop: 100 of its 1000 requests a second
ok    queue events: 0 messages
ok    queue dead-letters: 0 messages
ok    queue activity: 0 messages
ok    queue activity-dead-letters: 0 messages
"
`);
});

it('finds wrong keys, and says where the right ones are', async () => {
  stage.setSources([source({ apiKey: 'wrong' })]);
  const { code, out } = await stage.run('doctor');
  expect(code).toBe(1);
  expect(out).toContain(
    'BAD   workspace of shop: Customer.io does not know the keys (401)\n      Copy siteId and apiKey',
  );
});

it('finds a workspace that lives in another region', async () => {
  stage.setSources([source({ region: 'eu' })]);
  expect((await stage.run('doctor')).out).toContain('it is in the region us, and the settings say eu');
});

it('finds mistakes in the settings, a workspace that does not answer, and dead letters', async () => {
  stage.setSources([
    source({ trackUrl: 'http://127.0.0.1:9' }),
    { ...source(), name: 'blog', writeKey: 'w2', rate: 1 },
  ]);
  await stage.put('dead-letters', '{}', { reason: 'invalid_event' });
  const { code, out } = await stage.run('doctor --json');
  expect(code).toBe(1);
  expect(JSON.parse(out).findings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        state: 'bad',
        about: 'settings',
        what: 'source 1 ("blog"): unknown field(s) rate',
      }),
      expect.objectContaining({ state: 'bad', about: 'workspace of shop' }),
      expect.objectContaining({ state: 'warning', about: 'queue dead-letters', what: '1 dead letter' }),
    ]),
  );
});

it('finds settings and queues that are not there', async () => {
  stage.parameters.versions.clear();
  const { out } = await stage.run('doctor');
  expect(out).toContain('BAD   settings: ParameterNotFound');
});

it('tries the HTTP API by a plain, a gzip and an oversized request', async () => {
  const bodies: string[] = [];
  const types: unknown[] = [];
  const door = await startServer(async (request, response) => {
    const body = await buffer(request);
    const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    bodies.push(text);
    types.push(request.headers['content-type']);
    response.writeHead(text.length > 32_768 ? 413 : 200).end('{"success":true}');
  });
  const { code, out } = await stage.run(`doctor --send --endpoint ${door.url}`);
  await door.close();
  expect(code).toBe(1);
  expect(bodies).toHaveLength(4);
  expect(types.sort()).toEqual([...Array(3).fill('application/json'), 'application/octet-stream']);
  expect(out).toContain('ok    HTTP API, a gzip request: answered 200, as it should');
  expect(out).toContain('BAD   HTTP API, an oversized request: answered 413 instead of 400');
});

it('says what to do where gzip arrives as broken text', async () => {
  const door = await startServer((request, response) => {
    request.resume();
    const isGzip = request.headers['content-encoding'] === 'gzip';
    response.writeHead(isGzip ? 503 : 200).end(isGzip ? '{"code":"body_encoding_lost"}' : '{}');
  });
  const { out } = await stage.run(`doctor --send --endpoint ${door.url}`);
  await door.close();
  expect(out).toMatch(/BAD {3}HTTP API, a gzip request: answered 503 .*\n.*body-encoding-lost/);
});

it('must be told where the HTTP API of a stage is', async () => {
  expect((await stage.run('doctor --send')).code).toBe(2);
});
