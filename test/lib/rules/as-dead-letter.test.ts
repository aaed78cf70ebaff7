import { asDeadLetter } from '../../../lib/rules/as-dead-letter';
import { parseWorkspaces } from '../../support/sources';

const privacy = { deny: ['pin'], ip: 'truncate', deadLetters: 'cleaned' };
const [source] = parseWorkspaces(
  JSON.stringify([{ name: 's', writeKey: 'w', siteId: 's', apiKey: 'k', privacy }]),
).slice(0, 1);

it.each([
  ['{"pin":1,"n":12345678901234567890,"x":1.0}', '{"n":12345678901234567890,"x":1.0}'],
  [
    '[{"n":1.50}, {"ip":"192.0.2.77","n":9007199254740993}]',
    '[{"n":1.50},{"ip":"192.0.2.0","n":9007199254740993}]',
  ],
  ['{ "n": 1.0 }', '{ "n": 1.0 }'],
])('Of %s all that may stay stays to the last digit', (body, left) => {
  expect(source && asDeadLetter(body, source)).toBe(left);
});
