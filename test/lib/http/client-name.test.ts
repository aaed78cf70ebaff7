import { clientName } from '../../../lib/http/client-name';

it.each([
  ['analytics-node-next/latest', 'analytics-node-next'],
  ['analytics-node/6.2.0', 'analytics-node'],
  ['analytics-go (version: 3.0.0)', 'analytics-go'],
  ['Mozilla/5.0 (X11; Linux x86_64) planted', 'browser'],
  ['planted/1.0', 'other'],
  ['', 'other'],
  [undefined, 'other'],
])('%s is said to be %s, and never more than that', (userAgent, name) => {
  expect(clientName(userAgent)).toBe(name);
});
