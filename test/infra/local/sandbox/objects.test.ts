import type { Sandbox } from '../../../../infra/local/sandbox/server';
import { activityTypes, event, identify, type Json, object, person, sendBatch, start } from './client';

const sandboxAfter = async (...operations: readonly unknown[]): Promise<Sandbox> => {
  const sandbox = await start();
  for (const operation of operations) expect((await sendBatch(sandbox, operation)).status).toBe(200);
  return sandbox;
};

const withPeople = (...relationships: readonly Json[]): Json => ({ cio_relationships: relationships });
const acme = { object_type_id: '1', object_id: 'acme' };

describe('an object', () => {
  it('is created with its attributes and related to people, who may be new', async () => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify', {
        attributes: { name: 'Acme' },
        ...withPeople({ identifiers: { id: 'u1' }, relationship_attributes: { role: 'admin' } }),
      }),
    );

    expect(sandbox.workspace.listObjects()).toEqual([
      {
        identifiers: { ...acme, cio_object_id: expect.stringMatching(/^ob/) },
        attributes: { name: 'Acme' },
        relationships: [
          {
            identifiers: { id: 'u1', cio_id: expect.any(String) },
            relationship_attributes: { role: 'admin' },
          },
        ],
      },
    ]);
    expect(activityTypes(sandbox)).toEqual([
      'Object Created',
      'Object Attribute Change',
      'Person Created',
      'Relationship Added',
      'Relationship Attribute Change',
    ]);
  });

  it('is updated in the order of arrival, by its cio_object_id too', async () => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify', { attributes: { name: 'Acme', plan: 'pro' } }),
    );
    const cioObjectId = sandbox.workspace.listObjects()[0]?.identifiers['cio_object_id'];

    await sendBatch(sandbox, {
      type: 'object',
      action: 'identify',
      identifiers: { cio_object_id: cioObjectId },
      attributes: { name: 'Acme Corp', plan: '' },
    });

    expect(sandbox.workspace.listObjects()).toMatchObject([{ attributes: { name: 'Acme Corp' } }]);
    expect(sandbox.workspace.listObjects()[0]?.attributes).not.toHaveProperty('plan');
  });

  it('is not created by a cio_object_id, nor changed by saying nothing', async () => {
    const sandbox = await sandboxAfter(
      { type: 'object', action: 'identify', identifiers: { cio_object_id: 'ob99' } },
      object('acme', 'identify'),
      object('acme', 'identify'),
    );

    expect(activityTypes(sandbox)).toEqual(['Skipped Update', 'Object Created', 'Skipped Update']);
    expect(sandbox.workspace.activities(1)).toMatchObject([
      { activity_name: 'identify', identifiers: { object_id: 'acme' } },
    ]);
  });

  it('holds 100,000 bytes of attributes at most', async () => {
    const attributes = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x'.repeat(990)]));

    const sandbox = await sandboxAfter(
      object('acme', 'identify', { attributes: attributes('a', 30) }),
      object('acme', 'identify', { attributes: attributes('b', 30) }),
      object('acme', 'identify', { attributes: attributes('c', 30) }),
      object('acme', 'identify', { attributes: attributes('d', 30) }),
    );

    expect(Object.keys(sandbox.workspace.listObjects()[0]?.attributes ?? {})).toHaveLength(90);
    expect(sandbox.workspace.activities(1)).toMatchObject([{ activity_type: 'Attribute Update Failure' }]);
  });

  it('that does not exist is not deleted, and the log says which it was', async () => {
    const sandbox = await sandboxAfter(object('acme', 'delete'), {
      type: 'object',
      action: 'delete',
      identifiers: { cio_object_id: 'ob99' },
    });

    expect(sandbox.workspace.activities()).toMatchObject([
      { activity_type: 'Skipped Update', activity_name: 'delete', identifiers: { cio_object_id: 'ob99' } },
      { activity_type: 'Skipped Update', activity_name: 'delete', identifiers: acme },
    ]);
  });

  it('takes its relationships with it when it is deleted', async () => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify', withPeople({ identifiers: { id: 'u1' } })),
      object('acme', 'delete'),
      object('acme', 'delete'),
      object('acme', 'identify'),
    );

    expect(sandbox.workspace.listObjects()).toMatchObject([{ identifiers: acme, relationships: [] }]);
    expect(activityTypes(sandbox).slice(3)).toEqual(['Object Deleted', 'Skipped Update', 'Object Created']);
  });
});

