import type { EventType } from '../../../lib/event/event';
import { findRoute, type Route } from '../../../lib/ingest/routes';

const found = (route: Route, parameters = {}) => ({ kind: 'found', route, parameters });

describe('findRoute', () => {
  it.each<[string, EventType]>([
    ['/v1/identify', 'identify'],
    ['/v1/i', 'identify'],
    ['/v1/track', 'track'],
    ['/v1/t', 'track'],
    ['/v1/page', 'page'],
    ['/v1/p', 'page'],
    ['/v1/screen', 'screen'],
    ['/v1/s', 'screen'],
    ['/v1/group', 'group'],
    ['/v1/g', 'group'],
    ['/v1/alias', 'alias'],
    ['/v1/a', 'alias'],
  ])('takes one event at %s, with or without a slash at its end', (path, type) => {
    expect(findRoute('POST', path)).toEqual(found({ kind: 'event', type }));
    expect(findRoute('POST', `${path}/`)).toEqual(found({ kind: 'event', type }));
  });

  it.each(['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch', '/v1', '/b', '/batch'])(
    'takes a batch at %s',
    (path) => {
      expect(findRoute('POST', path)).toEqual(found({ kind: 'batch' }));
      expect(findRoute('POST', `${path}/`)).toEqual(found({ kind: 'batch' }));
    },
  );

  it('takes a batch at the root', () => {
    expect(findRoute('POST', '/')).toEqual(found({ kind: 'batch' }));
  });

  it.each(['GET', 'HEAD'])('takes %s of a pixel', (method) => {
    expect(findRoute(method, '/v1/pixel/track')).toEqual(
      found({ kind: 'event', type: 'track', isPixel: true }),
    );
    expect(findRoute(method, '/v1/pixel/unknown')).toEqual(
      found({ kind: 'event', type: undefined, isPixel: true }, { type: 'unknown' }),
    );
  });

  it('takes telemetry, to discard it', () => {
    expect(findRoute('POST', '/v1/m')).toEqual(found({ kind: 'telemetry' }));
  });

  it.each(['GET', 'HEAD'])('answers %s for the documents', (method) => {
    expect(findRoute(method, '/health')).toEqual(found({ kind: 'health' }));
    expect(findRoute(method, '/v1/projects/key/settings')).toEqual(
      found({ kind: 'settings' }, { writeKey: 'key' }),
    );
    expect(findRoute(method, '/sourceConfig/')).toEqual(found({ kind: 'source_config' }));
    for (const script of ['analytics.js', 'analytics.min.js', 'platform/analytics.js']) {
      expect(findRoute(method, `/analytics.js/v1/key/${script}`)).toEqual(
        found({ kind: 'analytics_js' }, { writeKey: 'key' }),
      );
    }
    expect(findRoute(method, '/analytics-next/bundles/ajs-destination.bundle.40628baed7.js')).toEqual(
      found({ kind: 'analytics_js_chunk' }, { file: 'ajs-destination.bundle.40628baed7.js' }),
    );
    expect(findRoute(method, '/analytics-next/plugins/customerio.js')).toEqual(
      found({ kind: 'customerio_plugin' }),
    );
  });

  it('decodes the write key of a path, and takes a badly encoded one literally', () => {
    expect(findRoute('GET', '/v1/projects/a%20b/settings')).toMatchObject({
      parameters: { writeKey: 'a b' },
    });
    expect(findRoute('GET', '/v1/projects/%E0%A4%A/settings')).toMatchObject({
      parameters: { writeKey: '%E0%A4%A' },
    });
  });

  it('answers OPTIONS for every path', () => {
    expect(findRoute('OPTIONS', '/v1/t')).toEqual({ kind: 'preflight' });
    expect(findRoute('OPTIONS', '/nowhere')).toEqual({ kind: 'preflight' });
  });

  it('names the methods of a path that has others', () => {
    expect(findRoute('GET', '/v1/batch')).toEqual({ kind: 'method_not_allowed', allow: 'POST, OPTIONS' });
    expect(findRoute('DELETE', '/health')).toEqual({
      kind: 'method_not_allowed',
      allow: 'GET, HEAD, OPTIONS',
    });
  });

  it.each([
    '',
    '/v1/unknown',
    '/v1/pixel',
    '/v1/pixel/',
    '/v1/track//',
    '/v2/track',
    '/v1/Track',
    '/prefix/v1/track',
    '/analytics-next/bundles/../../package.json',
    '/analyticsXjs/v1/key/analytics.js',
    '/v1/projects//settings',
    '/constructor',
    '/__proto__',
  ])('knows nothing at "%s"', (path) => {
    expect(findRoute('POST', path)).toEqual({ kind: 'not_found' });
  });
});
