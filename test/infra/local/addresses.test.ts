import { createServer, type Server } from 'node:net';
import { endpointUrl, freePort, HOST, portProblem, readPorts } from '../../../infra/local/addresses';

it('Each part has its port, and each can be moved', () => {
  expect(readPorts({})).toEqual({ PORT: 3000, SQS_PORT: 4566, SANDBOX_PORT: 3030, SEGMENT_PORT: 3040 });
  expect(readPorts({ PORT: '4000', SQS_PORT: '' })).toMatchObject({ PORT: 4000, SQS_PORT: 4566 });
  expect(endpointUrl(readPorts({ PORT: '4000' }))).toBe('http://127.0.0.1:4000');
});

it.each(['abc', '0', '65536', '80.5', '-1'])('PORT=%s is refused by name', (value) => {
  expect(() => readPorts({ PORT: value })).toThrow(`PORT=${value} is not a port`);
});

describe('A port that is taken', () => {
  let server: Server;
  let taken: number;

  beforeEach(async () => {
    server = createServer();
    taken = await freePort();
    await new Promise<void>((resolve) => server.listen(taken, HOST, resolve));
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('is named with its variable and what to do, and the free ones are not', async () => {
    const free = { PORT: await freePort(), SANDBOX_PORT: await freePort(), SEGMENT_PORT: await freePort() };

    const problem = await portProblem({ ...free, SQS_PORT: taken });

    expect(problem).toBe(
      `In use: port ${taken} (SQS_PORT). Stop what listens there, or choose: SQS_PORT=${taken + 1} npm start`,
    );
  });
});

it('Nothing is said when every port is free', async () => {
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;

  const [PORT, SQS_PORT, SANDBOX_PORT, SEGMENT_PORT] = ports;

  expect(await portProblem({ PORT, SQS_PORT, SANDBOX_PORT, SEGMENT_PORT })).toBeUndefined();
});
