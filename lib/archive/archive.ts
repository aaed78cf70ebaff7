// Where lines are archived, as delivery knows it: one interface, and nothing of what is behind it.

export interface Archive {
  /**
   * Puts lines into the archive. Never rejects, and gives up at the deadline: delivery does not wait for it.
   *
   * @param lines as ./line.ts writes them, without line breaks.
   */
  readonly put: (lines: readonly string[], deadline: AbortSignal) => Promise<PutResult>;
}

export interface PutResult {
  /** Positions of the lines that were not taken. Empty when all are archived. */
  readonly notTaken: readonly number[];
  /** The code of the last failure, for the log. */
  readonly failure?: string;
}
