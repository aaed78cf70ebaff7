// What Try it offers to begin with: the repository's own examples, and one for each thing that keeps an event from
// Customer.io.

import alias from '../../../examples/alias.json';
import batch from '../../../examples/batch.json';
import deviceInstalled from '../../../examples/device-installed.json';
import deviceUninstalled from '../../../examples/device-uninstalled.json';
import group from '../../../examples/group.json';
import audience from '../../../examples/identify-audience.json';
import byEmail from '../../../examples/identify-by-email.json';
import byId from '../../../examples/identify-by-id.json';
import changeEmail from '../../../examples/identify-change-email.json';
import unsubscribe from '../../../examples/identify-unsubscribe.json';
import page from '../../../examples/page.json';
import screen from '../../../examples/screen.json';
import track from '../../../examples/track.json';
import anonymous from '../../../examples/track-anonymous.json';

export const EXAMPLES: Readonly<Record<string, unknown>> = {
  track,
  'track: anonymous': anonymous,
  identify: byId,
  'identify: by email': byEmail,
  'identify: another email': changeEmail,
  'identify: unsubscribe': unsubscribe,
  'identify: audience': audience,
  page,
  screen,
  group,
  alias,
  'device: installed': deviceInstalled,
  'device: uninstalled': deviceUninstalled,
  batch,
  'skipped: not for Customer.io': {
    type: 'track',
    userId: 'u-42',
    event: 'Internal Note',
    integrations: { 'Customer.io': false },
  },
  'rejected: nobody': { type: 'track', event: 'Signed Up' },
  'rejected: id that is a bug': { type: 'identify', userId: 'undefined', traits: { plan: 'pro' } },
  'rejected: no name': { type: 'track', userId: 'u-42' },
  'refused by Customer.io: value too long': {
    type: 'identify',
    userId: 'u-42',
    traits: { bio: 'x'.repeat(1_200) },
  },
};
