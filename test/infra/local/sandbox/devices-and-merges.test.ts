import type { Sandbox } from '../../../../infra/local/sandbox/server';
import { activityTypes, event, identify, type Json, object, person, sendBatch, start } from './client';

const sandboxAfter = async (...operations: readonly unknown[]): Promise<Sandbox> => {
  const sandbox = await start();
  expect((await sendBatch(sandbox, ...operations)).status).toBe(200);
  return sandbox;
};

const addDevice = (id: string, device: Json): Json =>
  person({ id }, 'add_device', { device: { platform: 'ios', last_used: 1_700_000_000, ...device } });

const merge = (primary: Json, secondary: Json): Json => ({
  type: 'person',
  action: 'merge',
  primary,
  secondary,
});

describe('a device', () => {
  it('is added to the person, who may be new', async () => {
    const sandbox = await sandboxAfter(
      addDevice('u1', { token: 't1', attributes: { app_version: '1.2.3' } }),
    );

    expect(sandbox.workspace.listPeople()[0]?.devices).toEqual([
      { token: 't1', platform: 'ios', last_used: 1_700_000_000, attributes: { app_version: '1.2.3' } },
    ]);
    expect(sandbox.workspace.activities(1)).toMatchObject([
      {
        activity_type: 'Device Change',
        activity_name: 'Device added',
        attributes: { token: 't1', platform: 'ios', last_used: 1_700_000_000, app_version: '1.2.3' },
        timestamp: 1_700_000_000,
      },
    ]);
  });

  it('that was used later is not changed by what was sent earlier', async () => {
    const sandbox = await sandboxAfter(
      addDevice('u1', { token: 't1', last_used: 2, platform: 'android', attributes: { app_version: '2' } }),
      addDevice('u1', { token: 't1', last_used: 1, attributes: { app_version: '1', device_os: '17' } }),
    );

    expect(sandbox.workspace.listPeople()[0]?.devices).toEqual([
      { token: 't1', platform: 'android', last_used: 2, attributes: { app_version: '2', device_os: '17' } },
    ]);
  });

  it('without last_used was used when it arrived', async () => {
    const sandbox = await start({ clock: () => 9_500 });

    await sendBatch(sandbox, addDevice('u1', { token: 't1', last_used: undefined }));

    expect(sandbox.workspace.listPeople()[0]?.devices).toMatchObject([{ last_used: 9 }]);
  });

  it('is deleted by its token', async () => {
    const sandbox = await sandboxAfter(
      addDevice('u1', { token: 't1' }),
      addDevice('u1', { token: 't2' }),
      person({ id: 'u1' }, 'delete_device', { device: { token: 't1' } }),
    );

    expect(sandbox.workspace.listPeople()[0]?.devices).toMatchObject([{ token: 't2' }]);
    expect(sandbox.workspace.activities(1)).toMatchObject([{ activity_name: 'Device deleted' }]);
  });

  it('that nobody has is not deleted, nor added to a cio_id that does not exist', async () => {
    const sandbox = await sandboxAfter(
      person({ id: 'u1' }, 'delete_device', { device: { token: 't1' } }),
      person({ cio_id: 'a3000001' }, 'add_device', { device: { token: 't1', platform: 'ios' } }),
    );

    expect(activityTypes(sandbox)).toEqual(['Skipped Update', 'Skipped Update']);
  });
});

describe('a merge', () => {
  it('gives the primary what it lacks, and deletes the secondary', async () => {
    const sandbox = await sandboxAfter(
      identify({ id: 'u1' }, { plan: 'pro', city: null }),
      identify({ email: 'jane@example.com' }, { plan: 'free', city: 'Paris', anonymous_id: 'a1' }),
      addDevice('u1', { token: 't1', attributes: { app_version: '1' } }),
      person({ email: 'jane@example.com' }, 'add_device', { device: { token: 't1', platform: 'android' } }),
      person({ email: 'jane@example.com' }, 'add_device', { device: { token: 't2', platform: 'android' } }),
      object('acme', 'add_relationships', {
        cio_relationships: [{ identifiers: { email: 'jane@example.com' } }],
      }),
      event({ email: 'jane@example.com' }, 'Signed Up'),
      event({ id: 'u1' }),
      merge({ id: 'u1' }, { email: 'jane@example.com' }),
      event({ anonymous_id: 'a1' }),
      event({ email: 'JANE@example.com' }),
    );

    expect(sandbox.workspace.listPeople()).toEqual([
      {
        identifiers: { id: 'u1', email: 'jane@example.com', cio_id: expect.any(String) },
        attributes: { plan: 'pro', city: 'Paris', anonymous_id: 'a1' },
        devices: [
          expect.objectContaining({ token: 't1', platform: 'ios' }),
          expect.objectContaining({ token: 't2' }),
        ],
        relationships: [
          {
            identifiers: { object_type_id: '1', object_id: 'acme', cio_object_id: expect.any(String) },
            relationship_attributes: {},
          },
        ],
        unsubscribed: false,
        events: 4,
      },
    ]);
    expect(sandbox.workspace.listObjects()).toMatchObject([
      { relationships: [{ identifiers: { id: 'u1' } }] },
    ]);
  });

  it('moves the history along', async () => {
    const sandbox = await sandboxAfter(
      event({ id: 'u1' }),
      event({ id: 'u2' }, 'Signed Up'),
      event({ id: 'u3' }),
      merge({ id: 'u1' }, { id: 'u2' }),
      merge({ id: 'u3' }, { id: 'u1' }),
    );

    const signedUp = sandbox.workspace.activities().find(({ activity_name: name }) => name === 'Signed Up');
    expect(signedUp?.identifiers).toMatchObject({ id: 'u3' });
  });

  it('leaves the identifiers of the secondary free', async () => {
    const sandbox = await sandboxAfter(
      event({ id: 'u1' }),
      event({ id: 'u2' }),
      merge({ id: 'u1' }, { id: 'u2' }),
      event({ id: 'u2' }),
    );

    expect(sandbox.workspace.listPeople()).toMatchObject([
      { identifiers: { id: 'u1' }, events: 2 },
      { identifiers: { id: 'u2' }, events: 1 },
    ]);
  });

  it.each([
    ['whose primary does not exist', { id: 'nobody' }, { id: 'u1' }],
    ['whose secondary does not exist', { id: 'u1' }, { id: 'nobody' }],
    ['of somebody with themselves', { id: 'u1' }, { id: 'u1' }],
  ])('%s does nothing', async (_, primary, secondary) => {
    const sandbox = await sandboxAfter(event({ id: 'u1' }), merge(primary, secondary));

    expect(sandbox.workspace.listPeople()).toMatchObject([{ identifiers: { id: 'u1' }, events: 1 }]);
    expect(sandbox.workspace.activities(1)).toMatchObject([
      { activity_type: 'Skipped Update', activity_name: 'merge' },
    ]);
  });
});
