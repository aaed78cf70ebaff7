import prices from '../../../infra/cost/prices.json';
import { costTable } from '../../../infra/cost/table';
import { relayCli } from '../../support/relay-cli';

it('prints the costs of the docs in 80 columns where nothing is asked for', async () => {
  const { code, out, err } = await relayCli(['cost']);

  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(out.match(/\$\d+\.\d\d/g)).toEqual(costTable(prices).match(/\$\d+\.\d\d/g));
  expect(out.split('\n').slice(0, 3)).toEqual([
    'events a month                   1M        1M        1M      100M      100M',
    'events a request                  1        20         1         1        20',
    'batching window                 1 s       1 s      20 s       1 s       1 s',
  ]);
  expect(out).toMatch(/\ntogether [^\n]+\nList prices of us-east-1, 2026-11, without the free tier\.\n$/);
});

it('says what a month costs with the traffic that is given', async () => {
  const { code, out } = await relayCli('cost --events-per-month 1e6 --per-request 20'.split(' '));

  expect(code).toBe(0);
  expect(out).toMatch(/^API Gateway +\$0\.05\n/);
  expect(out).toMatch(
    /\ntogether +\$\d+\.\d\d\nList prices of us-east-1, 2026-11, without the free tier\.\n$/,
  );
});

it.each([['--events-per-month'], ['--sources'], ['--memory']])('costs more with more %s', async (option) => {
  const dollarsWith = async (value: string): Promise<number> =>
    JSON.parse((await relayCli(['cost', option, value, '--json'])).out).dollars;

  expect(await dollarsWith('2000')).toBeGreaterThan(await dollarsWith('1000'));
});

it('leaves out the metrics of sources where they are off', async () => {
  const on = JSON.parse((await relayCli(['cost', '--sources', '40', '--json'])).out);
  const off = JSON.parse((await relayCli(['cost', '--sources', '40', '--no-source-metrics', '--json'])).out);

  expect(on.dollars - off.dollars).toBeCloseTo(40 * 11 * prices.customMetric);
});

it.each(['many', '0', '-1', '', 'Infinity'])('refuses "%s" events', async (value) => {
  expect(await relayCli(['cost', '--events-per-month', value])).toMatchObject({
    code: 2,
    err: expect.stringContaining(`--events-per-month is "${value}"`),
  });
});

it('knows a function URL, before which there is no API Gateway', async () => {
  const { out } = await relayCli('cost --events-per-month 1e6 --door url'.split(' '));

  expect(out).toMatch(/^API Gateway +\$0\.00\n/);
  expect(await relayCli('cost --door alb'.split(' '))).toMatchObject({ code: 2 });
});

it('takes a window of no length', async () => {
  expect(await relayCli('cost --batching-window 0 --batch-size 10'.split(' '))).toMatchObject({ code: 0 });
});

it.each([
  ['--memory', '1', '256 to 10240'],
  ['--batch-size', '10001', '1 to 10000'],
  ['--batching-window', '61', '0 to 60'],
  ['--per-request', '1e9', '1 to 10000'],
  ['--event-bytes', '32769', '1 to 32768'],
])('refuses %s %s, which no stage can have', async (option, value, range) => {
  expect(await relayCli(['cost', option, value])).toMatchObject({
    code: 2,
    err: `${option} is "${value}".\nGive a number from ${range}.\n`,
  });
});

it('refuses a window of no length for batches that Lambda does not make without one', async () => {
  expect(await relayCli('cost --batching-window 0'.split(' '))).toMatchObject({
    code: 2,
    err: expect.stringMatching(
      /^--batching-window is 0, and --batch-size is \d+\.\nAbove 10 Lambda waits for a second at least: give --batch-size 10, or another\nwindow\.\n$/,
    ),
  });
});
