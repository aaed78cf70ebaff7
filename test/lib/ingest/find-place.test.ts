import { findPlace } from '../../../lib/ingest/find-place';

const TRACK = { kind: 'found', route: { kind: 'event', type: 'track' }, parameters: {} };
const NOT_FOUND = { kind: 'not_found' };
const BASE_PATHS = ['/events/in', '/events'];

const find = (path: string, stage?: string, basePaths: readonly string[] = BASE_PATHS) =>
  findPlace('POST', path, stage, () => basePaths);

describe('the place of a path', () => {
  it.each([
    ['/v1/track', '$default', ''],
    ['/v1/track', undefined, ''],
    ['/v1/track', 'prod', ''],
    ['/prod/v1/track', 'prod', '/prod'],
    ['/events/v1/track', '$default', '/events'],
    ['/events/v1/track/', 'prod', '/events'],
    ['/prod/events/v1/track', 'prod', '/prod/events'],
    ['/events/in/v1/track', '$default', '/events/in'],
    // Of a host that ends with a slash, to which an SDK adds a path that begins with one.
    ['//v1/track', '$default', ''],
    ['/prod//v1/track//', 'prod', '/prod'],
    ['//events//v1/track', '$default', '/events'],
  ])('%s in stage %s is its route behind the prefix "%s"', (path, stage, prefix) => {
    expect(find(path, stage)).toEqual({ match: TRACK, prefix });
  });

  it.each([
    ['/product/v1/track', 'prod'],
    ['/prod/v1/track', '$default'],
    ['/events-of-another/v1/track', '$default'],
    ['/events/events/v1/track', '$default'],
    ['/other/v1/track', '$default'],
    ['/events/prod/v1/track', 'prod'],
  ])('%s in stage %s is none', (path, stage) => {
    expect(find(path, stage).match).toEqual(NOT_FOUND);
  });

  it.each(['/events', '/events/', '/prod', '/prod/', '/prod/events'])('%s is the root', (path) => {
    expect(find(path, 'prod').match).toEqual(findPlace('POST', '/', undefined, () => []).match);
  });

  it('that is a route as it stands is that route, though it begin like a base path', () => {
    expect(find('/v1/track', '$default', ['/v1'])).toEqual({ match: TRACK, prefix: '' });
    expect(find('/v1/v1/track', '$default', ['/v1'])).toEqual({ match: TRACK, prefix: '/v1' });
  });
});
