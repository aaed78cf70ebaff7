import { EventEmitter } from 'node:events';
import { boundSandboxes, readRefusal, watchDoor } from '../../../infra/local/api-gateway';
import { refusalAnswer, SUCCESS } from '../../../lib/http/answer';
import { PIXEL, refusedPixel } from '../../../lib/ingest/pixel';
import { UNKNOWN_KEY } from '../../../lib/ingest/write-key';

const answered = ({ body, ...answer }: ReturnType<typeof refusalAnswer>) => ({
  method: 'get',
  path: '/v1/pixel/track',
  response: { ...answer, source: body },
  headers: {},
});

it('A request that was refused is told by its answer', () => {
  expect(readRefusal(answered(refusalAnswer(UNKNOWN_KEY)))).toEqual({
    status: 401,
    code: 'invalid_write_key',
    message: UNKNOWN_KEY.message,
    method: 'GET',
    path: '/v1/pixel/track',
  });
});

it('A pixel that was refused is told as well, although its answer is the image', () => {
  expect(readRefusal(answered(refusedPixel(UNKNOWN_KEY)))).toMatchObject({
    status: 401,
    code: 'invalid_write_key',
    path: '/v1/pixel/track',
  });
});

it.each([SUCCESS, PIXEL])('Nothing is told of what was taken', (answer) => {
  expect(readRefusal(answered(answer))).toBeUndefined();
});

it('No more sandboxes are busy at once than may be, and whoever left while waiting takes no place', async () => {
  const points = new Map<string, (request: object, toolkit: object) => Promise<unknown>>();
  const server = { ext: (point: string, method: () => Promise<unknown>) => points.set(point, method) };
  boundSandboxes([{ internals: () => ({ getApiGatewayServer: () => server }) }], 2);
  const entered: string[] = [];
  const ask = (name: string) => {
    const response = Object.assign(new EventEmitter(), { closed: false });
    const entering = points.get('onPreHandler')?.({ raw: { res: response } }, { continue: 'goes on' });
    void entering?.then(() => entered.push(name));
    return response;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const [a, , c] = [ask('a'), ask('b'), ask('c'), ask('d'), ask('e')];
  await turn();
  expect(entered).toEqual(['a', 'b']);

  c.closed = true;
  a.emit('close');
  await turn();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

it('Whoever watches a request fails for itself alone: the answer is the one of the endpoint', () => {
  const told: string[] = [];
  jest.spyOn(console, 'error').mockImplementation((line) => void told.push(String(line)));
  const points = new Map<string, (request: object, toolkit: object) => unknown>();
  const server = { ext: (point: string, method: () => unknown) => points.set(point, method) };
  const fails = (): never => {
    throw new RangeError('too deep');
  };
  watchDoor([{ internals: () => ({ getApiGatewayServer: () => server }) }], () => 0, fails);

  const request = {
    ...answered(refusalAnswer(UNKNOWN_KEY)),
    url: { pathname: '/v1/batch', search: '' },
    raw: { req: {} },
  };
  expect(points.get('onPreResponse')?.(request, { continue: 'goes on' })).toBe('goes on');
  expect(told).toEqual(['The console could not take down get /v1/pixel/track: RangeError: too deep']);
});
