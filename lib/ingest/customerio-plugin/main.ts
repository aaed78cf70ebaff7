// The plugin as browsers get it: bundled into script.ts by `npm run build:plugin`, and served from there.

import type { PageWindow, Plugin, PluginSettings } from './analytics';
import { createPlugins } from './plugins';

type Factory = (settings: PluginSettings) => Plugin[];

declare const window: PageWindow & { cioRelayDeviceMode?: Factory };

window.cioRelayDeviceMode = (settings) => createPlugins(settings, window);
