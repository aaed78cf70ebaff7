import { basePaths, publicApiHost } from '../../../lib/config/environment';

it.each([
  'https://events.example.com',
  'events example.com',
  'events.example.com?x',
  'events.example.com:port',
])('PUBLIC_API_HOST %j is refused, and the message says what it must be', (value) => {
  expect(() => publicApiHost({ PUBLIC_API_HOST: value })).toThrow(
    'PUBLIC_API_HOST must be a host, like `events.example.com`, without a scheme.',
  );
});

it('Slashes at the end of PUBLIC_API_HOST are no part of it', () => {
  expect(publicApiHost({ PUBLIC_API_HOST: 'events.example.com/segment//' })).toBe(
    'events.example.com/segment',
  );
});

it('The paths that may stand before those of the API are asked for longest first', () => {
  const env = { BASE_PATH: 'a', PUBLIC_API_HOST: 'events.example.com/longer/path' };

  expect(basePaths(env)).toEqual(['/longer/path', '/a']);
  expect(basePaths({})).toEqual([]);
});
