// SQS's move tasks, which fauxqs 2.4 lacks: StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask, so
// that a redrive can be rehearsed on this machine. As on AWS a moved message has a new id and a new age, and keeps its
// body, its attributes and its group.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** What is used of fauxqs's own queues. */
interface StoredMessage {
  readonly messageId: string;
  readonly [field: string]: unknown;
}

interface StoredQueue {
  readonly arn: string;
  readonly messages: { readonly length: number };
  readonly attributes: Readonly<Record<string, string>>;
  readonly inflightMessages: ReadonlyMap<string, { readonly message: StoredMessage }>;
  dequeue(count: number, visibilitySeconds: number): { readonly ReceiptHandle: string }[];
  enqueue(message: StoredMessage): void;
  deleteMessage(receiptHandle: string): void;
}

interface Store {
  getQueueByArn(arn: unknown): StoredQueue | undefined;
  allQueues(): Iterable<StoredQueue>;
}

type Body = Readonly<Record<string, unknown>>;
type Handler = (body: Body, store: Store) => object;

interface Router {
  readonly handlers: Map<string, Handler>;
}

type SqsError = new (code: string, message: string) => Error;

interface Task {
  readonly handle: string;
  readonly source: StoredQueue;
  readonly destination: StoredQueue;
  readonly perSecond: number;
  readonly startedAtMs: number;
  readonly toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED';
}

/** Not among the package's exports. */
const FAUXQS = join(__dirname, '../../node_modules/fauxqs/dist');
const HIDDEN_WHILE_MOVED_SECONDS = 60;
/** SQS's own limit, and what it does when none is asked for here. */
const MAX_PER_SECOND = 500;
const STEP_MS = 100;

/** Adds the move tasks to every server of this process that starts afterwards. */
export const allowMessageMoves = async (): Promise<void> => {
  const { SqsRouter } = await import(pathToFileURL(join(FAUXQS, 'sqs/sqsRouter.js')).href);
  const { SqsError } = await import(pathToFileURL(join(FAUXQS, 'common/errors.js')).href);
  const { register } = SqsRouter.prototype;
  if (register.knowsMoves) return;
  const withMoves = function (this: Router, action: string, handler: Handler): void {
    if (!this.handlers.has('StartMessageMoveTask')) addMoves(this, SqsError);
    this.handlers.set(action, handler);
  };
  SqsRouter.prototype.register = Object.assign(withMoves, { knowsMoves: true });
};

const addMoves = ({ handlers }: Router, Refusal: SqsError): void => {
  const tasks: Task[] = [];
  handlers.set('StartMessageMoveTask', (body, store) => {
    const task = startTask(body, store, tasks, Refusal);
    tasks.unshift(task);
    void move(task);
    return { TaskHandle: task.handle };
  });
  handlers.set('ListMessageMoveTasks', ({ SourceArn, MaxResults = 1 }) => ({
    Results: tasks
      .filter(({ source }) => source.arn === SourceArn)
      .slice(0, Number(MaxResults))
      .map(toResult),
  }));
  handlers.set('CancelMessageMoveTask', ({ TaskHandle }) => {
    const task = tasks.find(({ handle, status }) => handle === TaskHandle && status === 'RUNNING');
    if (task === undefined) throw new Refusal('ResourceNotFoundException', 'There is no such running task.');
    task.status = 'CANCELLED';
    return { ApproximateNumberOfMessagesMoved: task.moved };
  });
};

const startTask = (body: Body, store: Store, tasks: readonly Task[], Refusal: SqsError): Task => {
  const source = store.getQueueByArn(body['SourceArn']);
  const destination = store.getQueueByArn(body['DestinationArn']);
  if (source === undefined || destination === undefined) {
    throw new Refusal('ResourceNotFoundException', 'The resource that you specified does not exist.');
  }
  if (!isDeadLetterQueue(source, store)) {
    throw new Refusal('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
  }
  if (tasks.some((task) => task.source === source && task.status === 'RUNNING')) {
    throw new Refusal('InvalidParameterValue', 'There is already a task running on the source queue.');
  }
  const perSecond = Number(body['MaxNumberOfMessagesPerSecond'] ?? MAX_PER_SECOND);
  if (!(perSecond >= 1 && perSecond <= MAX_PER_SECOND)) {
    throw new Refusal('InvalidParameterValue', 'MaxNumberOfMessagesPerSecond must be from 1 to 500.');
  }
  return {
    handle: randomUUID(),
    source,
    destination,
    perSecond,
    startedAtMs: Date.now(),
    toMove: source.messages.length,
    moved: 0,
    status: 'RUNNING',
  };
};

const isDeadLetterQueue = ({ arn }: StoredQueue, store: Store): boolean =>
  [...store.allQueues()].some(({ attributes }) => attributes['RedrivePolicy']?.includes(`"${arn}"`));

/** Ends when nothing is left to receive, as AWS's does: what is in flight stays. */
const move = async (task: Task): Promise<void> => {
  while (task.status === 'RUNNING') {
    const mayMove = Math.ceil(((Date.now() - task.startedAtMs + STEP_MS) / 1_000) * task.perSecond);
    while (task.moved < mayMove && moveOne(task)) task.moved += 1;
    if (task.source.messages.length === 0) task.status = 'COMPLETED';
    else await delay(STEP_MS, undefined, { ref: false });
  }
};

const moveOne = ({ source, destination }: Task): boolean => {
  const [received] = source.dequeue(1, HIDDEN_WHILE_MOVED_SECONDS);
  const message = received && source.inflightMessages.get(received.ReceiptHandle)?.message;
  if (received === undefined || message === undefined) return false;
  const { approximateFirstReceiveTimestamp: _, ...kept } = message;
  destination.enqueue({
    ...kept,
    messageId: randomUUID(),
    sentTimestamp: Date.now(),
    approximateReceiveCount: 0,
  });
  source.deleteMessage(received.ReceiptHandle);
  return true;
};

const toResult = (task: Task) => ({
  ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
  Status: task.status,
  SourceArn: task.source.arn,
  DestinationArn: task.destination.arn,
  MaxNumberOfMessagesPerSecond: task.perSecond,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  StartedTimestamp: task.startedAtMs,
});
