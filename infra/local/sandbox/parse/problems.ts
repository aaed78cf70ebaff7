// Why an operation is refused. All that is wrong is collected, because Customer.io may name one operation
// several times in the `errors` of an answer.

export interface Problem {
  readonly reason: 'required' | 'invalid' | 'too_long' | 'too_many' | 'too_large';
  /** Path inside the operation, such as `attributes.plan`; empty for the operation as a whole. */
  readonly field: string;
  readonly message: string;
}

export class Problems {
  readonly list: Problem[] = [];

  /** Answers undefined, so that a reader of a field can return what it has just reported. */
  add(reason: Problem['reason'], field: string, message: string): undefined {
    this.list.push({ reason, field, message });
  }
}
