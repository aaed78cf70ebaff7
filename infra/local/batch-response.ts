// How Lambda reads what a function with `ReportBatchItemFailures` answers, rule by rule as AWS documents them
// ("Implementing partial batch responses"). One mistake in the answer fails the whole batch: nothing is deleted.

export type BatchResponse =
  /** Every message except these succeeded and is deleted. */
  | { readonly valid: true; readonly failedIds: ReadonlySet<string> }
  /** The whole batch failed; `problem` says why, for the developer. */
  | { readonly valid: false; readonly problem: string };

/** @param answer the function's answer, parsed. @param messageIds the ids of the batch it was given. */
export const readBatchResponse = (answer: unknown, messageIds: ReadonlySet<string>): BatchResponse => {
  if (isAbsent(answer)) return everythingSucceeded;
  if (typeof answer !== 'object' || Array.isArray(answer)) return invalid('the answer is not an object');
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (isAbsent(failures)) return everythingSucceeded;
  return Array.isArray(failures)
    ? readFailures(failures, messageIds)
    : invalid('batchItemFailures is not an array');
};

const readFailures = (failures: readonly unknown[], messageIds: ReadonlySet<string>): BatchResponse => {
  const failedIds = new Set<string>();
  for (const failure of failures) {
    const id = isAbsent(failure) ? undefined : (failure as { itemIdentifier?: unknown }).itemIdentifier;
    if (typeof id !== 'string' || id === '') return invalid('an itemIdentifier is missing, null or empty');
    if (!messageIds.has(id)) return invalid('an itemIdentifier names no message of the batch');
    failedIds.add(id);
  }
  return { valid: true, failedIds };
};

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const everythingSucceeded: BatchResponse = { valid: true, failedIds: new Set() };

const invalid = (problem: string): BatchResponse => ({ valid: false, problem });
