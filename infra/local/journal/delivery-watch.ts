// Customer.io's answers as the journal sees them: which event each operation of a request is of. An operation is
// known by its JSON, because nothing else of the event travels with it.

import { isObject } from '../../../lib/json/json-object';
import type { ExchangeReport } from '../sandbox/api/exchange';
import type { Journal, JournalEntry } from './journal';

export interface DeliveryProblem {
  readonly reason: string;
  readonly detail: string;
}

interface Expected {
  /** How many of its operations Customer.io has not taken yet. */
  open: number;
  readonly keys: readonly string[];
  problem: DeliveryProblem | undefined;
}

/** The operations that invocations hold, and what has been answered to them. */
export class Operations {
  private readonly byKey = new Map<string, JournalEntry[]>();
  private readonly expected = new Map<JournalEntry, Expected>();

  constructor(private readonly journal: Journal) {}

  /** @param operations as JSON. */
  expect(entry: JournalEntry, operations: readonly string[]): void {
    // Written once more: what comes back from a request was parsed, and may be written otherwise.
    const keys = operations.map((operation) => JSON.stringify(JSON.parse(operation)));
    this.expected.set(entry, { open: keys.length, keys, problem: undefined });
    for (const key of keys) {
      const same = this.byKey.get(key);
      if (same === undefined) this.byKey.set(key, [entry]);
      else same.push(entry);
    }
  }

  /** To be called when the invocation of the event has ended. */
  forget(entry: JournalEntry): void {
    for (const key of this.expected.get(entry)?.keys ?? []) {
      const rest = this.byKey.get(key)?.filter((other) => other !== entry) ?? [];
      if (rest.length === 0) this.byKey.delete(key);
      else this.byKey.set(key, rest);
    }
    this.expected.delete(entry);
  }

  /** What Customer.io last answered to it that was no success. */
  lastProblem(entry: JournalEntry): DeliveryProblem | undefined {
    return this.expected.get(entry)?.problem;
  }

  /** Answers the sources of the events in the request, one for each operation that is known. */
  answered({ body, path, status, answer, fault }: ExchangeReport): readonly string[] {
    const batch = isObject(body) ? body['batch'] : undefined;
    if (!Array.isArray(batch)) return [];
    const errors = errorsOf(answer);
    const [how, text] = [answerWords(status, fault), answerText(answer)];
    return batch.flatMap((operation: unknown, index) => {
      const entry = this.next(JSON.stringify(operation));
      if (entry === undefined) return [];
      const words = `POST ${path}, operation ${index + 1} of ${batch.length}: ${how}`;
      if (status >= 200 && status < 300) this.taken(entry, words, text, errors.get(index));
      else
        this.troubled(entry, words, text, { reason: status === 0 ? 'no_answer' : `${status}`, detail: how });
      return [entry.summary.source];
    });
  }

  /** The event that is not delivered yet, of those with the same operation. */
  private next(key: string): JournalEntry | undefined {
    const same = this.byKey.get(key) ?? [];
    return same.find(({ summary: { fate } }) => fate !== 'delivered') ?? same[0];
  }

  private taken(entry: JournalEntry, words: string, answer: string, error: string | undefined): void {
    if (error !== undefined) {
      this.troubled(entry, words, answer, { reason: 'rejected_by_customerio', detail: error });
      return;
    }
    this.journal.step(entry, words, '', answer);
    const expected = this.expected.get(entry);
    if (expected === undefined) return;
    expected.open -= 1;
    if (expected.open <= 0) this.journal.settle(entry, { fate: 'delivered' }, 'Delivered to Customer.io');
  }

  private troubled(entry: JournalEntry, words: string, answer: string, problem: DeliveryProblem): void {
    this.journal.step(entry, words, words.endsWith(problem.detail) ? '' : problem.detail, answer);
    const expected = this.expected.get(entry);
    if (expected !== undefined) expected.problem = problem;
  }
}

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
