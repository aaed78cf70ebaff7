import { prepareForCustomerIo } from '../../../../lib/destinations/customerio/prepare';
import { parseSources } from '../../../support/sources';

const [source] = parseSources(JSON.stringify([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'a' }]));
if (source === undefined) throw new Error('There is no source.');
const identify = (traits: object) =>
  prepareForCustomerIo({ type: 'identify', userId: 'u1', timestamp: '2026-01-01T00:00:00Z', traits }, source);

it('Attributes that Customer.io would refuse are counted, whatever they are called', () => {
  const prepared = identify({ plan: 'pro', bio: 'x'.repeat(1_001), ['y'.repeat(151)]: 1 });

  expect(prepared).toMatchObject({ kind: 'items', adjustedAttributes: 2 });
  const [item] = prepared.kind === 'items' ? prepared.items : [];
  expect(JSON.parse(String(item?.json))).toMatchObject({ attributes: { plan: 'pro' } });
});

it('Where all of them fit, there is nothing to count', () => {
  expect(identify({ plan: 'pro' })).not.toHaveProperty('adjustedAttributes');
});
