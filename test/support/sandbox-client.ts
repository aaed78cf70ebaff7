// What a test asks the sandbox of a running stack.

import type { Activity } from '../../infra/local/sandbox/activity-log';

/** Newest first. */
export const readActivities = async (sandboxUrl: string): Promise<Activity[]> => {
  const response = await fetch(`${sandboxUrl}/sandbox/activity`);
  return ((await response.json()) as { activities: Activity[] }).activities;
};

export const resetSandbox = async (sandboxUrl: string): Promise<void> => {
  await fetch(`${sandboxUrl}/sandbox/reset`, { method: 'POST' });
};
