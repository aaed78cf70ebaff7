// Customer.io's answers as the journal sees them: which event each operation of a request is of. An operation is
// known by its JSON, because nothing else of the event travels with it.

import { isObject } from '../../../lib/json/json-object';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { ExchangeReport } from '../sandbox/api/exchange';
import { atWorkspace, type Journal, type JournalEntry } from './journal';

export interface DeliveryProblem {
  readonly reason: string;
  readonly detail: string;
}

/** What one workspace gets of an event. */
export interface Parcel {
  readonly entry: JournalEntry;
  /** Empty where its source has not several. */
  readonly workspace: string;
  readonly siteId: string;
}

interface Expected extends Parcel {
  /** How many of its operations Customer.io has not taken yet. */
  open: number;
  readonly keys: readonly string[];
  problem: DeliveryProblem | undefined;
}

/** The operations that invocations hold, and what has been answered to them. */
export class Operations {
  private readonly byKey = new Map<string, Expected[]>();
  private readonly byEntry = new Map<JournalEntry, Expected[]>();

  constructor(private readonly journal: Journal) {}

  /** @param operations as JSON. */
  expect(parcel: Parcel, operations: readonly string[]): void {
    // Written once more: what comes back from a request was parsed, and may be written otherwise.
    const keys = operations.map((operation) => writeDeepJson(JSON.parse(operation)));
    const expected = { ...parcel, open: keys.length, keys, problem: undefined };
    add(this.byEntry, parcel.entry, expected);
    for (const key of keys) add(this.byKey, key, expected);
  }

  /** To be called when the invocation of the event has ended. */
  forget(entry: JournalEntry): void {
    for (const key of this.byEntry.get(entry)?.flatMap(({ keys }) => keys) ?? []) {
      const rest = this.byKey.get(key)?.filter((other) => other.entry !== entry) ?? [];
      if (rest.length === 0) this.byKey.delete(key);
      else this.byKey.set(key, rest);
    }
    this.byEntry.delete(entry);
  }

  /** What Customer.io last answered to it that was no success. */
  lastProblem(entry: JournalEntry, workspace: string): DeliveryProblem | undefined {
    return this.byEntry.get(entry)?.find((one) => one.workspace === workspace)?.problem;
  }

  /** Answers the sources of the events in the request, one for each operation that is known. */
  answered({ body, path, status, answer, fault, siteId }: ExchangeReport): readonly string[] {
    const batch = isObject(body) ? body['batch'] : undefined;
    if (!Array.isArray(batch)) return [];
    const errors = errorsOf(answer);
    const [how, text] = [answerWords(status, fault), answerText(answer)];
    return batch.flatMap((operation: unknown, index) => {
      const expected = this.next(writeDeepJson(operation), siteId);
      if (expected === undefined) return [];
      const words = `POST ${path}, operation ${index + 1} of ${batch.length}: ${how}`;
      if (status >= 200 && status < 300) this.taken(expected, words, text, errors.get(index));
      else
        this.troubled(expected, words, text, {
          reason: status === 0 ? 'no_answer' : `${status}`,
          detail: how,
        });
      return [expected.entry.summary.source];
    });
  }

  /** Of those with the same operation one that is not delivered yet, and was not answered yet if there is one. */
  private next(key: string, siteId: string | undefined): Expected | undefined {
    const same = (this.byKey.get(key) ?? []).filter((one) => siteId === undefined || one.siteId === siteId);
    const open = same.filter((one) => !this.isDelivered(one));
    return open.find(({ problem }) => problem === undefined) ?? open[0] ?? same[0];
  }

  private isDelivered({ entry, workspace }: Parcel): boolean {
    return this.journal.fateAt(entry, workspace) === 'delivered';
  }

  private taken(expected: Expected, words: string, answer: string, error: string | undefined): void {
    if (error !== undefined) {
      this.troubled(expected, words, answer, { reason: 'rejected_by_customerio', detail: error });
      return;
    }
    const { entry, workspace } = expected;
    this.journal.step(entry, atWorkspace(workspace, words), '', answer);
    expected.open -= 1;
    if (expected.open <= 0)
      this.journal.settle(entry, { fate: 'delivered' }, 'Delivered to Customer.io', workspace);
  }

  private troubled(expected: Expected, words: string, answer: string, problem: DeliveryProblem): void {
    const { entry, workspace } = expected;
    const detail = words.endsWith(problem.detail) ? '' : problem.detail;
    this.journal.step(entry, atWorkspace(workspace, words), detail, answer);
    expected.problem = problem;
  }
}

const add = <K, T>(lists: Map<K, T[]>, key: K, value: T): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
};

const answerWords = (status: number, fault: string | undefined): string => {
  const how = status === 0 ? 'not answered' : `answered ${status}`;
  return fault === undefined ? how : `${how} (fault: ${fault})`;
};

/** An answer that names a thousand operations is longer than anybody reads. */
const MAX_ANSWER_CHARACTERS = 20_000;

const answerText = (answer: unknown): string => {
  const text = JSON.stringify(answer) ?? '';
  const more = text.length - MAX_ANSWER_CHARACTERS;
  return more > 0 ? `${text.slice(0, MAX_ANSWER_CHARACTERS)} … and ${more} characters more` : text;
};

/** The errors of an answer by position in the batch; several of one operation are one text. */
const errorsOf = (answer: unknown): ReadonlyMap<number, string> => {
  const errors = new Map<number, string>();
  const list = isObject(answer) && Array.isArray(answer['errors']) ? answer['errors'] : [];
  for (const error of list.filter(isObject)) {
    const index = Number(error['batch_index'] ?? 0);
    const text = [error['field'], error['message']].filter(Boolean).join(': ');
    errors.set(index, [errors.get(index), text].filter(Boolean).join('; '));
  }
  return errors;
};
