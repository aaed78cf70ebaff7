// The real server SDKs for Node, against `npm start`: each makes its seven calls, and each of them is in the
// sandbox as Customer.io shows it.

import { NODE_CLIENTS } from '../support/node-clients';
import { startFreshStack } from '../support/running-stack';
import { readActivities, resetSandbox } from '../support/sandbox-client';
import { until } from '../support/until';

let stack: Awaited<ReturnType<typeof startFreshStack>>;

beforeAll(async () => {
  stack = await startFreshStack();
});

afterAll(() => stack?.stop());

beforeEach(() => resetSandbox(stack.sandboxUrl));

const PERSON = { cio_id: expect.any(String), id: 'user-1', email: 'ada@example.com' };
const VISITOR = { anonymous_id: 'anonymous-1' };
const COMPANY = { object_type_id: '1', object_id: 'group-1', cio_object_id: expect.any(String) };
const TRAITS = { email: 'ada@example.com', plan: 'pro', visits: 3 };

const entry = (type: string, name: string, identifiers: object, attributes: object = {}) =>
  expect.objectContaining({
    activity_type: type,
    activity_name: name,
    identifiers,
    attributes,
    timestamp: expect.any(Number),
  });

const EXPECTED = [
  entry('Person Created', '', PERSON),
  entry('Attribute Change', 'email, plan, visits', PERSON, TRAITS),
  entry('event', 'Order Completed', PERSON, { total: 12.5, coupon: null, ordered: 0 }),
  entry('event', 'Grüße 🎉', VISITOR),
  // Some SDKs put the category among the properties.
  entry('Page View', 'Home', PERSON, expect.objectContaining({ url: 'https://example.com/' })),
  entry('event', 'Viewed Main Screen', VISITOR, { variant: 1 }),
  entry('Object Created', '', COMPANY),
  entry('Object Attribute Change', 'name', COMPANY, { name: 'Acme' }),
  entry('Relationship Added', 'group-1', PERSON),
  // Customer.io knows no person with that id, so that there is nobody to merge.
  entry('Skipped Update', 'merge', PERSON, { secondary: { id: 'anonymous-1' } }),
];

it.each(Object.entries(NODE_CLIENTS))('All seven calls of %s arrive', async (_, makeAllCalls) => {
  await makeAllCalls(stack.url, 'local');

  await until(async () => (await readActivities(stack.sandboxUrl)).length >= EXPECTED.length);
  const activities = await readActivities(stack.sandboxUrl);
  expect(activities).toHaveLength(EXPECTED.length);
  expect(activities).toEqual(expect.arrayContaining(EXPECTED));
});
