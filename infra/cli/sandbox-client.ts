// What the sandbox shows of one customer.

import { type Ports, sandboxUrl } from '../local/addresses';
import type { Activity } from '../local/sandbox/activity-log';

export interface ShownPerson {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly devices: readonly { readonly token: string }[];
}

export interface Customer {
  /** Oldest first, by the time of what happened. */
  readonly activities: readonly Activity[];
  readonly people: readonly ShownPerson[];
}

/** `key` is a part of every identifier that the customer and what belongs to the customer have. */
export const readCustomer = async (ports: Ports, key: string): Promise<Customer> => {
  const [{ activities }, { people }] = await Promise.all([
    read<{ activities: Activity[] }>(`${sandboxUrl(ports)}/sandbox/activity`),
    read<{ people: ShownPerson[] }>(`${sandboxUrl(ports)}/sandbox/people`),
  ]);
  const isTheirs = ({ identifiers }: { identifiers: Readonly<Record<string, string>> }): boolean =>
    Object.values(identifiers).some((value) => value.includes(key));
  return {
    // The sandbox answers with the newest first; within a second the order of arrival stays.
    activities: activities
      .filter(isTheirs)
      .toReversed()
      .toSorted((a, b) => a.timestamp - b.timestamp),
    people: people.filter(isTheirs),
  };
};

const read = async <T>(url: string): Promise<T> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${url}.`);
  return (await response.json()) as T;
};
