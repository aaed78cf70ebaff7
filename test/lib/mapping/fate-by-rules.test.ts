import type { Custom } from '../../../lib/mapping/custom';
import { fateByRules } from '../../../lib/mapping/fate-by-rules';

const IDENTITY = { workspaceIdentifiers: 'email_phone_or_id' } as const;
const SHOP = { name: 'shop' };
const VISITOR = { type: 'identify', anonymousId: 'a1', traits: { crm: 'u1' } };

const fateBy = (ownCode: Custom) => fateByRules(VISITOR, [SHOP], IDENTITY, ownCode);

it('Without a workspace, or a rule, an event stays what it is', () => {
  expect(fateByRules(VISITOR, [], IDENTITY)).toEqual({ isSkipped: false, isFaulty: true });
  expect(fateByRules(VISITOR, [SHOP], IDENTITY)).toEqual({ isSkipped: false, isFaulty: true });
});

it('Code of one’s own may give an event the id that it lacks, or make nothing of it', () => {
  expect(fateBy((event) => ({ ...event, userId: 'u1' }))).toEqual({ isSkipped: false, isFaulty: false });
  expect(fateBy(() => undefined)).toEqual({ isSkipped: true, isFaulty: false });
});

it('Of several events that are made of it each must work', () => {
  const works = { ...VISITOR, userId: 'u1' };

  expect(fateBy(() => [works, works])).toMatchObject({ isFaulty: false });
  expect(fateBy(() => [works, VISITOR])).toMatchObject({ isFaulty: true });
  expect(fateBy(() => [works, { ...works, type: 'record' }])).toMatchObject({ isFaulty: true });
  expect(fateBy((() => [works, 'an event']) as unknown as Custom)).toMatchObject({ isFaulty: true });
});

it('An event that such code throws at waits until it is mended, as on the queue', () => {
  const broken: Custom = () => {
    throw new Error('a bug');
  };

  expect(fateBy(broken)).toEqual({ isSkipped: false, isFaulty: false });
});

it('An event that one of several workspaces skips is not skipped by all', () => {
  const skipping = { name: 'shop', rules: [{ name: 'none', exclude: { type: 'identify' as const } }] };

  expect(fateByRules(VISITOR, [skipping, SHOP], IDENTITY)).toEqual({ isSkipped: false, isFaulty: false });
  expect(fateByRules(VISITOR, [skipping, skipping], IDENTITY)).toEqual({ isSkipped: true, isFaulty: false });
});
