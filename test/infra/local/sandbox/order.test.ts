import fc from 'fast-check';
import { parseOperation } from '../../../../infra/local/sandbox/parse/parse-operation';
import type { ProfileSnapshot } from '../../../../infra/local/sandbox/profiles/snapshot';
import { Workspace } from '../../../../infra/local/sandbox/workspace';
import { event, identify, type Json, object, person } from './client';

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

const profilesAfter = (operations: readonly Json[]): ProfileSnapshot => {
  const workspace = new Workspace(
    { siteId: 'local', apiKey: 'local' },
    { keepActivities: 0, requestsPerSecond: 1, clock: () => 0 },
  );
  for (const operation of operations) {
    const parsed = parseOperation(operation, workspace);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    workspace.apply(parsed.operation);
  }
  return workspace.profileSnapshot();
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

it('ends in the same profiles whatever order the operations arrive in, and however often', () => {
  fc.assert(
    fc.property(runs, ({ orderly, shuffled }) => {
      const expected = profilesAfter(orderly);
      const actual = profilesAfter(shuffled);

      expect(actual).toEqual(expected);
      expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
    }),
    { numRuns: 300 },
  );
});

it('tells apart profiles that differ', () => {
  const operation = identify({ id: 'u1' }, { plan: 'pro' });

  const snapshots = [
    profilesAfter([operation]),
    profilesAfter([operation, event({ id: 'u1' })]),
    profilesAfter([operation, event({ anonymous_id: 'a1' })]),
    profilesAfter([operation, identify({ id: 'u1' }, { plan: 'free' })]),
    profilesAfter([operation, object('acme', 'identify')]),
    profilesAfter([operation, object('acme', 'identify', { attributes: { plan: 'pro' } })]),
    profilesAfter([
      operation,
      object('acme', 'identify', { cio_relationships: [{ identifiers: { id: 'u1' } }] }),
    ]),
  ];

  expect(new Set(snapshots.map((snapshot) => JSON.stringify(snapshot))).size).toBe(7);
});
