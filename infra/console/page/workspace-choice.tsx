// Which workspace of Customer.io is shown, on all pages that show one; the first, until another is chosen. It stands in
// the address, so that a link leads to the same.

import { computed } from '@preact/signals';
import type { Page } from '../contract';
import { info } from './info';
import { hrefHere, hrefOf, replaceRoute, route } from './route';
import { Select } from './select';

const SHOWING: readonly Page[] = ['activity', 'people', 'objects'];

/** The last that one of these pages was opened with: the others and the menu lead to the same. Empty: the first. */
let last = '';

const chosen = computed((): string => {
  const { page, query } = route.value;
  if (!SHOWING.some((name) => name === page)) return last;
  const named = query.get('workspace') ?? '';
  last = info.value?.workspaces.includes(named) ? named : '';
  return last;
});

/** For the query of an address. */
export const inThisWorkspace = (): { readonly workspace: string } => ({ workspace: chosen.value });

/** Of a page of the menu. */
export const hrefOfPage = (page: Page): string =>
  SHOWING.includes(page) ? hrefOf(page, '', inThisWorkspace()) : hrefOf(page);

/** A path of the API, for the workspace that is chosen. */
export const inWorkspace = (path: string, query: Readonly<Record<string, string>> = {}): string =>
  `${path}?${new URLSearchParams({ ...query, ...inThisWorkspace() })}`;

export const WorkspaceChoice = () => {
  const workspaces = info.value?.workspaces ?? [];
  const [first = ''] = workspaces;
  if (workspaces.length < 2) return null;
  return (
    <p class="actions">
      <Select
        label="Workspace, by site id"
        value={chosen.value || first}
        of={workspaces}
        onChange={(next) => replaceRoute(hrefHere({ workspace: next === first ? '' : next }))}
      />
    </p>
  );
};
