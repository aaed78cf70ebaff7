import { authorization, call, event, get, identify, object, person, post, sendBatch, start } from './client';

it('shows the Activity Log in one form, newest first', async () => {
  const sandbox = await start();
  await sendBatch(
    sandbox,
    event({ id: 'u1' }, 'First', { timestamp: 5, attributes: { n: 1 } }),
    person({ id: 'u1' }, 'page', { name: 'Home', timestamp: 4 }),
  );

  const identifiers = { id: 'u1', cio_id: expect.any(String) };
  expect(await get(sandbox, '/sandbox/activity')).toEqual({
    activities: [
      { activity_type: 'Page View', activity_name: 'Home', identifiers, attributes: {}, timestamp: 4 },
      { activity_type: 'event', activity_name: 'First', identifiers, attributes: { n: 1 }, timestamp: 5 },
      { activity_type: 'Person Created', activity_name: '', identifiers, attributes: {}, timestamp: 5 },
    ],
  });
});

it('shows people, objects and rejections', async () => {
  const sandbox = await start({ clock: () => 8_000 });
  const invalid = event({ id: 'u2' }, '');
  await sendBatch(
    sandbox,
    identify({ id: 'u1' }, { plan: 'pro' }),
    object('acme', 'identify', { attributes: { name: 'Acme' } }),
    person({ id: 'u9' }, 'suppress'),
    invalid,
  );

  expect(await get(sandbox, '/sandbox/people')).toMatchObject({
    people: [{ identifiers: { id: 'u1' }, attributes: { plan: 'pro' }, devices: [], relationships: [] }],
    suppressed: [{ identifiers: { id: 'u9' } }],
  });
  expect(await get(sandbox, '/sandbox/objects')).toMatchObject({
    objects: [{ identifiers: { object_id: 'acme' }, attributes: { name: 'Acme' }, relationships: [] }],
  });
  expect(await get(sandbox, '/sandbox/rejections')).toEqual({
    rejections: [
      {
        status: 207,
        operation: invalid,
        errors: [{ reason: 'required', field: 'name', message: 'name is required' }],
        timestamp: 8,
      },
    ],
  });
});

it.each(['activity', 'people', 'objects', 'rejections'])('limits the list of %s', async (list) => {
  const sandbox = await start();
  await sendBatch(
    sandbox,
    ...['1', '2', '3'].flatMap((id) => [event({ id }), event({ id }, ''), object(id, 'identify')]),
  );
  const lengths = await Promise.all(
    ['0', '2', '100'].map(async (limit) => {
      const [entries] = Object.values(await get(sandbox, `/sandbox/${list}?limit=${limit}`));
      return (entries as unknown[]).length;
    }),
  );

  expect(lengths.slice(0, 2)).toEqual([0, 2]);
  expect(lengths[2]).toBeGreaterThanOrEqual(3);
});

it('sums up what came in', async () => {
  const sandbox = await start({ clock: () => 0 });
  const twice = event({ id: 'u1' }, 'e', { id: '01HF7YAT0000000000000000ZZ' });
  await sendBatch(sandbox, twice, twice, event({ id: 'u1' }, ''));
  await sendBatch(sandbox, identify({ id: 'u1' }, {}));

  expect(await get(sandbox, '/sandbox')).toMatchObject({
    url: sandbox.url,
    workspace: 'local',
    requests: 2,
    max_requests_per_second: 2,
    operations: { accepted: 2, rejected: 1, duplicates: 1 },
    people: 1,
    objects: 0,
    events: 1,
    faults: { throttle: 0 },
  });
});

it('forgets everything on reset', async () => {
  const sandbox = await start({ clock: () => 0, requestsPerSecond: 2 });
  const before = await get(sandbox, '/sandbox');
  const operation = event({ id: 'u1' }, 'e', { id: '01HF7YAT0000000000000000ZZ' });
  await sendBatch(sandbox, operation, event({}), object('acme', 'identify'));
  await sendBatch(sandbox, operation);

  const reply = await post(sandbox, '/sandbox/reset', '');

  expect(reply.status).toBe(200);
  expect(await get(sandbox, '/sandbox')).toEqual(before);
  expect(sandbox.workspace.activities()).toEqual([]);
  expect(sandbox.workspace.rejections()).toEqual([]);
  expect(sandbox.workspace.requests()).toEqual([]);
  await sendBatch(sandbox, operation);
  expect(sandbox.workspace.counts).toEqual({ accepted: 1, rejected: 0, duplicates: 0 });
});

describe('with several workspaces', () => {
  const workspaces = [
    { siteId: 'a', apiKey: 'a' },
    { siteId: 'b', apiKey: 'b' },
  ];

  it('shows the first, or the one that is named', async () => {
    const sandbox = await start({ workspaces });
    await call(sandbox, '/api/v2/entity', {
      method: 'POST',
      body: JSON.stringify(event({ id: 'u1' })),
      headers: { authorization: authorization('b:b') },
    });

    expect(await get(sandbox, '/sandbox/people')).toEqual({ people: [], suppressed: [] });
    expect(await get(sandbox, '/sandbox/people?workspace=b')).toMatchObject({
      people: [{ identifiers: { id: 'u1' } }],
    });
  });
});

it.each([
  ['/sandbox/people?workspace=other', 400, 'workspace other does not exist; there are local'],
  ['/sandbox/people?limit=many', 400, 'limit must be a whole number, 0 or more'],
  [
    '/sandbox/persons',
    404,
    'there is no GET /sandbox/persons; there are GET /sandbox, GET /sandbox/activity',
  ],
  ['/', 404, 'there is no GET /'],
])('answers %s with %i and says why', async (path, status, message) => {
  const sandbox = await start();

  const reply = await call(sandbox, path);

  expect(reply.status).toBe(status);
  expect(reply.body['error']).toContain(message);
});

it('needs no credentials and no exact slash', async () => {
  const sandbox = await start();

  const response = await fetch(`${sandbox.url}/sandbox/people/`);

  expect(response.status).toBe(200);
});
