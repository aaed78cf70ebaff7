// The consumer's memory: what is promised to fit beside the runtime in the function's 512 MB.

import { fullPayload, MAX_PAYLOAD_BYTES, measureMemory } from '../chaos/memory';
import { openWorld, type World } from '../chaos/world';

const TIMEOUT_MS = 120_000;
const EVENTS = 10_000;
const MB = 1_024 * 1_024;
const PROMISED_BYTES = 256 * MB;

const track = (number: number, text: string): object => ({
  type: 'track',
  messageId: `memory-${number}`,
  userId: `user-${number % 2_000}`,
  timestamp: '2025-06-01T10:00:00.000Z',
  event: 'Order Completed',
  properties: {
    total: number,
    ordered_at: '2025-06-01T09:59:58.123Z',
    items: [{ sku: 'a-1' }, { sku: 'b-2' }],
    text,
  },
});

let world: World;

beforeEach(async () => {
  world = await openWorld({ requestsPerSecond: 100, consumers: 1 });
});
afterEach(() => world.close());

const measure = async (eventOf: typeof track) => {
  const event = fullPayload(EVENTS, eventOf);
  const bytes = JSON.stringify(event).length;
  expect(bytes).toBeGreaterThan(MAX_PAYLOAD_BYTES - EVENTS);
  expect(bytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  return measureMemory(event, world.environment({}));
};

describe('an invocation of 6 MB and 10,000 events stays within 256 MB above the runtime', () => {
  const print = (title: string, { aboveIdleBytes, idleBytes }: Awaited<ReturnType<typeof measure>>): void => {
    const [above, idle] = [aboveIdleBytes, idleBytes].map((bytes) => (bytes / MB).toFixed(0));
    process.stdout.write(`  memory, ${title}: ${above} MB above the ${idle} MB of a process at rest\n`);
  };

  it(
    'when all are delivered',
    async () => {
      const measured = await measure(track);

      print('all delivered', measured);
      expect(world.sandbox.workspace.counts.accepted).toBe(EVENTS);
      expect(measured.returned).toBe(0);
      expect(measured.aboveIdleBytes).toBeLessThan(PROMISED_BYTES);
    },
    TIMEOUT_MS,
  );

  it(
    'when all are dead-lettered',
    async () => {
      const measured = await measure((number, text) => ({
        ...track(number, text),
        userId: `${'u'.repeat(150)}${number}`,
      }));

      print('all dead-lettered', measured);
      expect(world.sandbox.workspace.counts.rejected).toBe(EVENTS);
      expect(measured.returned).toBe(0);
      expect(measured.aboveIdleBytes).toBeLessThan(PROMISED_BYTES);
    },
    TIMEOUT_MS,
  );

  it(
    'when all must be tried again',
    async () => {
      world.sandbox.setFaults({ unavailable: true });

      const measured = await measure(track);

      print('all retried', measured);
      expect(measured.returned).toBe(EVENTS / 100);
      expect(measured.aboveIdleBytes).toBeLessThan(PROMISED_BYTES);
    },
    TIMEOUT_MS,
  );
});
