// The script that browsers get, against the source it was built from.

import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { buildPluginModule, SCRIPT_MODULE } from '../../../../infra/build/build-plugin';
import type { Plugin, PluginSettings } from '../../../../lib/ingest/customerio-plugin/analytics';
import { CUSTOMERIO_PLUGIN_SCRIPT } from '../../../../lib/ingest/customerio-plugin/script';

it('is what `npm run build:plugin` makes of the source', async () => {
  expect(readFileSync(SCRIPT_MODULE, 'utf8')).toBe(await buildPluginModule());
});

it('is small', () => {
  expect(CUSTOMERIO_PLUGIN_SCRIPT.length).toBeLessThan(9_500);
});

it('leaves the factory of the plugins on the window, and nothing else', () => {
  const window: { cioRelayDeviceMode?: (settings: PluginSettings) => Plugin[] } = {};

  runInNewContext(CUSTOMERIO_PLUGIN_SCRIPT, { window });

  expect(Object.keys(window)).toEqual(['cioRelayDeviceMode']);
  const plugins = window.cioRelayDeviceMode?.({
    siteId: 's',
    scriptUrl: 'u',
    convertTimestamps: true,
    integrationNames: [],
  });
  expect(plugins?.map(({ name, type }) => [name, type])).toEqual([
    ['Customer.io', 'enrichment'],
    ['Customer.io', 'destination'],
  ]);
});

it('does so from its source as well', async () => {
  const page = {};
  Object.assign(globalThis, { window: page });
  try {
    await import('../../../../lib/ingest/customerio-plugin/main');
  } finally {
    Reflect.deleteProperty(globalThis, 'window');
  }

  expect(page).toEqual({ cioRelayDeviceMode: expect.any(Function) });
});
