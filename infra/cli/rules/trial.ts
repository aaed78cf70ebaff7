// What one event of a sample would become at one workspace. The same code as the consumer's decides it.

import type { Source } from '../../../lib/config/source';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import { type Explanation, explain } from '../../../lib/mapping/explain';
import type { RuleStep } from '../../../lib/rules/apply-rules';

export interface Trial {
  readonly kind: 'delivered' | 'skipped' | 'rejected';
  /** In the words of the report. */
  readonly fate: string;
  /** Why it is rejected. */
  readonly detail?: string;
  readonly steps: readonly RuleStep[];
  /** What Customer.io would get; empty unless it is delivered. */
  readonly operations: readonly object[];
}

export const INVALID_JSON: Trial = {
  kind: 'rejected',
  fate: 'rejected: invalid_json',
  detail: 'the line is not JSON',
  steps: [],
  operations: [],
};

/** What is too large shows only when it is prepared as it would be sent. */
export const tryEvent = (event: unknown, source: Source): Trial => {
  const { outcome, steps } = explain(event, source);
  const prepared = prepareForCustomerIo(event, source);
  if (prepared.kind === 'items') {
    const fate = steps.length === 0 ? 'delivered, unchanged' : 'delivered, changed';
    return { kind: 'delivered', fate, steps, operations: operationsOf(outcome) };
  }
  const detail = prepared.kind === 'rejected' ? { detail: prepared.detail } : {};
  return {
    kind: prepared.kind,
    fate: `${prepared.kind}: ${prepared.reason}`,
    ...detail,
    steps,
    operations: [],
  };
};

const operationsOf = (outcome: Explanation['outcome']): readonly object[] =>
  outcome.outcome === 'operations'
    ? outcome.parts.flatMap((part): readonly object[] =>
        part.outcome === 'metric' ? [part.metric] : part.operations,
      )
    : [];
