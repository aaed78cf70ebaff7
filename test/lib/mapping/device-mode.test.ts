// What the golden catalogue cannot show as files: that device mode takes nothing but what the browser delivered.

import fc from 'fast-check';
import type { JsonObject } from '../../../lib/json/json-object';
import { isDeliveredByBrowser, trackerTakes } from '../../../lib/mapping/device-mode';
import { translate } from '../../../lib/mapping/translate';
import { mappingSettings, segmentEvent } from '../../support/event-arbitrary';

const MARK = { bundled: ['Customer.io', 'Segment.io'], unbundled: [], bundledIds: [] };

describe('trackerTakes', () => {
  it.each<[string, JsonObject]>([
    ['an identify', { type: 'identify', userId: 'u1' }],
    ['an identify by number', { type: 'identify', userId: 7 }],
    [
      'an identify by email, which the tracker knows as an id',
      { type: 'identify', userId: 'ada@example.com' },
    ],
    ['a track', { type: 'track', event: 'Signed Up', userId: 'u1' }],
    ['a track of a visitor', { type: 'track', event: 'Signed Up' }],
    ['a track of a visitor whose id is empty', { type: 'track', event: 'Signed Up', userId: '' }],
    ['a track of a visitor whose id is null', { type: 'track', event: 'Signed Up', userId: null }],
    ['a page', { type: 'page' }],
    ['a group', { type: 'group', userId: 'u1', groupId: 'g1' }],
  ])('is true of %s', (_, event) => {
    expect(trackerTakes(event)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['an identify of nobody', { type: 'identify' }],
    ['an identify with a blank id', { type: 'identify', userId: ' ' }],
    ['an identify with an id that is none', { type: 'identify', userId: {} }],
    ['an identify by cio_id', { type: 'identify', userId: 'cio_0200' }],
    ['an identify with an id that is a bug', { type: 'identify', userId: 'undefined' }],
    ['a track with an id that is a bug', { type: 'track', event: 'Signed Up', userId: '[object Object]' }],
    ['a page with an id that is none', { type: 'page', userId: {} }],
    ['a track of a person known by cio_id', { type: 'track', event: 'Signed Up', userId: 'cio_0200' }],
    ['a track without a name', { type: 'track', event: ' ' }],
    ['a track whose name is no text', { type: 'track', event: 7 }],
    ['a group of nobody', { type: 'group', groupId: 'g1' }],
    ['a group without an id', { type: 'group', userId: 'u1' }],
    ['a screen', { type: 'screen', name: 'Main', userId: 'u1' }],
    ['an alias', { type: 'alias', userId: 'u1', previousId: 'u0' }],
    ['no event at all', {}],
  ])('is false of %s', (_, event) => {
    expect(trackerTakes(event)).toBe(false);
  });
});

describe('isDeliveredByBrowser', () => {
  it.each([undefined, null, [], 'Customer.io', {}, { bundled: 'Customer.io' }, { bundled: ['Segment.io'] }])(
    'is false when `_metadata` is %j',
    (metadata) => {
      expect(isDeliveredByBrowser({ type: 'page', _metadata: metadata })).toBe(false);
    },
  );

  it('is true of a marked event also where another plugin failed', () => {
    const metadata = { ...MARK, failedInitializations: ['Other'] };

    expect(isDeliveredByBrowser({ type: 'page', _metadata: metadata })).toBe(true);
  });
});

describe('device mode', () => {
  it('changes nothing for an event without a mark', () => {
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (event, settings) => {
        expect(translate(event, { ...settings, connectionMode: 'device' })).toEqual(
          translate(event, settings),
        );
      }),
    );
  });

  it('skips a marked event if and only if the tracker can have taken it', () => {
    fc.assert(
      fc.property(segmentEvent, mappingSettings, (event, settings) => {
        const marked = { ...event, integrations: {}, _metadata: MARK };
        const inDeviceMode = translate(marked, { ...settings, connectionMode: 'device' });

        if (trackerTakes(marked)) {
          expect(inDeviceMode).toEqual({ outcome: 'skipped', reason: 'delivered_by_browser' });
        } else {
          expect(inDeviceMode).toEqual(translate(marked, settings));
        }
      }),
    );
  });

  it('looks at `integrations` first', () => {
    const event = { type: 'page', _metadata: MARK, integrations: { 'Customer.io': false } };

    expect(
      translate(event, {
        workspaceIdentifiers: 'email_or_id',
        convertTimestamps: true,
        connectionMode: 'device',
      }),
    ).toEqual({ outcome: 'skipped', reason: 'integrations_disabled' });
  });
});