describe('a relationship', () => {
  it('is shown with the person too', async () => {
    const sandbox = await sandboxAfter(
      person(
        { id: 'u1' },
        'identify',
        withPeople({ identifiers: acme, relationship_attributes: { role: 'admin' } }),
      ),
    );

    expect(sandbox.workspace.listPeople()).toMatchObject([
      { relationships: [{ identifiers: acme, relationship_attributes: { role: 'admin' } }] },
    ]);
  });

  it('with an anonymous id becomes that of the person identified with it', async () => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify_anonymous', withPeople({ identifiers: { anonymous_id: 'a1' } })),
      identify({ id: 'u1' }, { anonymous_id: 'a1' }),
    );

    expect(sandbox.workspace.listObjects()).toMatchObject([
      { relationships: [{ identifiers: { id: 'u1' } }] },
    ]);
  });

  it('with an anonymous id may stand beside the object, as the description has it in its example', async () => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify_anonymous', { anonymous_id: 'a1' }),
      identify({ id: 'u1' }, { anonymous_id: 'a1' }),
    );

    expect(sandbox.workspace.listObjects()).toMatchObject([
      { relationships: [{ identifiers: { id: 'u1' } }] },
    ]);
  });

  it.each([
    ['the person', person({ id: 'u1' }, 'identify', withPeople({ identifiers: acme }))],
    ['the person alone', person({ id: 'u1' }, 'add_relationships', withPeople({ identifiers: acme }))],
    ['the object alone', object('acme', 'add_relationships', withPeople({ identifiers: { id: 'u1' } }))],
  ])('may come from %s', async (_, operation) => {
    const sandbox = await sandboxAfter(operation);

    expect(sandbox.workspace.listObjects()).toMatchObject([
      { identifiers: acme, relationships: [{ identifiers: { id: 'u1' } }] },
    ]);
  });

  it.each([
    ['the person', person({ id: 'u1' }, 'delete_relationships', withPeople({ identifiers: acme }))],
    ['the object', object('acme', 'delete_relationships', withPeople({ identifiers: { id: 'u1' } }))],
  ])('is deleted from the side of %s', async (_, operation) => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify', withPeople({ identifiers: { id: 'u1' } }, { identifiers: { id: 'u2' } })),
      operation,
      operation,
    );

    expect(sandbox.workspace.listObjects()).toMatchObject([
      { relationships: [{ identifiers: { id: 'u2' } }] },
    ]);
    expect(activityTypes(sandbox).filter((type) => type === 'Relationship Deleted')).toHaveLength(1);
  });

  it.each([
    [
      'the person',
      'add_relationships',
      person({ id: 'u1' }, 'add_relationships', withPeople({ identifiers: acme })),
    ],
    [
      'the object',
      'add_relationships',
      object('acme', 'add_relationships', withPeople({ identifiers: { id: 'u1' } })),
    ],
    [
      'the person',
      'delete_relationships',
      person({ id: 'u9' }, 'delete_relationships', withPeople({ identifiers: acme })),
    ],
    [
      'the object',
      'delete_relationships',
      object('acme', 'delete_relationships', withPeople({ identifiers: { id: 'u9' } })),
    ],
  ])('that changes nothing, from the side of %s by %s, says so', async (_, action, operation) => {
    const sandbox = await sandboxAfter(
      object('acme', 'identify', withPeople({ identifiers: { id: 'u1' } })),
      operation,
    );

    expect(sandbox.workspace.activities(2)).toMatchObject([
      { activity_type: 'Skipped Update', activity_name: action },
      { activity_type: 'Relationship Added' },
    ]);
  });

  it('to a cio_id that does not exist is left out', async () => {
    const sandbox = await sandboxAfter(
      event({ id: 'u1' }),
      object('acme', 'add_relationships', withPeople({ identifiers: { cio_id: 'a3000099' } })),
    );

    expect(sandbox.workspace.listObjects()).toMatchObject([{ relationships: [] }]);
  });
});
