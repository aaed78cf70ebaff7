// The consumers of a run as processes: started, killed without warning, frozen, replaced. Whatever happens,
// `end` leaves none behind.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Notice } from './consumer-protocol';

export interface ConsumerCounts {
  invocations: number;
  /** Messages handed to the handler, each as often as it was. */
  receives: number;
  /** Messages named in `batchItemFailures`. */
  returned: number;
  /** Invocations that went on beyond Lambda's timeout. */
  late: number;
  killed: number;
  /** Of those killed, how many were in the middle of an invocation. */
  killedAtWork: number;
}

export interface Consumer {
  readonly process: ChildProcess;
  isWorking: boolean;
}

const STOP_TIMEOUT_MS = 40_000;

export class Consumers {
  readonly counts: ConsumerCounts = {
    invocations: 0,
    receives: 0,
    returned: 0,
    late: 0,
    killed: 0,
    killedAtWork: 0,
  };
  /** When requests to Customer.io left, in milliseconds since 1970. */
  readonly requestStarts: number[] = [];
  /** What should not have happened: error lines of the handler, trouble with SQS, processes that ended. */
  readonly problems: string[] = [];
  private readonly running = new Set<Consumer>();

  constructor(
    private readonly file: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  get alive(): readonly Consumer[] {
    return [...this.running];
  }

  /** Resolves when it polls the queue. @throws when it ends before. */
  async start(): Promise<Consumer> {
    const child = fork(this.file, [], {
      // Not the parent's: under Jest they would load its loaders here too.
      execArgv: [],
      env: { ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const consumer: Consumer = { process: child, isWorking: false };
    this.running.add(consumer);
    this.listen(consumer);
    const ended = new AbortController();
    child.once('exit', () => ended.abort(new Error(this.problems.join('\n'))));
    await once(child, 'message', { signal: ended.signal });
    return consumer;
  }

  /** SIGKILL: no handler runs, nothing is flushed. Resolves when it is gone. */
  async kill(consumer: Consumer): Promise<void> {
    this.counts.killed += 1;
    if (consumer.isWorking) this.counts.killedAtWork += 1;
    await this.destroy(consumer);
  }

  /** Lets each finish the invocation it is in. */
  async stop(): Promise<void> {
    const consumers = this.alive;
    for (const { process: child } of consumers) child.send('stop');
    const timeout = AbortSignal.timeout(STOP_TIMEOUT_MS);
    await Promise.all(consumers.map((consumer) => this.exitOf(consumer, timeout)));
  }

  /** Whatever state they are in, stopped processes too. */
  async end(): Promise<void> {
    await Promise.all(this.alive.map((consumer) => this.destroy(consumer)));
  }

  private async exitOf(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const { process: child } = consumer;
    this.running.delete(consumer);
    try {
      await once(child, 'exit', { signal });
    } catch {
      this.problems.push(`A consumer did not stop within ${STOP_TIMEOUT_MS} ms.`);
      child.kill('SIGKILL');
    }
  }

  private async destroy(consumer: Consumer): Promise<void> {
    const { process: child } = consumer;
    this.running.delete(consumer);
    const gone = once(child, 'exit');
    if (child.kill('SIGKILL')) await gone;
  }

  private listen(consumer: Consumer): void {
    const { process: child } = consumer;
    child.on('message', (notice: Notice) => this.note(consumer, notice));
    child.on('exit', (code, signal) => {
      if (this.running.delete(consumer)) this.problems.push(`A consumer ended by itself: ${code ?? signal}`);
    });
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => this.noteOutput(text.trim()));
    }
  }

  private noteOutput(text: string): void {
    const lines = text.split('\n').filter((line) => !isOfPoison(line));
    if (lines.length > 0) this.problems.push(lines.join('\n'));
  }

  private note(consumer: Consumer, notice: Notice): void {
    switch (notice.kind) {
      case 'ready':
      case 'stopped':
        return;
      case 'invoked':
        consumer.isWorking = true;
        this.counts.invocations += 1;
        this.counts.receives += notice.messages;
        return;
      case 'answered':
        consumer.isWorking = false;
        this.counts.returned += notice.returned;
        if (notice.isLate) this.counts.late += 1;
        return;
      case 'request':
        this.requestStarts.push(notice.startedAtMs);
        return;
      case 'problem':
        this.problems.push(notice.problem);
    }
  }
}

/** A 403 that an invocation meets with nothing else taken may be a refused key, and is said so: the poison gets some. */
const isOfPoison = (line: string): boolean =>
  line.includes('"An operator must act"') && line.includes('Customer.io answered 403');
