// The way out: Customer.io reports what became of its messages, and Segment gets that as events. Sent by the
// sandbox as a signed webhook, read from the receiver that stands in for Segment.

import { type Ports, sandboxUrl, segmentUrl } from '../local/addresses';

export interface ForwardedEvent {
  readonly messageId: string;
  readonly event: string;
  readonly userId?: string;
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const REPORTED: readonly (readonly [objectType: string, metric: string])[] = [
  ['email', 'sent'],
  ['email', 'delivered'],
  ['email', 'opened'],
  ['email', 'clicked'],
  ['push', 'sent'],
  ['customer', 'unsubscribed'],
];

/** Resolves to the ids of the webhooks, which become the events' `messageId`. */
export const reportActivity = async (
  ports: Ports,
  identifiers: Readonly<Record<string, string>>,
): Promise<string[]> => {
  const emissions = REPORTED.map(([object_type, metric]) => ({ object_type, metric, identifiers }));
  const response = await fetch(`${sandboxUrl(ports)}/sandbox/emit`, {
    method: 'POST',
    body: JSON.stringify(emissions),
  });
  if (!response.ok) throw new Error(`The sandbox did not report activity: ${await response.text()}`);
  return ((await response.json()) as { event_ids: string[] }).event_ids;
};

/** The forwarded events of these ids, in the order of the webhooks. */
export const readForwarded = async (ports: Ports, ids: readonly string[]): Promise<ForwardedEvent[]> => {
  const response = await fetch(`${segmentUrl(ports)}/events`);
  const { events } = (await response.json()) as { events: ForwardedEvent[] };
  return ids.flatMap((id) => events.filter(({ messageId }) => messageId === id));
};
