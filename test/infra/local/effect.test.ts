import { effectOf, hintOf } from '../../../infra/local/effect';
import type { Activity } from '../../../infra/local/sandbox/activity-log';
import { event, identify, sendBatch, start } from './sandbox/client';

const alias = (primary: string, secondary: string) => ({
  type: 'person',
  action: 'merge',
  primary: { id: primary },
  secondary: { id: secondary },
});

/** The last line of the Activity Log after these operations. */
const lastAfter = async (...operations: readonly object[]): Promise<Activity> => {
  const sandbox = await start();
  for (const operation of operations) await sendBatch(sandbox, operation);
  return sandbox.workspace.activities(1)[0] as Activity;
};

it('An alias from an anonymousId has no effect, and the hint says what to send instead', async () => {
  const activity = await lastAfter(
    event({ anonymous_id: 'visitor-1' }, 'Seen'),
    identify({ id: 'u1' }, { plan: 'pro' }),
    alias('u1', 'visitor-1'),
  );

  expect(effectOf(activity)).toBe('no effect');
  expect(hintOf(activity)).toBe(
    'Nobody has id=visitor-1. If it is an anonymousId, send identify with it and the userId instead of alias.',
  );
});

it('An alias to somebody who does not exist yet says that they must be identified first', async () => {
  const activity = await lastAfter(identify({ id: 'old' }, { plan: 'pro' }), alias('new', 'old'));

  expect(hintOf(activity)).toBe('Nobody has id=new: identify them first.');
});

it('A merge of a person with themselves says so', async () => {
  const activity = await lastAfter(identify({ id: 'u1' }, { plan: 'pro' }), alias('u1', 'u1'));

  expect(hintOf(activity)).toBe('Both are the same person.');
});

it('A merge that happened, and any other line, need no hint', async () => {
  const merged = await lastAfter(
    identify({ id: 'u1' }, { plan: 'pro' }),
    identify({ id: 'old' }, { plan: 'free' }),
    alias('u1', 'old'),
  );
  const outdated = await lastAfter(
    identify({ id: 'u1' }, { plan: 'pro' }, 200),
    identify({ id: 'u1' }, { plan: 'free' }, 100),
  );

  expect([effectOf(merged), hintOf(merged)]).toEqual(['accepted', '']);
  expect([effectOf(outdated), hintOf(outdated)]).toEqual(['no effect', '']);
});
