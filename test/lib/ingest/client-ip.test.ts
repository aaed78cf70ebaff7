import { clientIp } from '../../../lib/ingest/client-ip';
import { httpRequest } from '../../support/http-request';

const SOURCE_IP = '203.0.113.7';
const of = (headers: Readonly<Record<string, string>>) =>
  clientIp(httpRequest({ headers, sourceIp: SOURCE_IP }));

afterEach(() => {
  delete process.env['CLIENT_IP_HEADER'];
});

it('The address is that of whoever has connected, whatever headers say', () => {
  expect(of({ 'x-client-ip': '198.51.100.9', 'x-forwarded-for': '198.51.100.9' })).toBe(SOURCE_IP);
});

it.each([
  ['198.51.100.9', '198.51.100.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['10.0.0.1, 198.51.100.9', '198.51.100.9'],
  ['nonsense', undefined],
  ['', undefined],
])('Behind a proxy whose header is named, %p is %p', (value, expected) => {
  process.env['CLIENT_IP_HEADER'] = 'x-client-ip';

  expect(of({ 'x-client-ip': value })).toBe(expected);
});

it('A request that came around the proxy has no address, rather than the proxy’s', () => {
  process.env['CLIENT_IP_HEADER'] = 'x-client-ip';

  expect(of({})).toBeUndefined();
});

it('A header that cannot be one is a mistake in the settings', () => {
  process.env['CLIENT_IP_HEADER'] = 'X Client';

  expect(() => of({})).toThrow('CLIENT_IP_HEADER must be the name of a header in lower case');
});
