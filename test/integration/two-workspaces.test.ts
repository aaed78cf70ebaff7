// examples/settings/two-workspaces.json on the local stack: one source, two workspaces, each with rules and mapping of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventDetail } from '../../infra/console/contract';
import type { Activity } from '../../infra/local/sandbox/activity-log';
import { ROOT, type RunningStack, startFreshStack } from '../support/running-stack';
import { GIVE_UP_MS, until } from '../support/until';

const EXAMPLE: object[] = JSON.parse(
  readFileSync(join(ROOT, 'examples/settings/two-workspaces.json'), 'utf8'),
);
/** Not the key that Segment's stand-in takes where the settings have none. */
const SOURCES = JSON.stringify(EXAMPLE.map((source) => ({ ...source, segmentWriteKey: 'of-segment' })));

let stack: RunningStack & { stop(): Promise<void> };

beforeAll(async () => {
  stack = await startFreshStack({ SOURCES });
}, 3 * GIVE_UP_MS);

afterAll(() => stack.stop());

const send = async (type: string, event: object): Promise<void> => {
  const response = await fetch(`${stack.url}/v1/${type}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('local:')}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(200);
};

const namesAt = async (workspace: string): Promise<string[]> => {
  const response = await fetch(`${stack.sandboxUrl}/sandbox/activity?workspace=${workspace}`);
  const { activities } = (await response.json()) as { activities: Activity[] };
  return activities.filter(({ activity_type }) => activity_type === 'event').map((one) => one.activity_name);
};

it('delivers an event to both, and one that the rule of the other keeps out to one alone', async () => {
  await send('track', { userId: 'u1', event: 'Signed Up', context: { timezone: 'America/Lima' } });
  await send('track', { userId: 'u2', event: 'Ordered', context: { timezone: 'Europe/Oslo' } });

  await until(async () => (await namesAt('local')).length === 2);
  await until(async () => (await namesAt('local-eu')).length === 1);

  expect((await namesAt('local')).sort()).toEqual(['Ordered', 'Signed Up']);
  expect(await namesAt('local-eu')).toEqual(['Ordered']);
});

it('takes message activity by whatever write key the settings have', async () => {
  await fetch(`${stack.sandboxUrl}/sandbox/emit`, {
    method: 'POST',
    body: JSON.stringify({ metric: 'opened', identifiers: { id: 'u1' } }),
  });

  const forwarded = async (): Promise<string> => (await fetch(`${stack.segmentUrl}/events`)).text();
  await until(async () => (await forwarded()).includes('Email Opened'));
});

it('shows what became of an event at each of them', async () => {
  const fates = async (number: number): Promise<string[] | undefined> => {
    const response = await fetch(`${stack.sandboxUrl}/console/api/events/${number}`);
    const { summary } = (await response.json()) as EventDetail;
    return summary.workspaces?.map(({ name, fate, reason }) => `${name} ${fate} ${reason}`.trim());
  };

  const isSkipped = async (): Promise<boolean> => JSON.stringify(await fates(1)).includes('skipped');
  await until(isSkipped);
  expect(await fates(1)).toEqual(['everybody delivered', 'eu skipped excluded_by_rule']);
  expect(await fates(2)).toEqual(['everybody delivered', 'eu delivered']);
});

it('maps a group for each as its settings say', async () => {
  const objectsAt = async (workspace: string): Promise<unknown[]> => {
    const response = await fetch(`${stack.sandboxUrl}/sandbox/objects?workspace=${workspace}`);
    return ((await response.json()) as { objects: unknown[] }).objects;
  };
  const peopleAt = async (workspace: string): Promise<string> => {
    const response = await fetch(`${stack.sandboxUrl}/sandbox/people?workspace=${workspace}`);
    return response.text();
  };
  const group = { groupId: 'acme', traits: { plan: 'team' }, context: { timezone: 'Europe/Oslo' } };

  await send('group', { userId: 'u2', ...group });

  await until(async () => (await objectsAt('local')).length === 1);
  await until(async () => (await peopleAt('local-eu')).includes('Group plan'));
  expect(await objectsAt('local-eu')).toEqual([]);
});
