// Which workspace of Customer.io is shown, on all pages that show one; the first, until another is chosen.

import { signal } from '@preact/signals';
import { info } from './info';
import { Select } from './select';

/** Empty: the first. */
const chosen = signal('');

/** A path of the API, for the workspace that is chosen. */
export const inWorkspace = (path: string, query: Readonly<Record<string, string>> = {}): string =>
  `${path}?${new URLSearchParams({ ...query, workspace: chosen.value })}`;

export const WorkspaceChoice = () => {
  const workspaces = info.value?.workspaces ?? [];
  if (workspaces.length < 2) return null;
  return (
    <p class="actions">
      <Select
        label="Workspace, by site id"
        value={chosen.value || (workspaces[0] ?? '')}
        of={workspaces}
        onChange={(next) => {
          chosen.value = next;
        }}
      />
    </p>
  );
};
