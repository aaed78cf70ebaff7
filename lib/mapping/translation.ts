// What `translate` answers: a value, never an exception.

import type { Operation } from '../customerio/operation';
import type { Reason } from '../errors';

export type Translation =
  | { readonly outcome: 'operations'; readonly operations: readonly Operation[] }
  | { readonly outcome: 'skipped'; readonly reason: 'integrations_disabled' }
  | { readonly outcome: 'rejected'; readonly reason: Reason; readonly detail: string };

/** The settings of a source that change the mapping. */
export interface MappingSettings {
  readonly workspaceIdentifiers: 'email_or_id' | 'id';
  readonly convertTimestamps: boolean;
}
