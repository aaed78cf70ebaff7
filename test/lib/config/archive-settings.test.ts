import { archiveStream } from '../../../lib/config/environment';
import { parseSources, parseWorkspaces } from '../../support/sources';

const SHOP = { name: 'shop', writeKey: 'w' };
const WORKSPACE = { siteId: 's', apiKey: 'a' };

const parse = (over: object) => parseSources(JSON.stringify([{ ...SHOP, ...WORKSPACE, ...over }]))[0];

it('Nothing is archived unless a source says so', () => {
  expect(parse({})).toMatchObject({ archive: 'none', archiveRequired: false });
});

it('What a source with several destinations says holds for each', () => {
  const destinations = ['eu', 'us'].map((name) => ({ ...WORKSPACE, name, siteId: name }));
  const source = { ...SHOP, archive: 'events', archiveRequired: true, destinations };

  expect(parseWorkspaces(JSON.stringify([source]))).toEqual(
    destinations.map(() => expect.objectContaining({ archive: 'events', archiveRequired: true })),
  );
});

it.each([
  [{ archive: 'hush' }, 'archive must be `none`, `outcomes` or `events`'],
  [{ archive: true }, 'archive must be `none`, `outcomes` or `events`'],
  [{ archive: 'events', archiveRequired: 'hush' }, 'archiveRequired must be true or false'],
  [{ archiveRequired: true }, 'archiveRequired needs `archive` to be `outcomes` or `events`'],
])('%j is a mistake that is named, and its value is not', (over, message) => {
  expect(() => parse(over)).toThrow(message);
  expect(() => parse(over)).not.toThrow('hush');
});

it('The stream is named by the stack, or there is none', () => {
  expect(archiveStream({})).toBeUndefined();
  expect(archiveStream({ ARCHIVE_STREAM: '' })).toBeUndefined();
  expect(archiveStream({ ARCHIVE_STREAM: 'cio-relay-prod-archive' })).toBe('cio-relay-prod-archive');
  expect(() => archiveStream({ ARCHIVE_STREAM: 'no stream' })).toThrow('ARCHIVE_STREAM must be the name');
});
