// The pipeline second by second: what came, what was delivered, what waits, what Customer.io answered. The last ten
// minutes are kept.

import type { Pipeline, PipelineSample } from '../../console/contract';
import type { ExchangeReport } from '../sandbox/api/exchange';
import { Recent } from '../sandbox/recent';
import type { QueueNow } from '../sqs-server';
import type { Journal } from './journal';

export interface SamplerOptions {
  readonly journal: Pick<Journal, 'count' | 'totals'>;
  readonly queue: () => QueueNow;
  readonly allowedRequests: number;
  readonly clock?: () => number;
}

const EVERY_MS = 1_000;
const KEEP_SAMPLES = 600;

const NO_REQUESTS = { requests: 0, operations: 0, throttled: 0, failed: 0 };

export class Sampler {
  private readonly kept = new Recent<PipelineSample>(KEEP_SAMPLES);
  private readonly timer: NodeJS.Timeout;
  private readonly clock: () => number;
  private requests = { ...NO_REQUESTS };
  private before = { came: 0, delivered: 0, retried: 0, deadLettered: 0 };

  constructor(private readonly options: SamplerOptions) {
    this.clock = options.clock ?? Date.now;
    this.timer = setInterval(() => this.sample(), EVERY_MS).unref();
  }

  answered({ body, status }: Pick<ExchangeReport, 'body' | 'status'>): void {
    const batch = typeof body === 'object' && body !== null && 'batch' in body ? body.batch : undefined;
    this.requests.requests += 1;
    this.requests.operations += Array.isArray(batch) ? batch.length : 1;
    if (status === 429) this.requests.throttled += 1;
    else if (status < 200 || status > 299) this.requests.failed += 1;
  }

  /** Takes down the second that ends now. */
  sample(): void {
    const { journal, queue } = this.options;
    const { delivered, retried, dead_lettered: deadLettered } = journal.totals;
    const totals = { came: journal.count, delivered, retried, deadLettered };
    const { waiting, inFlight, oldestAt } = queue();
    const at = this.clock();
    this.kept.add({
      at,
      came: totals.came - this.before.came,
      delivered: delivered - this.before.delivered,
      retried: retried - this.before.retried,
      deadLettered: deadLettered - this.before.deadLettered,
      ...this.requests,
      waiting,
      inFlight,
      oldestSeconds: oldestAt === undefined ? 0 : Math.max(0, Math.round((at - oldestAt) / 1_000)),
    });
    this.before = totals;
    this.requests = { ...NO_REQUESTS };
  }

  read(): Pipeline {
    return { samples: this.kept.oldestFirst(), allowedRequests: this.options.allowedRequests };
  }

  close(): void {
    clearInterval(this.timer);
  }
}
