// What one event of a sample would become at one workspace. The same code as the consumer's decides it.

import { labelOf, type Source } from '../../../lib/config/source';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import { type Explanation, explain } from '../../../lib/mapping/explain';
import type { RuleStep } from '../../../lib/rules/apply-rules';
import { Failure } from '../failure';
import { fold, plural } from '../layout';

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

/** @param what it is of: a line, an event. @param indent of the JSON of an operation; 0 writes it in one line. */
export const describeTrial = (
  what: string,
  { fate, detail, steps, operations }: Trial,
  source: Source,
  indent = 0,
): string =>
  [
    fold(`${what}, source ${labelOf(source)}: ${fate}${detail === undefined ? '' : `, ${detail}`}`, '  '),
    ...steps.map(({ rule, did }) => `  ${rule}: ${did}`),
    ...operations.map((operation) => JSON.stringify(operation, undefined, indent).replace(/^/gm, '  ')),
    '',
  ].join('\n');

export const wouldBeDead = (events: number, whatToDo: string): Failure =>
  new Failure(
    `${plural(events, 'event')} would be ${events === 1 ? 'a dead letter' : 'dead letters'}.`,
    whatToDo,
  );

const operationsOf = (outcome: Explanation['outcome']): readonly object[] =>
  outcome.outcome === 'operations'
    ? outcome.parts.flatMap((part): readonly object[] =>
        part.outcome === 'metric' ? [part.metric] : part.operations,
      )
    : [];
