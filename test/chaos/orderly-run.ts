// The reference: the same events once, one after the other in the order they happened, to a Customer.io that
// never fails.

import { startSandbox } from '../../infra/local/sandbox/server';
import type { Workspace } from '../../infra/local/sandbox/workspace';
import { translate } from '../../lib/mapping/translate';
import type { PlannedEvent } from './planned-event';

const SETTINGS = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true } as const;
const REQUEST_OPERATIONS = 200;
const AUTHORIZATION = `Basic ${Buffer.from('local:local').toString('base64')}`;

/** People, visitors and objects in a form in which two runs can be compared. */
export type Profiles = ReturnType<Workspace['profileSnapshot']>;

export const orderlyProfiles = async (events: readonly PlannedEvent[]): Promise<Profiles> => {
  const operations = events
    .filter(({ fate }) => fate.kind === 'delivered')
    .sort((a, b) => a.number - b.number)
    .flatMap(operationsOf);
  const sandbox = await startSandbox({ keepActivities: 1 });
  try {
    for (let start = 0; start < operations.length; start += REQUEST_OPERATIONS) {
      await send(sandbox.url, operations.slice(start, start + REQUEST_OPERATIONS));
    }
    return sandbox.workspace.profileSnapshot();
  } finally {
    await sandbox.close();
  }
};

/** An event put by hand without messageId and time gets some; no profile shows them. */
const operationsOf = ({ event, number }: PlannedEvent): readonly object[] => {
  if (typeof event === 'string') throw new Error(`Event ${number} cannot be delivered.`);
  const translation = translate({ messageId: `reference-${number}`, timestamp: 0, ...event }, SETTINGS);
  if (translation.outcome === 'operations') return translation.operations;
  // What goes to the metrics endpoint changes no profile.
  if (translation.outcome === 'metric') return [];
  throw new Error(`Event ${number} has no operations: ${JSON.stringify(translation)}`);
};

const send = async (url: string, batch: readonly object[]): Promise<void> => {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v2/batch`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ batch }),
  });
  if (response.status !== 200) throw new Error(`The orderly run failed: ${await response.text()}`);
};
