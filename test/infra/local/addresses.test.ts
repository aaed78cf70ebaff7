import { type AddressInfo, createServer, type Server } from 'node:net';
import {
  endpointUrl,
  findLambdaPort,
  HOST,
  movedPorts,
  portProblem,
  readPorts,
} from '../../../infra/local/addresses';
import { freePorts } from '../../support/running-stack';

it('Each part has its port, and each can be moved', () => {
  expect(readPorts({})).toEqual({
    PORT: 3000,
    TLS_PORT: 3443,
    SQS_PORT: 4566,
    SANDBOX_PORT: 3030,
    SEGMENT_PORT: 3040,
  });
  expect(readPorts({ PORT: '4000', SQS_PORT: '' })).toMatchObject({ PORT: 4000, SQS_PORT: 4566 });
  expect(endpointUrl(readPorts({ PORT: '4000' }))).toBe('http://127.0.0.1:4000');
});

it.each(['abc', '0', '65536', '80.5', '-1'])('PORT=%s is refused by name', (value) => {
  expect(() => readPorts({ PORT: value })).toThrow(`PORT=${value} is not a port`);
});

it('A command is told the ports that are not the default ones', () => {
  expect(movedPorts(readPorts({ PORT: '3001', SQS_PORT: '4567' }))).toBe('PORT=3001 SQS_PORT=4567');
  expect(movedPorts(readPorts({}))).toBe('');
});

describe('A port that is taken', () => {
  const servers: Server[] = [];

  const take = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };

  /** What the line offers in its place. */
  const offered = (problem: string | undefined, name: string): number =>
    Number(new RegExp(`choose:.* ${name}=(\\d+) (?:.* )?npm start$`).exec(problem ?? '')?.[1]);

  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  it('is named with its variable and what to do, and the free ones are not', async () => {
    const taken = await take();

    const problem = await portProblem({ ...(await freePorts()), SQS_PORT: taken });

    const instead = offered(problem, 'SQS_PORT');
    expect(instead).toBeGreaterThan(taken);
    expect(problem).toBe(
      `In use: port ${taken} (SQS_PORT). Stop what listens there, or choose: SQS_PORT=${instead} npm start`,
    );
  });

  it('is one of several that are named at once, and what the line says to choose can be taken', async () => {
    const [PORT, SANDBOX_PORT, SEGMENT_PORT] = [await take(), await take(), await take()];
    const ports = { ...(await freePorts()), PORT, SANDBOX_PORT, SEGMENT_PORT };

    const problem = await portProblem(ports);

    expect(problem).toContain(
      `In use: port ${PORT} (PORT), ${SANDBOX_PORT} (SANDBOX_PORT), ${SEGMENT_PORT} (SEGMENT_PORT). Stop`,
    );
    const names = ['PORT', 'SANDBOX_PORT', 'SEGMENT_PORT'];
    const moved = Object.fromEntries(names.map((name) => [name, offered(problem, name)]));
    expect(await portProblem({ ...ports, ...moved })).toBeUndefined();
  });

  it('may be taken by another part of the stack itself', async () => {
    const ports = await freePorts();

    const problem = await portProblem({ ...ports, SANDBOX_PORT: ports.PORT });

    expect(problem).toContain(`In use: port ${ports.PORT} (SANDBOX_PORT).`);
  });

  it('is moved to none that another part of the stack has', async () => {
    const { PORT } = await freePorts();
    const others = { SQS_PORT: PORT + 1, SANDBOX_PORT: PORT + 2, SEGMENT_PORT: PORT + 3 };

    const problem = await portProblem({ PORT, TLS_PORT: PORT, ...others });

    expect(problem).toContain(`In use: port ${PORT} (TLS_PORT).`);
    expect(offered(problem, 'TLS_PORT')).toBeGreaterThan(others.SEGMENT_PORT);
  });

  it('has a free one offered even where none lies above it', async () => {
    const problem = await portProblem({ ...(await freePorts()), PORT: 65_535, SQS_PORT: 65_535 });

    expect(offered(problem, 'SQS_PORT')).toBeGreaterThan(0);
    expect(offered(problem, 'SQS_PORT')).toBeLessThan(65_535);
  });
});

it('Nothing is said when every port is free', async () => {
  expect(await portProblem(await freePorts())).toBeUndefined();
});

it('Functions are invoked by a port that the system gives to nobody by chance, also where the first is taken', async () => {
  const server = createServer();
  const port = await findLambdaPort(readPorts({}));
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));

  const next = await findLambdaPort(readPorts({}));

  await new Promise((resolve) => server.close(resolve));
  expect(port).toBeGreaterThanOrEqual(13_000);
  expect(next).toBeGreaterThan(port);
  expect(next).toBeLessThan(32_768);
});
