import { ACTIVITY_TYPES } from '../../../../infra/local/sandbox/activity-log';
import { activityTypes, event, identify, person, sendBatch, start } from './client';

const ULID = '01HF7YAT0000000000000000ZZ';
const OTHER_ULID = '01HF7YAT00000000000000000A';

describe('an event', () => {
  it('stands in the log under its own name and time', async () => {
    const sandbox = await start();

    await sendBatch(
      sandbox,
      event({ id: 'u1' }, ' Order Completed ', { timestamp: 1_700_000_000, attributes: { total: 12 } }),
    );

    expect(sandbox.workspace.activities(1)).toEqual([
      {
        activity_type: 'event',
        activity_name: 'Order Completed',
        identifiers: { id: 'u1', cio_id: expect.any(String) },
        attributes: { total: 12 },
        timestamp: 1_700_000_000,
      },
    ]);
  });

  it.each([
    ['page', 'Page View'],
    ['screen', 'Screen View'],
    ['viewed_content', 'Viewed Content'],
    ['clicked_content', 'Clicked Content'],
  ])('of the action %s is a %s', async (action, type) => {
    const sandbox = await start();

    await sendBatch(sandbox, person({ id: 'u1' }, action, { name: 'Home' }));

    expect(sandbox.workspace.activities(1)).toMatchObject([{ activity_type: type, activity_name: 'Home' }]);
  });

  it('of somebody unknown creates the person', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, event({ id: 'u1' }));

    expect(activityTypes(sandbox)).toEqual(['Person Created', 'event']);
    expect(sandbox.workspace.listPeople()).toMatchObject([{ identifiers: { id: 'u1' }, events: 1 }]);
  });

  it('with a ULID that was seen before is ignored, whatever its case, person or name', async () => {
    const sandbox = await start();

    const replies = [
      await sendBatch(sandbox, event({ id: 'u1' }, 'e', { id: ULID })),
      await sendBatch(sandbox, event({ id: 'u2' }, 'f', { id: ULID.toLowerCase() })),
      await sendBatch(sandbox, event({ id: 'u1' }, 'e', { id: OTHER_ULID })),
    ];

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sandbox.workspace.counts).toEqual({ accepted: 2, rejected: 0, duplicates: 1 });
    expect([...sandbox.workspace.eventIds]).toEqual([ULID, OTHER_ULID]);
    expect(sandbox.workspace.listPeople()).toMatchObject([{ events: 2 }]);
  });

  it('without a ULID is never a duplicate', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, event({ id: 'u1' }), event({ id: 'u1' }));

    expect(sandbox.workspace.counts.duplicates).toBe(0);
    expect(sandbox.workspace.listPeople()).toMatchObject([{ events: 2 }]);
  });

  it('that failed may come again', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, event({ cio_id: 'a3000001' }, 'e', { id: ULID }));
    await sendBatch(sandbox, event({ id: 'u1' }, 'e', { id: ULID }));

    expect(activityTypes(sandbox)).toEqual([ACTIVITY_TYPES.failedEvent, 'Person Created', 'event']);
  });
});

describe('an anonymous event', () => {
  it('creates nobody', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, event({ anonymous_id: 'a1' }));

    expect(sandbox.workspace.listPeople()).toEqual([]);
    expect(sandbox.workspace.activities()).toMatchObject([{ identifiers: { anonymous_id: 'a1' } }]);
  });

  it('becomes that of the person who is identified with the anonymous id', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, event({ anonymous_id: 'a1' }), identify({ id: 'u1' }, { anonymous_id: 'a1' }));

    expect(sandbox.workspace.listPeople()).toMatchObject([{ attributes: { anonymous_id: 'a1' }, events: 1 }]);
    expect(sandbox.workspace.activities().at(-1)).toMatchObject({
      activity_type: 'event',
      identifiers: { id: 'u1' },
    });
  });

  it('that comes after the identify is that of the person at once', async () => {
    const sandbox = await start();

    await sendBatch(sandbox, identify({ id: 'u1' }, { anonymous_id: 'a1' }), event({ anonymous_id: 'a1' }));

    expect(sandbox.workspace.listPeople()).toMatchObject([{ events: 1 }]);
  });

  it('stays with the first who claimed the anonymous id', async () => {
    const sandbox = await start();

    await sendBatch(
      sandbox,
      event({ anonymous_id: 'a1' }),
      identify({ id: 'u1' }, { anonymous_id: 'a1' }),
      identify({ id: 'u2' }, { anonymous_id: 'a1' }),
      event({ anonymous_id: 'a1' }),
    );

    expect(sandbox.workspace.listPeople()).toMatchObject([
      { identifiers: { id: 'u1' }, events: 2 },
      { identifiers: { id: 'u2' }, events: 0 },
    ]);
  });
});

describe('the log', () => {
  it('keeps the newest and forgets the rest', async () => {
    const sandbox = await start({ keepActivities: 3 });
    const names = Array.from({ length: 10 }, (_, index) => `e${index}`);

    await sendBatch(sandbox, ...names.map((name) => event({ id: 'u1' }, name)));

    expect(sandbox.workspace.activities().map(({ activity_name: name }) => name)).toEqual(['e9', 'e8', 'e7']);
  });

  it('keeps all when told so', async () => {
    const sandbox = await start({ keepActivities: Number.POSITIVE_INFINITY });

    await sendBatch(sandbox, ...Array.from({ length: 500 }, () => event({ anonymous_id: 'a1' })));

    expect(sandbox.workspace.activities()).toHaveLength(500);
  });

  it('is told to the one who started the sandbox, line by line', async () => {
    const onActivity = jest.fn();
    const sandbox = await start({ onActivity });

    await sendBatch(sandbox, event({ anonymous_id: 'a1' }, 'Signed Up', { timestamp: 7 }));

    expect(onActivity.mock.calls).toEqual([
      [
        {
          activity_type: 'event',
          activity_name: 'Signed Up',
          identifiers: { anonymous_id: 'a1' },
          attributes: {},
          timestamp: 7,
        },
      ],
    ]);
  });
});

it('logs the metric of a delivery', async () => {
  const sandbox = await start();
  const attributes = { device_token: 't1' };

  await sendBatch(sandbox, {
    type: 'delivery',
    action: 'event',
    identifiers: { id: 'd1' },
    name: 'opened',
    attributes,
  });

  expect(sandbox.workspace.activities()).toMatchObject([
    {
      activity_type: 'Delivery Metric',
      activity_name: 'opened',
      identifiers: { delivery_id: 'd1' },
      attributes,
    },
  ]);
});
