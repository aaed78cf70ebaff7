// `npm run demo`: a customer's first days, told by the real Segment SDK to the local stack, and what Customer.io
// would show afterwards; with `-- --activity` the way out as well. Fails when any of it does not arrive. Starts
// the stack itself when none is running.

import { setTimeout as delay } from 'node:timers/promises';
import { endpointUrl, readPorts, sandboxUrl } from '../local/addresses';
import { readOptions } from '../local/options';
import { isStackUp, startStackProcess } from '../local/stack-process';
import { missingFrom, playJourney } from './journey';
import { readForwarded, reportActivity } from './report-activity';
import { type Customer, readCustomer } from './sandbox-client';
import { printActivities, printForwarded, printPeople } from './tables';

const ARRIVAL_TIMEOUT_MS = 20_000;
const POLL_MS = 200;

const ports = readPorts();
const options = readOptions(process.argv.slice(2), {
  command: 'npm run demo',
  summary: 'Plays a customer’s first days into the local stack, and shows what came of it.',
  options: { '--activity': 'the way out too: emails and a push, reported to Segment' },
});

const run = async (): Promise<void> => {
  if (options === undefined) return;
  if (await isStackUp(ports)) return demo(`More of it: ${sandboxUrl(ports)}/sandbox/activity`);
  console.log('No local stack is running; starting one for the demo.');
  const stack = await startStackProcess();
  try {
    await demo('The stack of the demo ends with it; `npm start` runs one that stays.');
  } finally {
    await stack.stop();
  }
};

/** @param next where to look, which only a stack that goes on has. */
const demo = async (next: string): Promise<void> => {
  const customer = await wayIn();
  if (options?.includes('--activity')) await wayOut(customer);
  console.log(`\nEverything arrived. ${next}`);
};

const wayIn = async (): Promise<Customer> => {
  const userId = `ada-${Date.now().toString(36)}`;
  console.log(`Playing the first days of ${userId} into ${endpointUrl(ports)} …`);
  await playJourney(endpointUrl(ports), userId);
  const customer = await poll(
    () => readCustomer(ports, userId),
    (one) => missingFrom(one).length === 0,
  );
  printActivities(customer.activities);
  printPeople(customer.people);
  requireAll(missingFrom(customer));
  return customer;
};

const wayOut = async ({ people }: Customer): Promise<void> => {
  const ids = await reportActivity(ports, people[0]?.identifiers ?? {});
  const events = await poll(
    () => readForwarded(ports, ids),
    ({ length }) => length === ids.length,
  );
  printForwarded(events);
  requireAll(ids.filter((id) => !events.some(({ messageId }) => messageId === id)));
};

/** The last that was read: complete, or what there is when time is up. */
const poll = async <T>(read: () => Promise<T>, isComplete: (value: T) => boolean): Promise<T> => {
  const deadline = Date.now() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    const value = await read();
    if (isComplete(value) || Date.now() > deadline) return value;
    await delay(POLL_MS);
  }
};

const requireAll = (missing: readonly string[]): void => {
  if (missing.length === 0) return;
  throw new Error(`Not there after ${ARRIVAL_TIMEOUT_MS / 1_000} s: ${missing.join(', ')}.`);
};

run().catch((error: Error) => {
  console.error(`\nThe demo failed. ${error.message}`);
  process.exitCode = 1;
});
