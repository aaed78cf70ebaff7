// What a consumer process is told when it starts, and what it tells while it runs.

export interface ConsumerSettings {
  readonly queueUrl: string;
  readonly queue: { readonly arn: string; readonly region: string };
  /** `host:port` of the stand-in for Customer.io. */
  readonly customerIoHost: string;
  readonly functionTimeoutMs: number;
  /** Most messages of one invocation. */
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  /** How many times faster messages come back than the engine orders. */
  readonly timeFactor: number;
}

export type Notice =
  | { readonly kind: 'ready' | 'stopped' }
  | { readonly kind: 'invoked'; readonly messages: number }
  /** `returned` messages were named as failed; `isLate`: Lambda would have ended it before. */
  | { readonly kind: 'answered'; readonly returned: number; readonly isLate: boolean }
  /** A request to Customer.io left, in milliseconds since 1970. */
  | { readonly kind: 'request'; readonly startedAtMs: number }
  /** The event source had trouble with SQS, or the handler failed. */
  | { readonly kind: 'problem'; readonly problem: string };
