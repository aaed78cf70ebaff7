// `npm run bench:journal`: what a full journal of the local stack takes, with events of an ordinary size and of the
// largest; and how long a search through all of them takes. It fails when a full journal takes more than it says.

import type { DoorRequest } from '../../infra/console/contract';
import { Journal } from '../../infra/local/journal/journal';

const MEGABYTE = 1_024 * 1_024;
const CAPACITY = 100_000;
const MAX_BYTES = 512 * MEGABYTE;
/** Beside what is counted: the map, its keys, and what the collector has not taken yet. */
const TOLERANCE = 1.25;

const STEPS = [
  'On the queue',
  'POST /v1/batch',
  'Taken from the queue',
  'POST /api/v2/batch: answered 200',
  'Delivered to Customer.io',
];
const ANSWER = '{"success":true}';

/** One of its own for each event, as an SDK sends it that gathers none. */
const requestOf = (number: number): DoorRequest => ({
  method: 'POST',
  path: '/v1/batch',
  headers: Object.fromEntries(
    ['host', 'user-agent', 'content-type', 'accept', 'authorization', 'content-length'].map((name) => [
      name,
      `${name} of the request ${number}`,
    ]),
  ),
  keysIn: ['the Authorization header'],
  events: 1,
  status: 200,
  answer: ANSWER,
});

const fill = (journal: Journal, bytes: number): void => {
  for (let number = 0; number < CAPACITY; number += 1) {
    const raw = {
      type: 'track',
      userId: `u-${number}`,
      event: 'Order Completed',
      messageId: `m-${number}`,
      properties: { number, text: `${number} `.repeat(bytes).slice(0, bytes) },
    };
    const entry = journal.add(
      { door: 'queue', source: 'web', raw, messageId: raw.messageId },
      { fate: 'queued' },
      'On the queue',
    );
    journal.arrived(entry, { request: requestOf(number), sentAt: undefined }, raw);
    journal.onQueue(entry, { ...raw, receivedAt: '2026-11-28T12:00:00.000Z' });
    journal.mapped(entry, [JSON.stringify({ type: 'person', action: 'event', attributes: raw.properties })]);
    for (const step of STEPS) journal.step(entry, `${step} ${number}`, '', ANSWER);
    journal.settle(entry, { fate: 'delivered' }, 'Delivered to Customer.io');
  }
};

const heapMegabytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MEGABYTE;
};

const measure = async (name: string, bytes: number): Promise<void> => {
  const before = heapMegabytes();
  const journal = new Journal({ capacity: CAPACITY, maxBytes: MAX_BYTES });
  fill(journal, bytes);
  const taken = heapMegabytes() - before;
  const events = journal.list().length;
  const startedAt = performance.now();
  await journal.search(['nothing', 'is', 'like', 'this']);
  const ms = performance.now() - startedAt;
  journal.close();
  process.stdout.write(
    `${name}: ${events} events in ${Math.round(taken)} MB; a search takes ${Math.round(ms)} ms\n`,
  );
  if (taken * MEGABYTE > MAX_BYTES * TOLERANCE) process.exitCode = 1;
};

const main = async (): Promise<void> => {
  await measure('events of half a kilobyte', 500);
  await measure('events of a kilobyte', 1_000);
  await measure('events of 30 kilobytes', 30_000);
};

void main();
