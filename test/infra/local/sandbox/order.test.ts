import fc from 'fast-check';
import type { ProfileSnapshot } from '../../../../infra/local/sandbox/profiles/snapshot';
import { event, identify, type Json, person, sendBatch, start } from './client';

const ULID_PREFIX = '01HF7YAT00000000000000';

const attributes = fc.dictionary(
  fc.constantFrom('plan', 'city', 'email', 'anonymous_id', 'unsubscribed'),
  fc.oneof(fc.constantFrom(null, '', 'a', 'b', 'c'), fc.boolean(), fc.integer()),
);

/** Of one person, each in a second of its own. */
const identifies = fc
  .array(attributes, { minLength: 1, maxLength: 8 })
  .map((all) => all.map((each, second) => identify({ id: 'u1' }, { ...each, seen: second }, second)));

const others = fc
  .array(fc.constantFrom('event', 'page', 'screen', 'add_device'), { maxLength: 6 })
  .map((actions) => actions.map((action, index) => other(action, index)));

const other = (action: string, index: number): Json =>
  action === 'add_device'
    ? person({ id: 'u1' }, action, {
        device: {
          token: `t${index % 2}`,
          platform: 'ios',
          last_used: index,
          attributes: { app_version: `${index}` },
        },
      })
    : person({ id: `u${index % 2}` }, action, {
        name: 'e',
        timestamp: index,
        id: `${ULID_PREFIX}${1_000 + index}`,
      });

const profilesAfter = async (operations: readonly Json[]): Promise<ProfileSnapshot> => {
  const sandbox = await start();
  await sendBatch(sandbox, ...operations);
  return sandbox.workspace.profileSnapshot();
};

/** The orderly run, and the same operations shuffled with some of them repeated. */
const runs = fc.tuple(identifies, others).chain(([some, more]) => {
  const orderly = [...some, ...more];
  const repeated = fc.subarray(orderly).map((again) => [...orderly, ...again]);
  return fc.record({
    orderly: fc.constant(orderly),
    shuffled: repeated.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
  });
});

it('ends in the same profiles whatever order the operations arrive in, and however often', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async ({ orderly, shuffled }) => {
      const expected = await profilesAfter(orderly);
      const actual = await profilesAfter(shuffled);

      expect(actual).toEqual(expected);
      expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
    }),
    { numRuns: 100 },
  );
});

it('tells apart profiles that differ', async () => {
  const operation = identify({ id: 'u1' }, { plan: 'pro' });

  const snapshots = [
    await profilesAfter([operation]),
    await profilesAfter([operation, event({ id: 'u1' })]),
    await profilesAfter([operation, event({ anonymous_id: 'a1' })]),
    await profilesAfter([operation, identify({ id: 'u1' }, { plan: 'free' })]),
  ];

  expect(new Set(snapshots.map((snapshot) => JSON.stringify(snapshot))).size).toBe(4);
});
