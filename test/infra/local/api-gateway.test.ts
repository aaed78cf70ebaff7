import { readRefusal, watchDoor } from '../../../infra/local/api-gateway';
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
